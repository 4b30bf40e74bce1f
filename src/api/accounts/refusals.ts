import { HttpProblem } from "../../errors.ts";
import { HASHING_RETRY_SECONDS } from "../../limits.ts";
import { throttled } from "../http/problem.ts";

/** Too many failed logins: come again later. */
export interface Throttled {
  readonly ok: false;
  readonly reason: "throttled";
  readonly retryAfterSeconds: number;
}

/** Too many passwords are being hashed in this isolate. */
export interface Busy {
  readonly ok: false;
  readonly reason: "busy";
}

/** A new password that breaks the rules. `code` is stable API, `message` is for people. */
export interface BadPassword {
  readonly ok: false;
  readonly reason: "bad_password";
  readonly code: string;
  readonly message: string;
}

/** @param pointer of the new password in the body */
export function problemOf(refusal: Throttled | Busy | BadPassword, pointer: string): HttpProblem {
  switch (refusal.reason) {
    case "throttled":
      return throttled(refusal.retryAfterSeconds);
    case "busy":
      return new HttpProblem("unavailable", { headers: { "Retry-After": String(HASHING_RETRY_SECONDS) } });
    case "bad_password": {
      const { code, message } = refusal;
      return new HttpProblem("invalid", { errors: [{ pointer, code, message }] });
    }
  }
}

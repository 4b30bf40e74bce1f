import { HttpProblem } from "../../errors.ts";

/** @param seconds after which the caller may come again */
export const throttled = (seconds: number): HttpProblem =>
  new HttpProblem("throttled", { headers: { "Retry-After": String(seconds) } });

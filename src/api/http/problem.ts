import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HttpProblem, problemDocument } from "../../errors.ts";
import { FAULTS_MAX } from "../../limits.ts";
import type { AppEnv } from "../services.ts";
import { faultsOf, problemSchema } from "./schemas.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** A problem that a route may answer, for its `responses`. */
export const problem = (description: string) => ({
  description,
  content: { [PROBLEM_TYPE]: { schema: problemSchema } },
});

/** The answer that tells of a problem. */
export function answerProblem(c: Context<AppEnv>, problem: HttpProblem): Response {
  const document = problemDocument(problem, c.get("requestId"));
  return c.body(JSON.stringify(document), document.status, {
    // Every 401 must name a way to authenticate (RFC 9110, section 15.5.2), that of the token endpoint too.
    ...(document.status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
    ...problem.options.headers,
    "Content-Type": PROBLEM_TYPE,
  });
}

/** What a schema refuses, with a pointer to every fault, up to `FAULTS_MAX`. */
export const invalidInput = (error: z.ZodError): HttpProblem =>
  new HttpProblem("invalid", faultsOf(error, FAULTS_MAX));

/** A 429. @param seconds until the caller may try again, for Retry-After */
export const throttled = (seconds: number): HttpProblem =>
  new HttpProblem("throttled", { headers: { "Retry-After": String(seconds) } });

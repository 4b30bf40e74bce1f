/** Requests that depend on a resource's revision (RFC 9110, section 13): its ETag is the revision in quotes. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HttpProblem } from "../../errors.ts";
import type { AppEnv } from "../services.ts";

const REVISION = /^"(\d{1,9})"$/;

export const etagOf = (revision: number): string => `"${revision}"`;

/** The headers of a route that changes what somebody has read before. */
export const ifMatch = z.object({
  "if-match": z.string().optional().openapi({ description: "The ETag of the resource as last read" }),
});

/**
 * The revision named by If-Match.
 * @throws HttpProblem 428 without the header, 412 when it names none of ours
 */
export function requiredRevision(c: Context<AppEnv>): number {
  const revision = optionalRevision(c);
  if (revision === undefined) throw new HttpProblem("precondition_required");
  return revision;
}

/**
 * The revision named by If-Match, undefined without the header.
 * @throws HttpProblem 412 when it names none of ours
 */
export function optionalRevision(c: Context<AppEnv>): number | undefined {
  const header = c.req.header("If-Match");
  if (header === undefined) return undefined;
  const revision = REVISION.exec(header)?.[1];
  if (revision === undefined) throw new HttpProblem("precondition_failed");
  return Number(revision);
}

import { createRoute, type Hook, OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HttpProblem } from "../errors.ts";
import type { Actor } from "../storage/audit.ts";
import { ACCESS, ANALYSIS, INGESTION, type RouteKey } from "./access.ts";
import { clientAddress } from "./http/client-address.ts";
import { fieldErrors, problemSchema } from "./http/schemas.ts";
import { anonymous, authenticate, type SessionCheck } from "./middleware/authenticate.ts";
import { limitAnalysis, limitKey } from "./middleware/limit-rate.ts";
import { readBody } from "./middleware/read-body.ts";
import { shedDatabase, shedIngestion } from "./middleware/shed-load.ts";
import type { AppEnv } from "./services.ts";

/** A group of routes whose invalid input answers 422 with a pointer to every fault. */
export function routes(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({ strict: true, defaultHook: refuseInvalid });
}

const refuseInvalid: Hook<unknown, AppEnv, string, unknown> = (result) => {
  if (!result.success) throw new HttpProblem("invalid", { errors: fieldErrors(result.error) });
};

/**
 * A route as OpenAPI describes it, with what every route needs put in front of its handler, in this order: room
 * for it, who may call it (the table in access.ts), a body within the limits, valid input.
 * @throws when the table does not say who may call it: the Worker then does not start
 */
export function route<const Path extends string, const Config extends Omit<RouteConfig, "path" | "security">>(
  config: Config & { path: Path },
) {
  const method = config.method.toUpperCase();
  const key = `${method} ${config.path}` as RouteKey;
  const access = ACCESS[key];
  if (access === undefined) throw new Error(`access.ts does not say who may call ${key}`);
  const open = access === "anyone";
  const check: SessionCheck = key === INGESTION ? "if_possible" : method === "GET" ? "recently" : "now";
  // All but ingestion ask for the caller's session or key at least. What anybody may read needs no database, or tells
  // of it (/health/ready), and is never sent away.
  const asksDatabase = key !== INGESTION && !(open && method === "GET");
  const body = config.request?.body;
  const mediaTypes = Object.keys(body?.content ?? {});
  return createRoute({
    ...config,
    security: open ? [] : [{ bearer: [] }],
    middleware: [
      ...(asksDatabase && !open ? [shedDatabase] : []),
      open ? anonymous : authenticate(access, check),
      ...(key === INGESTION ? [limitKey, shedIngestion] : []),
      ...(key === ANALYSIS ? [limitAnalysis] : []),
      ...(mediaTypes.length === 0 ? [] : [readBody(mediaTypes, body?.required ?? false)]),
      // Not before: a body that anybody may send slowly is to hold nobody else up.
      ...(asksDatabase && open ? [shedDatabase] : []),
    ] as const,
    responses: {
      ...usualResponses(config, open, mediaTypes.length > 0),
      ...config.responses,
    } as Config["responses"],
  });
}

/** A problem that a route may answer, for its `responses`. */
export const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: problemSchema } },
});

/** What any route of this kind may answer beside its own. */
function usualResponses({ method, path, request }: RouteConfig, open: boolean, hasBody: boolean) {
  const hasParameter = path.includes("{");
  const isConditional = request?.headers === ifMatch;
  return {
    ...(method === "get" ? { 304: { description: "If-None-Match names what would be answered" } } : {}),
    ...(open
      ? { 403: problem("HTTPS is required") }
      : {
          401: problem("No valid credentials"),
          403: problem("The credentials do not allow this, or HTTPS is required"),
        }),
    ...(hasParameter ? { 404: problem("There is no such thing") } : {}),
    ...(hasBody
      ? {
          400: problem("The body cannot be read"),
          413: problem("The body is too large"),
          415: problem("The content type is not supported"),
        }
      : {}),
    ...(isConditional ? { 412: problem("It has changed since it was read") } : {}),
    ...(isConditional && method === "patch" ? { 428: problem("If-Match is required") } : {}),
    ...(open && !hasBody && !hasParameter ? {} : { 422: problem("The request is well-formed but invalid") }),
    429: problem("Too many requests: come again after Retry-After"),
    500: problem("Something went wrong on our side"),
    503: problem("The service cannot answer right now"),
  };
}

/** The caller as the audit names it. Only for routes that do not let anonymous callers in. */
export function actorOf(c: Context<AppEnv>): Actor {
  const { caller, requestId } = c.var;
  if (caller.kind === "anonymous") throw new Error("an anonymous caller changes nothing");
  const type = caller.kind === "user" ? "user" : "api_key";
  return { type, id: caller.id, requestId, addressPrefix: clientAddress(c)?.prefix };
}

const REVISION = /^"(\d{1,9})"$/;
export const etagOf = (revision: number): string => `"${revision}"`;

/**
 * The revision named by If-Match.
 * @throws HttpProblem 428 without the header, 412 when it names none of ours
 */
export function requiredRevision(c: Context<AppEnv>): number {
  const revision = optionalRevision(c);
  if (revision === undefined) throw new HttpProblem("precondition_required");
  return revision;
}

export function optionalRevision(c: Context<AppEnv>): number | undefined {
  const header = c.req.header("If-Match");
  if (header === undefined) return undefined;
  const revision = REVISION.exec(header)?.[1];
  if (revision === undefined) throw new HttpProblem("precondition_failed");
  return Number(revision);
}

export const ifMatch = z.object({
  "if-match": z.string().optional().openapi({ description: "The ETag of the resource as last read" }),
});

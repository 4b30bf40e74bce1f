import { createRoute, OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { HttpProblem } from "../errors.ts";
import type { Sender } from "../messages.ts";
import type { Actor } from "../storage/audit.ts";
import { ACCESS, ANALYSIS, INGESTION, type RouteKey } from "./access.ts";
import { clientAddress } from "./http/client-address.ts";
import { ifMatch } from "./http/conditional.ts";
import { invalidInput, problem } from "./http/problem.ts";
import { anonymous, authenticate, type SessionCheck } from "./middleware/authenticate.ts";
import { inOrder } from "./middleware/check.ts";
import { conditionalGet } from "./middleware/conditional-get.ts";
import { limitAnalysis, limitKey } from "./middleware/limit-rate.ts";
import { readBody } from "./middleware/read-body.ts";
import { shedDatabase, shedIngestion } from "./middleware/shed-load.ts";
import type { AppEnv } from "./services.ts";

/** A group of routes whose invalid input answers 422 with a pointer to every fault. */
export const routes = (): OpenAPIHono<AppEnv> => new Routes();

class Routes extends OpenAPIHono<AppEnv> {
  constructor() {
    super({
      strict: true,
      defaultHook: (result) => {
        if (!result.success) throw invalidInput(result.error);
      },
    });
    const add = this.openapi as unknown as Add;
    const describe: Add = (route, ...handlers) => {
      const { middleware: _middleware, ...described } = route;
      this.openAPIRegistry.registerPath(described);
      // The body is described, and no more: zod-openapi would read and check what readBody has read and checked.
      const { body: _body, ...request } = route.request ?? {};
      return add({ ...route, request, hide: true }, ...handlers);
    };
    this.openapi = describe as unknown as typeof this.openapi;
  }
}

/** `openapi` without the types that follow from a route: its callers have them. */
type Add = (route: RouteConfig, ...handlers: readonly unknown[]) => OpenAPIHono<AppEnv>;

/**
 * A route as OpenAPI describes it, with what every route needs put in front of its handler, in this order: room
 * for it, who may call it (the table in access.ts), a body within the limits, valid input.
 * @param refuse what is answered to a body that its schema refuses, in place of 422 with a pointer to every fault
 * @throws when the table does not say who may call it: the Worker then does not start
 */
export function route<const Path extends string, const Config extends Omit<RouteConfig, "path" | "security">>(
  config: Config & { path: Path },
  refuse?: (content: unknown) => HttpProblem,
) {
  const method = config.method.toUpperCase();
  const key = `${method} ${config.path}` as RouteKey;
  const access = ACCESS[key];
  if (access === undefined) throw new Error(`access.ts does not say who may call ${key}`);
  const open = access === "anyone";
  const check: SessionCheck = key === INGESTION ? "if_possible" : method === "GET" ? "recently" : "now";
  // Every route but ingestion asks the database at least for the caller's session or key. What anybody may read either
  // needs no database or reports on it (/health/ready), and logins reserve a place for each of their queries.
  const asksDatabase = key !== INGESTION && !open;
  const body = config.request?.body;
  return createRoute({
    ...config,
    security: open ? [] : [{ bearer: [] }],
    middleware: [
      ...(method === "GET" ? [conditionalGet] : []),
      ...(asksDatabase ? [shedDatabase] : []),
      inOrder(
        open ? anonymous : authenticate(access, check),
        ...(key === INGESTION ? [limitKey] : []),
        ...(key === ANALYSIS ? [limitAnalysis] : []),
      ),
      ...(key === INGESTION ? [shedIngestion] : []),
      ...(body === undefined
        ? []
        : [inOrder(readBody({ schemas: schemasOf(body), required: body.required ?? false, refuse }))]),
    ] as const,
    responses: {
      ...usualResponses(config, open, body !== undefined),
      ...config.responses,
    } as Config["responses"],
  });
}

type Body = NonNullable<NonNullable<RouteConfig["request"]>["body"]>;

/** By media type. What is only described, by JSON Schema, is for the handler to check. */
const schemasOf = ({ content }: Body): ReadonlyMap<string, z.ZodType | undefined> =>
  new Map(
    Object.entries(content).map(([type, described]) => {
      const schema = described !== undefined && "schema" in described ? described.schema : undefined;
      return [type, schema instanceof z.ZodType ? schema : undefined];
    }),
  );

/** Answers that any route of this kind may give, in addition to its own. */
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

/**
 * The caller as the audit names it.
 * @throws Error for an anonymous caller: only for routes that let none in
 */
export function actorOf(c: Context<AppEnv>): Actor {
  const { kind: type, id } = senderOf(c);
  return { type, id, requestId: c.var.requestId, addressPrefix: clientAddress(c)?.prefix };
}

/** The caller as it is kept with the events that it posts. Likewise. */
export function senderOf(c: Context<AppEnv>): Sender {
  const { caller } = c.var;
  if (caller.kind === "anonymous") throw new Error("an anonymous caller changes nothing");
  return { kind: caller.kind === "user" ? "user" : "api_key", id: caller.id };
}

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { etag, RETAINED_304_HEADERS } from "hono/etag";
import { methodNotAllowed } from "hono/method-not-allowed";
import { HttpProblem, problemDocument } from "../errors.ts";
import { failureCode, failureOf } from "../storage/core/failure.ts";
import { describeError, log } from "../telemetry/log.ts";
import { accessLog } from "./middleware/access-log.ts";
import { CROSS_ORIGIN_HEADERS, crossOrigin } from "./middleware/cross-origin.ts";
import { limitAddress } from "./middleware/limit-rate.ts";
import { measure } from "./middleware/measure.ts";
import { requestId } from "./middleware/request-id.ts";
import { SECURITY_HEADERS, securityHeaders } from "./middleware/security-headers.ts";
import { transport } from "./middleware/transport.ts";
import { openApiDocument } from "./openapi.ts";
import { analysis } from "./routes/analysis.ts";
import { apiKeys } from "./routes/api-keys.ts";
import { audit } from "./routes/audit.ts";
import { auth } from "./routes/auth.ts";
import { campaigns } from "./routes/campaigns.ts";
import { deadLetters } from "./routes/dead-letters.ts";
import { docs } from "./routes/docs.ts";
import { events } from "./routes/events.ts";
import { health } from "./routes/health.ts";
import { matches } from "./routes/matches.ts";
import { metrics } from "./routes/metrics.ts";
import { rules } from "./routes/rules.ts";
import { subjects } from "./routes/subjects.ts";
import { users } from "./routes/users.ts";
import type { AppEnv } from "./services.ts";

const UNAVAILABLE_RETRY_SECONDS = "5";

/** The whole API: what every request passes through, in order, then the routes. */
export function createApp(): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ strict: true });
  app.use(requestId);
  app.use(accessLog);
  app.use(measure);
  app.use(securityHeaders);
  app.use(transport);
  app.use(limitAddress);
  app.use(crossOrigin);
  app.use(etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...CROSS_ORIGIN_HEADERS] }));
  app.use(
    methodNotAllowed<AppEnv>({
      app,
      onMethodNotAllowed: (c, methods) =>
        answer(c, new HttpProblem("method_not_allowed", { headers: { Allow: methods.join(", ") } })),
    }),
  );
  for (const routes of [
    health,
    docs(() => openApiDocument(app)),
    auth,
    users,
    apiKeys,
    analysis,
    campaigns,
    rules,
    events,
    matches,
    deadLetters,
    subjects,
    audit,
    metrics,
  ]) {
    app.route("/", routes);
  }
  app.notFound((c) => answer(c, new HttpProblem("not_found")));
  app.onError((error, c) => answer(c, toProblem(error, c)));
  return app;
}

/** The one place where what went wrong becomes an answer. */
function toProblem(error: Error, c: Context<AppEnv>): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const failure = failureOf(error);
  if (failure.kind === "unavailable") {
    log("error", "database_unavailable", { request_id: c.var.requestId, failure: failure.code });
    return new HttpProblem("unavailable", { headers: { "Retry-After": UNAVAILABLE_RETRY_SECONDS } });
  }
  log("error", "unexpected_error", {
    request_id: c.var.requestId,
    ...describeError(error),
    reason: failureCode(failure),
  });
  return new HttpProblem("internal");
}

function answer(c: Context<AppEnv>, problem: HttpProblem): Response {
  const document = problemDocument(problem, c.var.requestId);
  return c.body(JSON.stringify(document), document.status, {
    // Every 401 has to say how to do better (RFC 9110, section 15.5.2), the token endpoint's too.
    ...(document.status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
    ...problem.options.headers,
    "Content-Type": "application/problem+json",
  });
}

/** What is answered while the environment is wrong: the log says what, the client learns nothing. */
export function misconfigured(): Response {
  const id = crypto.randomUUID();
  return Response.json(problemDocument(new HttpProblem("internal"), id), {
    status: 500,
    headers: { ...SECURITY_HEADERS, "Content-Type": "application/problem+json", "X-Request-Id": id },
  });
}

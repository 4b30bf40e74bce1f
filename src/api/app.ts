import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { HttpProblem, problemDocument, unavailable } from "../errors.ts";
import { failureCode, failureOf } from "../storage/core/failure.ts";
import { describeError, log } from "../telemetry/log.ts";
import { answerProblem, PROBLEM_TYPE } from "./http/problem.ts";
import { answerHeaders, SECURITY_HEADERS } from "./middleware/answer-headers.ts";
import { inOrder } from "./middleware/check.ts";
import { crossOrigin } from "./middleware/cross-origin.ts";
import { limitAddress } from "./middleware/limit-rate.ts";
import { record } from "./middleware/record.ts";
import { requireHttps } from "./middleware/require-https.ts";
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

/** The whole API: what every request passes through, in order, then the routes. */
export function createApp(): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ strict: true });
  app.use(answerHeaders);
  app.use(record);
  app.use(inOrder(requireHttps, limitAddress));
  app.use(crossOrigin);
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
  const checkMethod = methodNotAllowed<AppEnv>({
    app,
    onMethodNotAllowed: (c, methods) =>
      answerProblem(c, new HttpProblem("method_not_allowed", { headers: { Allow: methods.join(", ") } })),
  });
  // A middleware that only looks at what no route has answered: asked here, it is not in the way of what one has.
  app.notFound(async (c) => {
    await checkMethod(c, async () => {
      c.res = answerProblem(c, new HttpProblem("not_found"));
    });
    return c.res;
  });
  app.onError((error, c) => answerProblem(c, toProblem(error, c)));
  return app;
}

/** The one place that turns an error into a problem to answer. */
function toProblem(error: Error, c: Context<AppEnv>): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const failure = failureOf(error);
  if (failure.kind === "unavailable") {
    log("error", "database_unavailable", { request_id: c.var.requestId, failure: failure.code });
    return unavailable();
  }
  log("error", "unexpected_error", {
    request_id: c.var.requestId,
    ...describeError(error),
    reason: failureCode(failure),
  });
  return new HttpProblem("internal");
}

/** The answer to every request while the environment is wrong. The log says what is wrong; the client is not told. */
export function misconfigured(): Response {
  const id = crypto.randomUUID();
  return Response.json(problemDocument(new HttpProblem("internal"), id), {
    status: 500,
    headers: { ...SECURITY_HEADERS, "Content-Type": PROBLEM_TYPE, "X-Request-Id": id },
  });
}

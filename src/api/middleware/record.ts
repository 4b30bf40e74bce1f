import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { HttpProblem } from "../../errors.ts";
import { addMetrics } from "../../storage/metrics.ts";
import { requestPoint, writePoint } from "../../telemetry/analytics.ts";
import { flushSoon } from "../../telemetry/flush.ts";
import { log } from "../../telemetry/log.ts";
import { traceOf } from "../http/traceparent.ts";
import type { AppEnv } from "../services.ts";

const REFUSALS: Readonly<Record<number, string>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  413: "invalid",
  415: "invalid",
  422: "invalid",
  429: "throttled",
};

/** Methods that are counted by name. A client may send any other word, so all others are counted as `other`. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Probes come every second and must not cost a database write each: they are written with other requests' counts. */
const PROBES = new Set(["/health", "/health/ready"]);

/**
 * Of every answer, without anybody waiting for it: one line in the log, a count and its time among the metrics, a point
 * for analytics. The route's pattern stands for the path, which may hold personal data.
 */
export const record = createMiddleware<AppEnv>(async function record(c, next) {
  const started = Date.now();
  await next();
  const durationMs = Date.now() - started;
  const { metricBuffer, db, analytics } = c.env;
  const { status } = c.res;
  const route = routePath(c, -1);
  const caller = c.get("caller")?.kind ?? "anonymous";
  const refusal = c.get("refusal");
  log("info", "request", {
    ...traceOf(c),
    method: c.req.method,
    route,
    status,
    duration_ms: durationMs,
    caller,
    ...(refusal === undefined ? {} : { reason: refusal }),
  });

  const method = METHODS.has(c.req.method) ? c.req.method : "other";
  metricBuffer.count("http_requests_total", { method, route, status: String(status) });
  metricBuffer.observe("http_request_duration_seconds", { method, route }, durationMs / 1_000);
  const kind = REFUSALS[status];
  const outcome = outcomeOf(c);
  if (outcome === "overloaded") metricBuffer.count("requests_shed_total", { route });
  if (kind !== undefined) metricBuffer.count("security_refusals_total", { kind, reason: outcome ?? "other" });
  const { accepted, rejected } = c.get("ingested") ?? { accepted: 0, rejected: 0 };
  writePoint(
    analytics,
    requestPoint({
      method,
      route,
      status,
      caller,
      outcome: outcome ?? "ok",
      durationMs,
      eventsAccepted: accepted,
      eventsRejected: rejected,
    }),
  );
  if (!PROBES.has(route) || kind !== undefined)
    flushSoon(metricBuffer, (increments) => addMetrics(db, increments), c.executionCtx);
});

/** Why a request was refused or failed, as one of our own words. Undefined when it was neither. */
function outcomeOf(c: Context<AppEnv>): string | undefined {
  const refusal = c.get("refusal");
  if (refusal !== undefined) return refusal;
  if (c.error instanceof HttpProblem) return c.error.code;
  if (c.error !== undefined) return c.res.status === 503 ? "unavailable" : "internal";
  return c.res.status < 400 ? undefined : "other";
}

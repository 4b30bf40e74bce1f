import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { HttpProblem } from "../../errors.ts";
import { addMetrics } from "../../storage/metrics.ts";
import { requestPoint, writePoint } from "../../telemetry/analytics.ts";
import { flushSoon } from "../../telemetry/flush.ts";
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

/** What a client may call a method is its own affair: any other is counted as one. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Probes come every second, and are to cost the database nothing: they are written along with other requests. */
const PROBES = new Set(["/health", "/health/ready"]);

/** Counts and times every answer, and why it was refused if it was, without anybody waiting for that. */
export const measure = createMiddleware<AppEnv>(async function measure(c, next) {
  const started = Date.now();
  await next();
  const durationMs = Date.now() - started;
  const { metricBuffer, db, analytics } = c.env;
  const route = routePath(c, -1);
  const method = METHODS.has(c.req.method) ? c.req.method : "other";
  const status = String(c.res.status);
  metricBuffer.count("http_requests_total", { method, route, status });
  metricBuffer.observe("http_request_duration_seconds", { method, route }, durationMs / 1_000);
  const kind = REFUSALS[c.res.status];
  const outcome = outcomeOf(c);
  if (outcome === "overloaded") metricBuffer.count("requests_shed_total", { route });
  if (kind !== undefined) metricBuffer.count("security_refusals_total", { kind, reason: outcome ?? "other" });
  const { accepted, rejected } = c.var.ingested ?? { accepted: 0, rejected: 0 };
  writePoint(
    analytics,
    requestPoint({
      method,
      route,
      status: c.res.status,
      caller: c.var.caller === undefined ? "anonymous" : c.var.caller.kind,
      outcome: outcome ?? "ok",
      durationMs,
      eventsAccepted: accepted,
      eventsRejected: rejected,
    }),
  );
  if (!PROBES.has(route) || kind !== undefined)
    flushSoon(metricBuffer, (increments) => addMetrics(db, increments), c.executionCtx);
});

/** Why a request was refused or failed, in our words: undefined when it was neither. */
function outcomeOf(c: Context<AppEnv>): string | undefined {
  if (c.var.refusal !== undefined) return c.var.refusal;
  if (c.error instanceof HttpProblem) return c.error.code;
  if (c.error !== undefined) return c.res.status === 503 ? "unavailable" : "internal";
  return c.res.status < 400 ? undefined : "other";
}

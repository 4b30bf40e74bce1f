import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { log } from "../../telemetry/log.ts";
import { traceOf } from "../http/traceparent.ts";
import type { AppEnv } from "../services.ts";

/** One line a request. The route's pattern stands for the path, which may hold personal data. */
export const accessLog = createMiddleware<AppEnv>(async function accessLog(c, next) {
  const started = Date.now();
  await next();
  log("info", "request", {
    ...traceOf(c),
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    duration_ms: Date.now() - started,
    caller: c.var.caller === undefined ? "anonymous" : c.var.caller.kind,
    ...(c.var.refusal === undefined ? {} : { reason: c.var.refusal }),
  });
});

import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { PREFLIGHT_AGE_SECONDS_MAX } from "../../limits.ts";
import type { AppEnv } from "../services.ts";

/** Headers that a 304 to an allowed origin must repeat: without them the browser withholds the answer. */
export const CROSS_ORIGIN_HEADERS = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers"];

const allow = cors({
  origin: (origin) => origin,
  allowMethods: ["GET", "POST", "PATCH", "DELETE"],
  allowHeaders: ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-Id", "traceparent"],
  exposeHeaders: ["ETag", "X-Request-Id", "Retry-After"],
  maxAge: PREFLIGHT_AGE_SECONDS_MAX,
});

/** CORS for the configured origins alone. For any other origin a preflight is answered like any wrong method. */
export const crossOrigin = createMiddleware<AppEnv>(async function crossOrigin(c, next) {
  const { corsOrigins } = c.env.config;
  if (corsOrigins.length === 0) return next();
  if (corsOrigins.includes(c.req.header("Origin") ?? "")) return allow(c, next);
  await next();
  c.res.headers.append("Vary", "Origin");
});

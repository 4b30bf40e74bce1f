import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { PREFLIGHT_AGE_SECONDS_MAX } from "../../limits.ts";
import type { AppEnv } from "../services.ts";

/** Of an allowed origin's answers, what a 304 must repeat: without them the browser withholds it. */
export const CROSS_ORIGIN_HEADERS = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers"];

const allow = cors({
  origin: (origin) => origin,
  allowMethods: ["GET", "POST", "PATCH", "DELETE"],
  allowHeaders: ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-Id", "traceparent"],
  exposeHeaders: ["ETag", "X-Request-Id", "Retry-After"],
  maxAge: PREFLIGHT_AGE_SECONDS_MAX,
});

/** CORS for the configured origins alone. From any other, a preflight is a method that no route allows. */
export const crossOrigin = createMiddleware<AppEnv>(async function crossOrigin(c, next) {
  const { corsOrigins } = c.env.config;
  if (corsOrigins.length === 0) return next();
  if (corsOrigins.includes(c.req.header("Origin") ?? "")) return allow(c, next);
  await next();
  c.res.headers.append("Vary", "Origin");
});

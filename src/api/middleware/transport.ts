import { createMiddleware } from "hono/factory";
import { isLoopback } from "../../config.ts";
import { HttpProblem } from "../../errors.ts";
import type { AppEnv } from "../services.ts";

/**
 * HTTPS only: plain HTTP is refused, not redirected, because by then a credential has already crossed the wire.
 * The scheme is the runtime's own; X-Forwarded headers are anybody's claim and are not read.
 */
export const transport = createMiddleware<AppEnv>(async function transport(c, next) {
  const { protocol, hostname } = new URL(c.req.url);
  if (protocol !== "https:" && !(c.env.config.allowLoopbackHttp && isLoopback(hostname))) {
    throw new HttpProblem("insecure_transport");
  }
  await next();
});

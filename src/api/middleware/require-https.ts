import type { Context } from "hono";
import { isLoopback } from "../../config.ts";
import { HttpProblem } from "../../errors.ts";
import type { AppEnv } from "../services.ts";

/**
 * HTTPS only: plain HTTP is refused, not redirected, because by then a credential has already crossed the wire.
 * The scheme is the runtime's own; X-Forwarded headers are anybody's claim and are not read.
 * @throws HttpProblem `insecure_transport`
 */
export function requireHttps(c: Context<AppEnv>): void {
  const { url } = c.req;
  if (url.startsWith("https://")) return;
  if (!c.env.config.allowLoopbackHttp || !isLoopback(new URL(url).hostname)) {
    throw new HttpProblem("insecure_transport");
  }
}

import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../services.ts";

/** Headers of every answer. A route that sets one of its own keeps it. */
export const SECURITY_HEADERS = {
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "Content-Security-Policy":
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

export const securityHeaders = createMiddleware<AppEnv>(async function securityHeaders(c, next) {
  await next();
  // Not c.header(), which copies the whole answer for each header.
  const { headers } = c.res;
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    if (!headers.has(name)) headers.set(name, value);
  }
});

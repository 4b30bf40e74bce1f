import { createMiddleware } from "hono/factory";
import { REQUEST_ID_CHARS_MAX } from "../../limits.ts";
import type { AppEnv } from "../services.ts";

/** A route that sets one of its own keeps it. */
export const SECURITY_HEADERS = {
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "Content-Security-Policy":
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

const SECURITY_HEADER_LIST = Object.entries(SECURITY_HEADERS);
const WELL_FORMED = new RegExp(`^[A-Za-z0-9._-]{1,${REQUEST_ID_CHARS_MAX}}$`);

/**
 * Names the request, by the client's X-Request-Id when that is well-formed and otherwise by a new one, and puts on its
 * answer what every answer has: that name, and what makes browsers careful with it.
 */
export const answerHeaders = createMiddleware<AppEnv>(async function answerHeaders(c, next) {
  const given = c.req.header("X-Request-Id");
  const requestId = given !== undefined && WELL_FORMED.test(given) ? given : crypto.randomUUID();
  c.set("requestId", requestId);
  await next();
  // c.header() would copy the whole answer for each header.
  const { headers } = c.res;
  headers.set("X-Request-Id", requestId);
  for (const [name, value] of SECURITY_HEADER_LIST) {
    if (!headers.has(name)) headers.set(name, value);
  }
});

import { createMiddleware } from "hono/factory";
import { REQUEST_ID_CHARS_MAX } from "../../limits.ts";
import type { AppEnv } from "../services.ts";

const WELL_FORMED = new RegExp(`^[A-Za-z0-9._-]{1,${REQUEST_ID_CHARS_MAX}}$`);

/** Names the request: the client's X-Request-Id when it is well-formed, otherwise a new one. */
export const requestId = createMiddleware<AppEnv>(async function requestId(c, next) {
  const given = c.req.header("X-Request-Id");
  c.set("requestId", given !== undefined && WELL_FORMED.test(given) ? given : crypto.randomUUID());
  await next();
  c.res.headers.set("X-Request-Id", c.var.requestId);
});

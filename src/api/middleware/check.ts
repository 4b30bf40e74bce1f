import type { Context, MiddlewareHandler } from "hono";
import type { AppEnv } from "../services.ts";

/** What a request must pass: it returns, or throws what is answered instead. It does nothing after the handler. */
export type Check = (c: Context<AppEnv>) => void | Promise<void>;

/** One middleware of several checks: each would cost a turn of its own in Hono's chain. */
export function inOrder(...checks: readonly Check[]): MiddlewareHandler<AppEnv> {
  return async function inOrder(c, next) {
    for (const check of checks) await check(c);
    await next();
  };
}

import { createMiddleware } from "hono/factory";
import { Problem } from "../../errors.ts";
import { ANALYSIS_PERIOD_SECONDS, EDGE_PERIOD_SECONDS } from "../../limits.ts";
import { describeError, log } from "../../telemetry/log.ts";
import { clientAddress } from "../address.ts";
import type { AppEnv } from "../services.ts";

/** Before anything else costs us: so many requests an address and no more, whoever it says it is. */
export const limitAddress = createMiddleware<AppEnv>(async function limitAddress(c, next) {
  const address = clientAddress(c);
  if (address !== undefined && (await isOver(c.env.addressLimit, address.subscriber))) {
    c.set("refusal", "address");
    throw throttled(EDGE_PERIOD_SECONDS);
  }
  await next();
});

/** After authentication, before the body is read: so many requests a key. */
export const limitKey = createMiddleware<AppEnv>(async function limitKey(c, next) {
  const { caller } = c.var;
  if (caller.kind !== "anonymous" && (await isOver(c.env.keyLimit, caller.id))) {
    c.set("refusal", "key");
    throw throttled(EDGE_PERIOD_SECONDS);
  }
  await next();
});

/** Likewise, so many analyses a caller: each may cost seconds of CPU. */
export const limitAnalysis = createMiddleware<AppEnv>(async function limitAnalysis(c, next) {
  const { caller } = c.var;
  if (caller.kind !== "anonymous" && (await isOver(c.env.analysisLimit, caller.id))) {
    c.set("refusal", "analysis");
    throw throttled(ANALYSIS_PERIOD_SECONDS);
  }
  await next();
});

export const throttled = (seconds: number): Problem =>
  new Problem("throttled", { headers: { "Retry-After": String(seconds) } });

/** A limiter that does not answer lets everybody in: events are worth more than its opinion. */
async function isOver(limiter: RateLimit, key: string): Promise<boolean> {
  try {
    return !(await limiter.limit({ key })).success;
  } catch (error) {
    log("error", "rate_limit_unavailable", describeError(error));
    return false;
  }
}

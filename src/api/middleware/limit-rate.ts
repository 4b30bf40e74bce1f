import { createMiddleware } from "hono/factory";
import { ANALYSIS_PERIOD_SECONDS, EDGE_PERIOD_SECONDS } from "../../limits.ts";
import { describeError, log } from "../../telemetry/log.ts";
import { clientAddress } from "../http/client-address.ts";
import { throttled } from "../http/problem.ts";
import type { AppEnv, Services } from "../services.ts";

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
export const limitKey = limitCaller("key", EDGE_PERIOD_SECONDS, ({ keyLimit }) => keyLimit);

/** Likewise, so many analyses a caller: each may cost seconds of CPU. */
export const limitAnalysis = limitCaller(
  "analysis",
  ANALYSIS_PERIOD_SECONDS,
  ({ analysisLimit }) => analysisLimit,
);

function limitCaller(refusal: string, periodSeconds: number, limiterOf: (services: Services) => RateLimit) {
  return createMiddleware<AppEnv>(async function limitCaller(c, next) {
    const { caller } = c.var;
    if (caller.kind !== "anonymous" && (await isOver(limiterOf(c.env), caller.id))) {
      c.set("refusal", refusal);
      throw throttled(periodSeconds);
    }
    await next();
  });
}

/** A limiter that does not answer lets everybody in: events are worth more than its opinion. */
async function isOver(limiter: RateLimit, key: string): Promise<boolean> {
  try {
    return !(await limiter.limit({ key })).success;
  } catch (error) {
    log("error", "rate_limit_unavailable", describeError(error));
    return false;
  }
}

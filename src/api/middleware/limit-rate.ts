import type { Context } from "hono";
import { ANALYSIS_PERIOD_SECONDS, EDGE_PERIOD_SECONDS } from "../../limits.ts";
import { describeError, log } from "../../telemetry/log.ts";
import { clientAddress } from "../http/client-address.ts";
import { throttled } from "../http/problem.ts";
import type { AppEnv, Services } from "../services.ts";
import type { Check } from "./check.ts";

/**
 * Before anything else costs us: so many requests an address and no more, whoever it says it is.
 * @throws HttpProblem `throttled`
 */
export async function limitAddress(c: Context<AppEnv>): Promise<void> {
  const address = clientAddress(c);
  if (address !== undefined && (await isOver(c.env.addressLimit, address.subscriber))) {
    c.set("refusal", "address");
    throw throttled(EDGE_PERIOD_SECONDS);
  }
}

/** Limits the posts of events with one key, after authentication and before the body is read. */
export const limitKey = limitCaller("key", EDGE_PERIOD_SECONDS, ({ keyLimit }) => keyLimit);

/** Limits the analyses of one caller: each may cost seconds of CPU. */
export const limitAnalysis = limitCaller(
  "analysis",
  ANALYSIS_PERIOD_SECONDS,
  ({ analysisLimit }) => analysisLimit,
);

function limitCaller(
  refusal: string,
  periodSeconds: number,
  limiterOf: (services: Services) => RateLimit,
): Check {
  return async function limitCaller(c) {
    const caller = c.get("caller");
    if (caller.kind !== "anonymous" && (await isOver(limiterOf(c.env), caller.id))) {
      c.set("refusal", refusal);
      throw throttled(periodSeconds);
    }
  };
}

/** While the limiter does not answer, everybody is let in: refusing events would be worse. */
async function isOver(limiter: RateLimit, key: string): Promise<boolean> {
  try {
    return !(await limiter.limit({ key })).success;
  } catch (error) {
    log("error", "rate_limit_unavailable", describeError(error));
    return false;
  }
}

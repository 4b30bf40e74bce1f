import { createMiddleware } from "hono/factory";
import { Problem } from "../../errors.ts";
import { REFUSALS_FLUSH_MS } from "../../limits.ts";
import { addRefusals, type RefusalName } from "../../storage/security-counters.ts";
import { describeError, log } from "../../telemetry/log.ts";
import type { AppEnv, Services } from "../services.ts";

const NAMES: Readonly<Record<number, RefusalName>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  413: "invalid",
  415: "invalid",
  422: "invalid",
  429: "throttled",
};

/**
 * Counts what was refused, and why, into the database. An isolate gathers for a second and then writes once, after
 * its answers: an attack costs the database one statement a second and isolate, and the refused nothing.
 */
export const countRefusals = createMiddleware<AppEnv>(async function countRefusals(c, next) {
  await next();
  const name = NAMES[c.res.status];
  if (name === undefined) return;
  const reason = c.var.refusal ?? (c.error instanceof Problem ? c.error.code : "other");
  c.env.refusals.add(name, reason);
  if (c.env.refusals.claimFlush(Date.now())) c.executionCtx.waitUntil(flush(c.env));
});

async function flush({ db, refusals }: Services): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REFUSALS_FLUSH_MS));
  const counts = refusals.take();
  try {
    await addRefusals(db, counts);
  } catch (error) {
    // Kept for the next flush. Should the statement have worked and its answer be lost, they count twice.
    for (const { name, reason, count } of counts) refusals.add(name, reason, count);
    log("warn", "refusals_not_counted", describeError(error));
  }
}

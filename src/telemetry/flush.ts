import { COUNTS_FLUSH_MS } from "../limits.ts";
import { describeError, log } from "./log.ts";
import type { Increment, Tally } from "./tally.ts";

/**
 * Has what was gathered written about a second from now, once for all that happens meanwhile: what is measured waits
 * for nothing, and however much it is, an isolate costs the database one statement a second.
 */
export function flushSoon(
  tally: Tally,
  write: (increments: readonly Increment[]) => Promise<void>,
  context: { waitUntil(promise: Promise<unknown>): void },
): void {
  if (tally.claimFlush(Date.now())) context.waitUntil(flush(tally, write));
}

async function flush(
  tally: Tally,
  write: (increments: readonly Increment[]) => Promise<void>,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, COUNTS_FLUSH_MS));
  const increments = tally.take();
  try {
    await write(increments);
  } catch (error) {
    // Kept for the next flush. Should the statement have worked and its answer be lost, they count twice.
    tally.putBack(increments);
    log("warn", "metrics_not_counted", describeError(error));
  }
}

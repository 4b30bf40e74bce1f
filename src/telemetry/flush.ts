import { COUNTS_FLUSH_MS } from "../limits.ts";
import { describeError, log } from "./log.ts";
import type { Increment, MetricBuffer } from "./metric-buffer.ts";

/**
 * Has what was gathered written about a second from now, once for all that happens meanwhile: what is measured waits
 * for nothing, and however much it is, an isolate costs the database one statement a second.
 */
export function flushSoon(
  metricBuffer: MetricBuffer,
  write: (increments: readonly Increment[]) => Promise<void>,
  context: { waitUntil(promise: Promise<unknown>): void },
): void {
  if (metricBuffer.claimFlush(Date.now())) context.waitUntil(flush(metricBuffer, write));
}

async function flush(
  metricBuffer: MetricBuffer,
  write: (increments: readonly Increment[]) => Promise<void>,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, COUNTS_FLUSH_MS));
  const increments = metricBuffer.take();
  try {
    await write(increments);
  } catch (error) {
    // Kept for the next flush. Should the statement have worked and its answer be lost, they count twice.
    metricBuffer.restore(increments);
    log("warn", "metrics_not_counted", describeError(error));
  }
}

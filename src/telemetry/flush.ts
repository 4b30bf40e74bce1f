import { COUNTS_FLUSH_MS } from "../limits.ts";
import { describeError, log } from "./log.ts";
import type { Increment, MetricBuffer } from "./metric-buffer.ts";

/**
 * Writes the collected counts to the database about a second from now, together with everything that is counted until
 * then. Nobody waits for it, and an isolate costs the database one statement a second however much it counts.
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
    // Kept for the next flush. If the statement took effect and only its answer was lost, they count twice.
    metricBuffer.restore(increments);
    log("warn", "metrics_not_counted", describeError(error));
  }
}

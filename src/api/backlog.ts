import { QUEUE_METRICS_TIMEOUT_MS } from "../limits.ts";
import { labelText } from "../telemetry/labels.ts";
import { describeError, log } from "../telemetry/log.ts";
import type { Sample } from "../telemetry/prometheus.ts";

const labels = labelText({ queue: "events" });

/** What waits in the queue, as samples; none when the queue does not say within `QUEUE_METRICS_TIMEOUT_MS`. */
export async function readBacklog(queue: Pick<Queue, "metrics">, clock: () => number): Promise<Sample[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("no answer", "TimeoutError")), QUEUE_METRICS_TIMEOUT_MS);
  });
  try {
    const { backlogCount, backlogBytes, oldestMessageTimestamp } = await Promise.race([
      queue.metrics(),
      tooLate,
    ]);
    const oldest = oldestMessageTimestamp === undefined ? 0 : Number(oldestMessageTimestamp);
    // An empty queue has no oldest message, or one of the year 1970.
    const age = backlogCount === 0 || oldest === 0 ? 0 : Math.max(0, (clock() - oldest) / 1_000);
    return [
      { name: "queue_backlog_messages", labels, value: backlogCount },
      { name: "queue_backlog_bytes", labels, value: backlogBytes },
      { name: "queue_oldest_message_age_seconds", labels, value: age },
    ];
  } catch (error) {
    log("warn", "queue_metrics_unavailable", describeError(error));
    return [];
  } finally {
    if (timer !== undefined) clearTimeout(timer);
  }
}

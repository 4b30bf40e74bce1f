import { QUEUE_METRICS_TIMEOUT_MS } from "../../limits.ts";
import { labelText } from "../../telemetry/labels.ts";
import { describeError, log } from "../../telemetry/log.ts";
import type { Sample } from "../../telemetry/prometheus.ts";
import { answeredWithin } from "../../timeout.ts";
import type { Services } from "../services.ts";

/** What waits in a queue. */
export interface Backlog {
  readonly messages: number;
  readonly bytes: number;
  /** When its oldest message was sent, in milliseconds since 1970; null when it is empty. */
  readonly oldestAt: number | null;
}

/** Asks a queue for its backlog. Undefined, and logged, when it does not answer within `QUEUE_METRICS_TIMEOUT_MS`. */
export async function backlogOf(queue: Pick<Queue, "metrics">): Promise<Backlog | undefined> {
  try {
    const { backlogCount, backlogBytes, oldestMessageTimestamp } = await answeredWithin(
      queue.metrics(),
      QUEUE_METRICS_TIMEOUT_MS,
    );
    const oldest = oldestMessageTimestamp === undefined ? 0 : Number(oldestMessageTimestamp);
    // The platform reports the oldest message of an empty queue as absent, or as of the year 1970.
    const oldestAt = backlogCount === 0 || oldest === 0 ? null : oldest;
    return { messages: backlogCount, bytes: backlogBytes, oldestAt };
  } catch (error) {
    log("warn", "queue_metrics_unavailable", describeError(error));
    return undefined;
  }
}

/** How long the oldest message has waited, in seconds; 0 in an empty queue. */
export const ageOf = ({ oldestAt }: Backlog, now: number): number =>
  oldestAt === null ? 0 : Math.max(0, (now - oldestAt) / 1_000);

/** Both queues by their names. */
export const queuesOf = ({ queue, deadLetterQueue }: Pick<Services, "queue" | "deadLetterQueue">) =>
  [
    ["events", queue],
    ["events-dlq", deadLetterQueue],
  ] as const;

/** A queue's backlog as metric samples; none when the queue does not answer. */
export async function readBacklog(
  name: string,
  queue: Pick<Queue, "metrics">,
  clock: () => number,
): Promise<Sample[]> {
  const backlog = await backlogOf(queue);
  if (backlog === undefined) return [];
  const labels = labelText({ queue: name });
  return [
    { name: "queue_backlog_messages", labels, value: backlog.messages },
    { name: "queue_backlog_bytes", labels, value: backlog.bytes },
    { name: "queue_oldest_message_age_seconds", labels, value: ageOf(backlog, clock()) },
  ];
}

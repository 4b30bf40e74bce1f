import { Problem } from "../errors.ts";
import { type AcceptedEvent, batches, pack, type QueueMessage } from "../messages.ts";
import { describeError, log } from "../telemetry/log.ts";
import type { Tally } from "../telemetry/tally.ts";

/** The way into the queue `events`. */
export type EventsQueue = Pick<Queue<QueueMessage>, "sendBatch">;
export type Envelope = Pick<QueueMessage, "request_id" | "traceparent">;

const QUEUE_RETRY_SECONDS = "5";

/** Puts events into the queue and returns the positions of those that it took. */
export async function enqueue(
  events: readonly AcceptedEvent[],
  envelope: Envelope,
  queue: EventsQueue,
  tally: Pick<Tally, "count">,
): Promise<ReadonlySet<number>> {
  const queued = new Set<number>();
  for (const batch of batches(pack(events, envelope))) {
    try {
      await queue.sendBatch(batch.map(({ body }) => ({ body, contentType: "json" })));
      for (const { positions } of batch) for (const position of positions) queued.add(position);
    } catch (error) {
      // What follows may still be taken, and the client learns of each event what became of it.
      tally.count("queue_send_failures_total", {});
      log("error", "queue_unavailable", { request_id: envelope.request_id, ...describeError(error) });
    }
  }
  return queued;
}

/** What is answered when the queue takes nothing. */
export const queueUnavailable = (): Problem =>
  new Problem("queue_unavailable", { headers: { "Retry-After": QUEUE_RETRY_SECONDS } });

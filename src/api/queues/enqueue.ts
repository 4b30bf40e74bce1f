import { HttpProblem } from "../../errors.ts";
import { QUEUE_RETRY_SECONDS, QUEUE_SEND_TIMEOUT_MS } from "../../limits.ts";
import { type AcceptedEvent, batches, type PackedMessage, pack, type QueueMessage } from "../../messages.ts";
import { describeError, log } from "../../telemetry/log.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import { answeredWithin } from "../../timeout.ts";

/** The producer's side of the queue `events`. */
export type EventsQueue = Pick<Queue<string>, "sendBatch">;
export type Envelope = Pick<QueueMessage, "request_id" | "traceparent" | "sender">;

/** Puts events into the queue and returns the positions of those that it took, as `send` does. */
export const enqueue = (
  events: readonly AcceptedEvent[],
  envelope: Envelope,
  queue: EventsQueue,
  metricBuffer: Pick<MetricBuffer, "count">,
): Promise<ReadonlySet<number>> => send(pack(events, envelope), envelope.request_id, queue, metricBuffer);

/**
 * Puts messages into the queue and returns the positions of the events in those that it took. Of what it did not answer
 * for within `QUEUE_SEND_TIMEOUT_MS`, it may have taken some: sent again, it takes no effect twice.
 */
export async function send(
  messages: readonly PackedMessage[],
  requestId: string,
  queue: EventsQueue,
  metricBuffer: Pick<MetricBuffer, "count">,
): Promise<ReadonlySet<number>> {
  const queued = new Set<number>();
  const deadline = Date.now() + QUEUE_SEND_TIMEOUT_MS;
  for (const batch of batches(messages)) {
    try {
      const left = deadline - Date.now();
      if (left <= 0) throw new DOMException("no time left", "TimeoutError");
      await answeredWithin(queue.sendBatch(batch.map(({ body }) => ({ body, contentType: "text" }))), left);
      for (const { positions } of batch) for (const position of positions) queued.add(position);
    } catch (error) {
      // Go on: the next batch may be taken, and the answer says for each event what became of it.
      metricBuffer.count("queue_send_failures_total", {});
      log("error", "queue_unavailable", { request_id: requestId, ...describeError(error) });
    }
  }
  return queued;
}

/** The answer when the queue takes nothing. */
export const queueUnavailable = (): HttpProblem =>
  new HttpProblem("queue_unavailable", { headers: { "Retry-After": String(QUEUE_RETRY_SECONDS) } });

import { setTimeout as sleep } from "node:timers/promises";
import { integer, type Random, shuffled } from "../random.ts";
import type { Injector } from "./faults.ts";
import type { Delivery } from "./history.ts";
import type { BatchResult, Queue, QueueMessage } from "./queue.ts";
import type { Worker } from "./worker.ts";

const BATCH_MESSAGES_MAX = 10; // as in wrangler.consumer.toml
const POLL_MS = 4;

export interface DeliveryOptions {
  readonly queue: Queue;
  readonly consumer: Worker;
  readonly injector: Injector;
  readonly random: Random;
  readonly record: (delivery: Delivery) => void;
}

/** Delivers batches of a queue to a consumer, one after the other, until `signal` aborts. */
export async function deliver(options: DeliveryOptions, signal: AbortSignal): Promise<void> {
  const { queue, consumer, injector, random, record } = options;
  while (!signal.aborted) {
    const batch = queue.take(integer(random, 1, BATCH_MESSAGES_MAX));
    if (batch.length === 0) {
      await sleep(POLL_MS);
      continue;
    }
    const { result, end } = await loseAcknowledgements(
      await handle(consumer, queue.name, batch),
      consumer,
      injector,
      random,
    );
    for (const [message, settlement] of queue.settle(batch, result)) {
      const outcome = end === "" ? settlement : `${settlement}, ${end}`;
      record({
        message: message.id,
        queue: queue.name,
        attempt: message.attempts,
        consumer: consumer.name,
        outcome,
      });
    }
  }
}

/** Undefined when the consumer died before it was done. */
async function handle(
  consumer: Worker,
  queue: string,
  batch: readonly QueueMessage[],
): Promise<BatchResult | undefined> {
  const messages = batch.map(({ id, body, sentAt, attempts }) => ({
    id,
    body,
    attempts,
    timestamp: sentAt.getTime(),
  }));
  try {
    const response = await fetch(await consumer.url(), {
      method: "POST",
      body: JSON.stringify({ queue, messages }),
    });
    if (!response.ok) return undefined;
    return (await response.json()) as BatchResult;
  } catch {
    return undefined;
  }
}

/** A consumer's acknowledgements reach the queue when its batch ends: if it is killed then, some or all are lost. */
async function loseAcknowledgements(
  result: BatchResult | undefined,
  consumer: Worker,
  injector: Injector,
  random: Random,
): Promise<{ result: BatchResult | undefined; end: string }> {
  if (result === undefined) return { result, end: "the consumer died" };
  if (result.explicitAcks.length < 2) return { result, end: "" };
  const fault = injector.draw("acknowledgement");
  if (fault === undefined) return { result, end: "" };
  injector.struck(fault);
  await consumer.crash();
  const count =
    fault === "consumer killed amid its acknowledgements"
      ? integer(random, 1, result.explicitAcks.length - 1)
      : 0;
  const explicitAcks = shuffled(random, result.explicitAcks).slice(0, count);
  return {
    result: {
      outcome: "killed",
      ackAll: false,
      retryBatch: { retry: false },
      explicitAcks,
      retryMessages: [],
    },
    end: fault,
  };
}

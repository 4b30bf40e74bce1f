import { integer, type Random } from "../random.ts";

/** Queue time passes this much faster: a retry asked for in 2 s comes after 10 ms. */
const TIME_DIVISOR = 200;
/** How long after a delivery that ended without an answer its messages come back. */
const RETURN_MS_MAX = 60;

export interface QueueMessage {
  readonly id: string;
  readonly body: unknown;
  readonly sentAt: Date;
  /** Deliveries so far. */
  attempts: number;
  readonly attemptsMax: number;
}

/** What a consumer's runtime answers when it has handled a batch (`FetcherQueueResult`). */
export interface BatchResult {
  readonly outcome: string;
  readonly ackAll: boolean;
  readonly retryBatch: { readonly retry: boolean; readonly delaySeconds?: number };
  readonly explicitAcks: readonly string[];
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[];
}

export type Settlement = "acknowledged" | "retried" | "given up";

/**
 * A queue with the promises of Cloudflare Queues: messages are delivered at least once, in no order, retried after a
 * delay, and given up after too many attempts. It outlives the Workers, as the real one does, and loses nothing.
 */
export interface Queue {
  readonly name: string;
  /** @param afterSeconds how long it waits, in the queue's time */
  put(message: QueueMessage, afterSeconds?: number): void;
  /** Up to `max` messages that are due, in random order. They are in flight until settled. */
  take(max: number): QueueMessage[];
  /** Handles what became of a batch in flight; undefined when the consumer died with it. */
  settle(batch: readonly QueueMessage[], result: BatchResult | undefined): Map<QueueMessage, Settlement>;
  /** Messages not settled: due, delayed or in flight. */
  readonly unsettled: ReadonlyMap<string, QueueMessage>;
}

export function createQueue(name: string, random: Random, giveUp: (message: QueueMessage) => void): Queue {
  const unsettled = new Map<string, QueueMessage>();
  const due: QueueMessage[] = [];

  function comeBack(message: QueueMessage, afterMs: number): Settlement {
    if (message.attempts >= message.attemptsMax) {
      unsettled.delete(message.id);
      giveUp(message);
      return "given up";
    }
    setTimeout(() => due.push(message), afterMs);
    return "retried";
  }

  return {
    name,
    unsettled,
    put(message, afterSeconds = 0) {
      unsettled.set(message.id, message);
      if (afterSeconds === 0) due.push(message);
      else setTimeout(() => due.push(message), (afterSeconds * 1_000) / TIME_DIVISOR);
    },
    take(max) {
      const batch: QueueMessage[] = [];
      while (batch.length < max && due.length > 0) {
        const [message] = due.splice(integer(random, 0, due.length - 1), 1);
        if (message === undefined) break;
        message.attempts += 1;
        batch.push(message);
      }
      return batch;
    },
    settle(batch, result) {
      const settlements = new Map<QueueMessage, Settlement>();
      const retries = new Map(result?.retryMessages.map(({ msgId, delaySeconds }) => [msgId, delaySeconds]));
      for (const message of batch) {
        if (result !== undefined && isAcknowledged(message, result)) {
          unsettled.delete(message.id);
          settlements.set(message, "acknowledged");
        } else {
          const seconds = retries.get(message.id) ?? result?.retryBatch.delaySeconds;
          const afterMs =
            seconds === undefined ? integer(random, 1, RETURN_MS_MAX) : (seconds * 1_000) / TIME_DIVISOR;
          settlements.set(message, comeBack(message, afterMs));
        }
      }
      return settlements;
    },
  };
}

/**
 * As in production: an acknowledged message stays so, whatever happens later. When a batch succeeds, a message that
 * was neither acknowledged nor retried counts as acknowledged.
 */
function isAcknowledged({ id }: QueueMessage, result: BatchResult): boolean {
  if (result.ackAll || result.explicitAcks.includes(id)) return true;
  if (result.outcome !== "ok" || result.retryBatch.retry) return false;
  return !result.retryMessages.some(({ msgId }) => msgId === id);
}

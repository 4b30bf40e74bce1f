import { DEAD_LETTER_RETRY_DELAY_SECONDS_MAX, QUEUE_ATTEMPTS_MAX } from "../../limits.ts";
import type { Database } from "../../storage/core/client.ts";
import { failureCode, failureOf } from "../../storage/core/failure.ts";
import { type DeadLetterInput, recordDeadLetters } from "../../storage/dead-letters.ts";
import { log } from "../../telemetry/log.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import type { Batch, Delivery } from "../queue/delivery.ts";
import { readMessage } from "../queue/read-message.ts";
import { retryDelay } from "../queue/retry-delay.ts";
import { letterOfEvent, letterOfMalformed, lettersOfUnreadable } from "./letters.ts";

const QUEUE = "events-dlq";

/** Moves what the queue `events` gave up from `events-dlq` into the database, where an operator sees it. */
export async function keepDeadLetters(
  db: Database,
  batch: Batch,
  metricBuffer?: MetricBuffer,
): Promise<void> {
  for (const message of batch.messages) {
    try {
      const letters = await lettersOf(message);
      const { kept, erased } = await recordDeadLetters(db, letters);
      message.ack();
      log("error", "dead_letters_kept", { dead_letters: kept, erased });
    } catch (error) {
      const code = failureCode(failureOf(error));
      const delaySeconds = retryDelay(message.attempts, Math.random(), DEAD_LETTER_RETRY_DELAY_SECONDS_MAX);
      message.retry({ delaySeconds });
      log("error", "dead_letters_retried", {
        failure: code,
        attempts: message.attempts,
        delay_seconds: delaySeconds,
      });
      metricBuffer?.count("messages_retried_total", { queue: QUEUE, failure: code });
    }
  }
}

/** One letter an event, as far as events can be told apart. */
async function lettersOf(message: Delivery): Promise<DeadLetterInput[]> {
  const read = readMessage(message.body);
  if (read === undefined) return lettersOfUnreadable(message);
  return Promise.all([
    ...read.malformed.map((value) => letterOfMalformed(value, message, read.sender)),
    ...read.events.map((event) => letterOfEvent(event, "retries_exhausted", null, QUEUE_ATTEMPTS_MAX)),
  ]);
}

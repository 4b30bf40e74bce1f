import { v7 as uuidv7 } from "uuid";
import { sha256 } from "../digest.ts";
import { DEAD_LETTER_RETRY_DELAY_SECONDS_MAX, QUEUE_ATTEMPTS_MAX } from "../limits.ts";
import { type AcceptedEvent, queueMessageSchema } from "../messages.ts";
import type { Database } from "../storage/client.ts";
import { type DeadLetterCause, type DeadLetterInput, recordDeadLetters } from "../storage/dead-letters.ts";
import { failureOf } from "../storage/failure.ts";
import { log } from "../telemetry/log.ts";
import { retryDelay } from "./retry-delay.ts";

/** Moves what the queue `events` gave up from `events-dlq` into the database, where an operator sees it. */
export async function keepDeadLetters(db: Database, batch: MessageBatch): Promise<void> {
  for (const message of batch.messages) {
    try {
      const letters = await lettersOf(message);
      await recordDeadLetters(db, letters);
      message.ack();
      log("error", "dead_letters_kept", { dead_letters: letters.length });
    } catch (error) {
      const failure = failureOf(error);
      const delaySeconds = retryDelay(message.attempts, Math.random(), DEAD_LETTER_RETRY_DELAY_SECONDS_MAX);
      message.retry({ delaySeconds });
      log("error", "dead_letters_retried", {
        failure: "code" in failure ? failure.code : failure.kind,
        attempts: message.attempts,
        delay_seconds: delaySeconds,
      });
    }
  }
}

/** One letter an event, or one for the whole message when it cannot be read. */
async function lettersOf(message: Message): Promise<DeadLetterInput[]> {
  const parsed = queueMessageSchema.safeParse(message.body);
  if (!parsed.success) return [await letterOfMessage(message, "malformed_message")];
  return Promise.all(
    parsed.data.events.map((event) => letterOfEvent(event, "retries_exhausted", null, QUEUE_ATTEMPTS_MAX)),
  );
}

export async function letterOfEvent(
  event: AcceptedEvent,
  cause: DeadLetterCause,
  errorCode: string | null,
  attempts: number,
): Promise<DeadLetterInput> {
  return {
    ...(await letter(JSON.stringify(event), cause, errorCode, attempts)),
    source: storable(event.source),
    eventId: storable(event.id),
    type: storable(event.type),
    subject: event.subject === null ? null : storable(event.subject),
    firstAt: event.received_at,
  };
}

export async function letterOfMessage(message: Message, cause: DeadLetterCause): Promise<DeadLetterInput> {
  return {
    ...(await letter(textOf(message.body), cause, null, message.attempts)),
    source: null,
    eventId: null,
    type: null,
    subject: null,
    firstAt: message.timestamp.toISOString(),
  };
}

async function letter(body: string, cause: DeadLetterCause, errorCode: string | null, attempts: number) {
  return { id: uuidv7(), cause, errorCode, body, bodyHash: await sha256(body), attempts };
}

/** JSON text; a body that has none (it was not ours) at least by its name. */
function textOf(body: unknown): string {
  try {
    return JSON.stringify(body) ?? String(body);
  } catch {
    return String(body);
  }
}

/** What a text column takes of a poisoned event's attribute; the body keeps it exactly, escaped. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");

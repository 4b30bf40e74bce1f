import { v7 as uuidv7 } from "uuid";
import { sha256 } from "../digest.ts";
import {
  DEAD_LETTER_RETRY_DELAY_SECONDS_MAX,
  EVENT_ATTRIBUTE_CHARS_MAX,
  QUEUE_ATTEMPTS_MAX,
} from "../limits.ts";
import type { AcceptedEvent } from "../messages.ts";
import type { Database } from "../storage/client.ts";
import { type DeadLetterCause, type DeadLetterInput, recordDeadLetters } from "../storage/dead-letters.ts";
import { failureOf } from "../storage/failure.ts";
import { log } from "../telemetry/log.ts";
import type { Batch, Delivery } from "./delivery.ts";
import { readMessage } from "./read-message.ts";
import { retryDelay } from "./retry-delay.ts";

/** Moves what the queue `events` gave up from `events-dlq` into the database, where an operator sees it. */
export async function keepDeadLetters(db: Database, batch: Batch): Promise<void> {
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
async function lettersOf(message: Delivery): Promise<DeadLetterInput[]> {
  const read = readMessage(message.body);
  if (read === undefined) return [await letterOfMalformed(message.body, message)];
  return Promise.all([
    ...read.malformed.map((value) => letterOfMalformed(value, message)),
    ...read.events.map((event) => letterOfEvent(event, "retries_exhausted", null, QUEUE_ATTEMPTS_MAX)),
  ]);
}

export function letterOfEvent(
  event: AcceptedEvent,
  cause: DeadLetterCause,
  errorCode: string | null,
  attempts: number,
): Promise<DeadLetterInput> {
  return letter(event, { cause, errorCode, attempts, firstAt: event.received_at });
}

/** What is neither a message nor an event, with those attributes that can be read. */
export function letterOfMalformed(value: unknown, message: Delivery): Promise<DeadLetterInput> {
  return letter(value, {
    cause: "malformed_message",
    errorCode: null,
    attempts: message.attempts,
    firstAt: message.timestamp.toISOString(),
  });
}

async function letter(
  value: unknown,
  circumstances: Pick<DeadLetterInput, "cause" | "errorCode" | "attempts" | "firstAt">,
): Promise<DeadLetterInput> {
  const body = textOf(value);
  return {
    ...circumstances,
    id: uuidv7(),
    source: attribute(value, "source"),
    eventId: attribute(value, "id"),
    type: attribute(value, "type"),
    subject: attribute(value, "subject"),
    body,
    bodyHash: await sha256(body),
  };
}

/** JSON text; of what has none (it was not ours) at least its kind. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** What a column to search by takes of an attribute; the body keeps it whole and exactly, escaped. */
function attribute(value: unknown, name: string): string | null {
  const found = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  if (typeof found !== "string") return null;
  const characters = [...found].slice(0, EVENT_ATTRIBUTE_CHARS_MAX);
  return characters.join("").toWellFormed().replaceAll("\0", "\ufffd");
}

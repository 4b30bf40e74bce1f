import { v7 as uuidv7 } from "uuid";
import { sha256 } from "../../digest.ts";
import {
  DEAD_LETTER_RETRY_DELAY_SECONDS_MAX,
  EVENT_ATTRIBUTE_CHARS_MAX,
  QUEUE_ATTEMPTS_MAX,
} from "../../limits.ts";
import { type AcceptedEvent, parseBody } from "../../messages.ts";
import type { Database } from "../../storage/core/client.ts";
import { failureCode, failureOf } from "../../storage/core/failure.ts";
import { type DeadLetterCause, type DeadLetterInput, recordDeadLetters } from "../../storage/dead-letters.ts";
import { log } from "../../telemetry/log.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import { isStorable } from "../../text.ts";
import type { Batch, Delivery } from "../queue/delivery.ts";
import { readMessage } from "../queue/read-message.ts";
import { retryDelay } from "../queue/retry-delay.ts";

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
  return letter(event, { cause, errorCode, attempts, firstAt: event.received_at, hash: event.hash });
}

/** What stands in the place of an event, with those attributes that can be read. */
export function letterOfMalformed(value: unknown, message: Delivery): Promise<DeadLetterInput> {
  return letter(value, malformed(message));
}

/**
 * Letters of a message that is none of ours, or of a version unknown here. What may be its events get a letter
 * each, a message of its own: each can then be found, erased and replayed without telling of the others.
 */
export function lettersOfUnreadable(message: Delivery): Promise<DeadLetterInput[]> {
  const body = parseBody(message.body) as { readonly events?: unknown } | null | undefined;
  if (!Array.isArray(body?.events) || body.events.length === 0) {
    return Promise.all([letter(body, malformed(message))]);
  }
  return Promise.all(
    body.events.map((event: unknown) => letter({ ...body, events: [event] }, malformed(message), event)),
  );
}

type Circumstances = Pick<DeadLetterInput, "cause" | "errorCode" | "attempts" | "firstAt" | "hash">;

const malformed = (message: Delivery): Circumstances => ({
  cause: "malformed_message",
  errorCode: null,
  attempts: message.attempts,
  firstAt: message.timestamp.toISOString(),
  hash: null,
});

async function letter(
  value: unknown,
  circumstances: Circumstances,
  event: unknown = value,
): Promise<DeadLetterInput> {
  const { body, strings } = textOf(value);
  const subject = attribute(event, "subject");
  return {
    ...circumstances,
    id: uuidv7(),
    source: attribute(event, "source"),
    eventId: attribute(event, "id"),
    type: attribute(event, "type"),
    subject,
    about: subject === null ? [...strings].filter(couldBeSubject) : [subject],
    body,
    bodyHash: await sha256(body),
  };
}

/** JSON text, and every string and key in it; of what has no JSON (it was not ours) at least its kind. */
function textOf(value: unknown): { readonly body: string; readonly strings: ReadonlySet<string> } {
  const strings = new Set<string>();
  try {
    const body = JSON.stringify(value, (key, member: unknown) => {
      strings.add(key);
      if (typeof member === "string") strings.add(member);
      return member;
    });
    return { body: body ?? typeof value, strings };
  } catch {
    return { body: Object.prototype.toString.call(value), strings: new Set() };
  }
}

const couldBeSubject = (text: string): boolean =>
  text !== "" && text.length <= EVENT_ATTRIBUTE_CHARS_MAX && isStorable(text);

/** What a column to search by takes of an attribute; the body keeps it whole and exactly, escaped. */
function attribute(value: unknown, name: string): string | null {
  const found = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  if (typeof found !== "string") return null;
  const characters = [...found].slice(0, EVENT_ATTRIBUTE_CHARS_MAX);
  return characters.join("").toWellFormed().replaceAll("\0", "\ufffd");
}

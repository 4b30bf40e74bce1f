import { COMMIT_EVENTS_MAX } from "../limits.ts";
import type { Database } from "../storage/client.ts";
import { recordDeadLetters } from "../storage/dead-letters.ts";
import { failureOf } from "../storage/failure.ts";
import { log } from "../telemetry/log.ts";
import type { ActiveSet } from "./active-set.ts";
import { letterOfEvent, letterOfMalformed, lettersOfUnreadable } from "./dead-letters.ts";
import { decide } from "./decide.ts";
import type { Batch, Delivery } from "./delivery.ts";
import { type ReadMessage, readMessage } from "./read-message.ts";
import { retryDelay } from "./retry-delay.ts";

interface Readable {
  readonly message: Delivery;
  readonly read: ReadMessage;
}

/**
 * Decides a batch of queue messages. Every message is acknowledged once all its events are decided or kept as
 * dead letters, or else retried; none is left to the platform, which acknowledges what was not spoken of.
 */
export async function decideBatch(db: Database, activeSet: ActiveSet, batch: Batch): Promise<void> {
  const readable: Readable[] = [];
  for (const message of batch.messages) {
    const read = readMessage(message.body);
    if (read !== undefined) readable.push({ message, read });
    else await settle([message], () => keepUnreadable(db, message));
  }
  for (const group of groups(readable)) {
    await settle(
      group.map(({ message }) => message),
      () => decideGroup(db, activeSet, group),
    );
  }
}

async function decideGroup(db: Database, activeSet: ActiveSet, group: readonly Readable[]): Promise<void> {
  const started = Date.now();
  const events = group.flatMap(({ read }) => read.events);
  const { inserted, matched, conflicts, erased, poisoned } = await decide(db, activeSet, events);
  const attempts = Math.max(...group.map(({ message }) => message.attempts));
  const letters = await Promise.all([
    ...poisoned.map(({ event, code }) => letterOfEvent(event, "refused_by_database", code, attempts)),
    ...group.flatMap(({ message, read }) => read.malformed.map((value) => letterOfMalformed(value, message))),
  ]);
  const recorded = await recordDeadLetters(db, letters);
  for (const { message, read } of group) {
    log("info", "message_decided", {
      request_id: read.requestId,
      ...(read.traceparent === undefined ? {} : { traceparent: read.traceparent }),
      events: read.events.length,
      attempts: message.attempts,
    });
  }
  log("info", "batch_decided", {
    messages: group.length,
    events: events.length,
    inserted,
    matched,
    conflicts,
    erased: erased + recorded.erased,
    duplicates: events.length - inserted - conflicts - erased - poisoned.length,
    dead_letters: recorded.kept,
    duration_ms: Date.now() - started,
  });
}

async function keepUnreadable(db: Database, message: Delivery): Promise<void> {
  const letters = await lettersOfUnreadable(message);
  const { kept, erased } = await recordDeadLetters(db, letters);
  log("error", "message_unreadable", {
    attempts: message.attempts,
    dead_letters: kept,
    erased,
  });
}

/** Acknowledges messages when `work` succeeds, and retries them later when it fails, whatever the reason. */
async function settle(messages: readonly Delivery[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
    for (const message of messages) message.ack();
  } catch (error) {
    const failure = failureOf(error);
    const code = "code" in failure ? failure.code : failure.kind;
    for (const message of messages) {
      const delaySeconds = retryDelay(message.attempts, Math.random());
      message.retry({ delaySeconds });
      log("error", "message_retried", {
        failure: code,
        attempts: message.attempts,
        delay_seconds: delaySeconds,
      });
    }
  }
}

/** Messages in order, in groups of about `COMMIT_EVENTS_MAX` events: one transaction each. */
function groups(messages: readonly Readable[]): Readable[][] {
  const grouped: Readable[][] = [];
  let events = 0;
  for (const message of messages) {
    const last = grouped.at(-1);
    events += message.read.events.length;
    if (last !== undefined && events <= COMMIT_EVENTS_MAX) {
      last.push(message);
    } else {
      grouped.push([message]);
      events = message.read.events.length;
    }
  }
  return grouped;
}

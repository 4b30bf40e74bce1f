import { COMMIT_EVENTS_MAX } from "../limits.ts";
import { type QueueMessage, queueMessageSchema } from "../messages.ts";
import type { Database } from "../storage/client.ts";
import { recordDeadLetters } from "../storage/dead-letters.ts";
import { failureOf } from "../storage/failure.ts";
import { log } from "../telemetry/log.ts";
import type { ActiveSet } from "./active-set.ts";
import { letterOfEvent, letterOfMessage } from "./dead-letters.ts";
import { decide } from "./decide.ts";
import { retryDelay } from "./retry-delay.ts";

interface Readable {
  readonly message: Message;
  readonly body: QueueMessage;
}

/**
 * Decides a batch of queue messages. Every message is acknowledged once all its events are decided or kept as
 * dead letters, or else retried; none is left to the platform, which acknowledges what was not spoken of.
 */
export async function decideBatch(db: Database, activeSet: ActiveSet, batch: MessageBatch): Promise<void> {
  const readable: Readable[] = [];
  for (const message of batch.messages) {
    const parsed = queueMessageSchema.safeParse(message.body);
    if (parsed.success) readable.push({ message, body: parsed.data });
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
  const events = group.flatMap(({ body }) => body.events);
  const { inserted, matched, conflicts, poisoned } = await decide(db, activeSet, events);
  const attempts = Math.max(...group.map(({ message }) => message.attempts));
  await recordDeadLetters(
    db,
    await Promise.all(
      poisoned.map(({ event, code }) => letterOfEvent(event, "refused_by_database", code, attempts)),
    ),
  );
  for (const { body, message } of group) {
    log("info", "message_decided", {
      request_id: body.request_id,
      ...(body.traceparent === undefined ? {} : { traceparent: body.traceparent }),
      events: body.events.length,
      attempts: message.attempts,
    });
  }
  log("info", "batch_decided", {
    messages: group.length,
    events: events.length,
    inserted,
    matched,
    conflicts,
    duplicates: events.length - inserted - conflicts - poisoned.length,
    dead_letters: poisoned.length,
    duration_ms: Date.now() - started,
  });
}

async function keepUnreadable(db: Database, message: Message): Promise<void> {
  await recordDeadLetters(db, [await letterOfMessage(message, "malformed_message")]);
  log("error", "message_unreadable", { attempts: message.attempts });
}

/** Acknowledges messages when `work` succeeds, and retries them later when it fails, whatever the reason. */
async function settle(messages: readonly Message[], work: () => Promise<void>): Promise<void> {
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
    events += message.body.events.length;
    if (last !== undefined && events <= COMMIT_EVENTS_MAX) {
      last.push(message);
    } else {
      grouped.push([message]);
      events = message.body.events.length;
    }
  }
  return grouped;
}

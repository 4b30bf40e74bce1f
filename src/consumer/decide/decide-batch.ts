import { COMMIT_EVENTS_MAX } from "../../limits.ts";
import type { AcceptedEvent } from "../../messages.ts";
import type { Database } from "../../storage/core/client.ts";
import { failureCode, failureOf } from "../../storage/core/failure.ts";
import { recordDeadLetters } from "../../storage/dead-letters.ts";
import { batchPoint, type Dataset, writePoint } from "../../telemetry/analytics.ts";
import { log } from "../../telemetry/log.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import type { ActiveSet } from "../active-set/active-set.ts";
import { letterOfEvent, letterOfMalformed, lettersOfUnreadable } from "../dead-letters/letters.ts";
import type { Batch, Delivery } from "../queue/delivery.ts";
import { type ReadMessage, readMessage } from "../queue/read-message.ts";
import { retryDelay } from "../queue/retry-delay.ts";
import { type Allowance, createAllowance, type StepLimits } from "./allowance.ts";
import { decide } from "./decide.ts";

interface Readable {
  readonly message: Delivery;
  readonly read: ReadMessage;
}

/** What measures. Where something is missing, nothing is measured there. */
export interface Instruments {
  readonly metricBuffer?: MetricBuffer;
  readonly analytics?: Dataset | undefined;
}

const QUEUE = "events";

/**
 * Decides a batch of queue messages. Every message is acknowledged once all its events are decided or kept as
 * dead letters, or else retried; none is left to the platform, which would acknowledge a message that was neither.
 */
export async function decideBatch(
  db: Database,
  activeSet: ActiveSet,
  batch: Batch,
  instruments: Instruments = {},
  limits?: StepLimits,
): Promise<void> {
  const allowance = createAllowance(limits);
  const readable: Readable[] = [];
  for (const message of batch.messages) {
    const read = readMessage(message.body);
    if (read !== undefined) readable.push({ message, read });
    else await ackOrRetry([{ message }], instruments, () => keepUnreadable(db, message));
  }
  for (const group of groups(readable)) {
    await ackOrRetry(group, instruments, () => decideGroup(db, activeSet, group, allowance, instruments));
  }
}

async function decideGroup(
  db: Database,
  activeSet: ActiveSet,
  group: readonly Readable[],
  allowance: Allowance,
  { metricBuffer, analytics }: Instruments,
): Promise<void> {
  const started = Date.now();
  const events = group.flatMap(({ read }) => read.events);
  const decided = await decide(db, activeSet, events, allowance, metricBuffer);
  const { inserted, matched, conflicts, poisoned, tooCostly } = decided;
  const attempts = Math.max(...group.map(({ message }) => message.attempts));
  const letters = await Promise.all([
    ...poisoned.map(({ event, code }) => letterOfEvent(event, "refused_by_database", code, attempts)),
    ...tooCostly.map(({ event, campaign }) => letterOfEvent(event, "too_costly", null, attempts, campaign)),
    ...group.flatMap(({ message, read }) =>
      read.malformed.map((value) => letterOfMalformed(value, message, read.sender)),
    ),
  ]);
  const recorded = await recordDeadLetters(db, letters);
  for (const { campaign } of tooCostly) {
    log("error", "event_too_costly", {
      ...(campaign === null ? {} : { campaign_id: campaign.id, campaign_version: campaign.version }),
    });
  }
  for (const { message, read } of group) {
    log("info", "message_decided", {
      ...idsOf(read),
      events: read.events.length,
      attempts: message.attempts,
    });
  }
  const ended = Date.now();
  const counts = {
    messages: group.length,
    events: events.length,
    inserted,
    matched,
    conflicts,
    erased: decided.erased + recorded.erased,
    duplicates: events.length - inserted - conflicts - decided.erased - poisoned.length - tooCostly.length,
  };
  log("info", "batch_decided", { ...counts, dead_letters: recorded.kept, duration_ms: ended - started });
  writePoint(
    analytics,
    batchPoint({
      ...counts,
      queue: QUEUE,
      outcome: "decided",
      durationMs: ended - started,
      deadLetters: recorded.kept,
    }),
  );
  if (metricBuffer === undefined) return;
  metricBuffer.observe("consumer_batch_messages", {}, group.length);
  metricBuffer.observe("consumer_batch_events", {}, events.length);
  metricBuffer.observe("consumer_decision_duration_seconds", {}, (ended - started) / 1_000);
  for (const [receivedAt, times] of receipts(events)) {
    // Clocks differ: what seems to come from the future is as young as can be.
    metricBuffer.observe("event_age_seconds", {}, Math.max(0, ended - Date.parse(receivedAt)) / 1_000, times);
  }
}

/** How many events were received when: those of one request at the same time. */
function receipts(events: readonly AcceptedEvent[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { received_at } of events) times.set(received_at, (times.get(received_at) ?? 0) + 1);
  return times;
}

const idsOf = ({ requestId, traceparent }: ReadMessage) => ({
  request_id: requestId,
  ...(traceparent === undefined ? {} : { traceparent }),
});

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
async function ackOrRetry(
  group: readonly { readonly message: Delivery; readonly read?: ReadMessage }[],
  { metricBuffer, analytics }: Instruments,
  work: () => Promise<void>,
): Promise<void> {
  const started = Date.now();
  try {
    await work();
    for (const { message } of group) message.ack();
  } catch (error) {
    const code = failureCode(failureOf(error));
    for (const { message, read } of group) {
      const delaySeconds = retryDelay(message.attempts, Math.random());
      message.retry({ delaySeconds });
      log("error", "message_retried", {
        ...(read === undefined ? {} : idsOf(read)),
        failure: code,
        attempts: message.attempts,
        delay_seconds: delaySeconds,
      });
    }
    metricBuffer?.count("messages_retried_total", { queue: QUEUE, failure: code }, group.length);
    writePoint(
      analytics,
      batchPoint({
        queue: QUEUE,
        outcome: code,
        durationMs: Date.now() - started,
        messages: group.length,
        events: group.reduce((sum, { read }) => sum + (read?.events.length ?? 0), 0),
        ...NOTHING_DECIDED,
      }),
    );
  }
}

const NOTHING_DECIDED = { inserted: 0, matched: 0, duplicates: 0, conflicts: 0, erased: 0, deadLetters: 0 };

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

/**
 * The contract of the queue `events`. The two Workers are not deployed at the same instant, so a message
 * carries its version: to change the shape, teach the consumer the new version first, then the API.
 */
import { QUEUE_BATCH_BYTES_MAX, QUEUE_BATCH_MESSAGES_MAX, QUEUE_MESSAGE_BYTES_MAX } from "./limits.ts";
import { utf8Bytes } from "./text.ts";

/** One accepted event. Times are as `formatTime` writes them; `time` is `received_at` where the client gave none. */
export interface AcceptedEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string;
  readonly received_at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Who posted events. */
export interface Sender {
  readonly kind: "user" | "api_key";
  /** A UUID. */
  readonly id: string;
}

/** An event as it comes out of the queue. */
export interface SentEvent extends AcceptedEvent {
  /** Undefined where it was accepted before this was kept. */
  readonly sender?: Sender | undefined;
}

export interface QueueMessage {
  readonly version: 3;
  /** Of the request that accepted these events, so that one id leads from client to commit. */
  readonly request_id: string;
  /** W3C Trace Context, when the client sent a valid one. */
  readonly traceparent?: string | undefined;
  /** Of all these events; absent in a replay of what was accepted before this was kept. */
  readonly sender?: Sender | undefined;
  /** At least one. */
  readonly events: readonly AcceptedEvent[];
}

/**
 * Version 1 had a hash of its content in every event, which nothing needs; versions 1 and 2 did not say who sent them.
 * Their messages may be in the queues for weeks, and in dead letters for as long as those are kept.
 */
type Version = 1 | 2 | 3;

/** A message whose events are still to be read, each by itself. */
export interface UnreadMessage extends Omit<QueueMessage, "version" | "events"> {
  readonly version: Version;
  readonly events: readonly unknown[];
}

/** The keys of each version; any other is of a version unknown here. */
const MESSAGE_KEYS = new Set(["version", "request_id", "traceparent", "sender", "events"]);
const SENDER_KEYS = new Set(["kind", "id"]);
const EVENT_KEYS = new Set(["source", "id", "type", "subject", "time", "received_at", "data"]);

/** What it is like; Postgres says whether there is such a day. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;
const HASH = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a value is a message of a version known here. */
export function isMessage(value: unknown): value is UnreadMessage {
  return (
    isObject(value) &&
    hasNoOther(value, MESSAGE_KEYS) &&
    (value["version"] === 1 || value["version"] === 2 || value["version"] === 3) &&
    typeof value["request_id"] === "string" &&
    (value["traceparent"] === undefined || typeof value["traceparent"] === "string") &&
    (value["sender"] === undefined || (value["version"] === 3 && isSender(value["sender"]))) &&
    Array.isArray(value["events"]) &&
    value["events"].length > 0
  );
}

function isSender(value: unknown): value is Sender {
  return (
    isObject(value) &&
    hasNoOther(value, SENDER_KEYS) &&
    (value["kind"] === "user" || value["kind"] === "api_key") &&
    typeof value["id"] === "string" &&
    UUID.test(value["id"])
  );
}

/** The event that stands in a message of this version; undefined when it is none. */
export function readEvent(value: unknown, version: Version): AcceptedEvent | undefined {
  if (version !== 1) return isAcceptedEvent(value) ? value : undefined;
  if (!isObject(value)) return undefined;
  const { hash, ...event } = value;
  return typeof hash === "string" && HASH.test(hash) && isAcceptedEvent(event) ? event : undefined;
}

function isAcceptedEvent(value: unknown): value is AcceptedEvent {
  return (
    isObject(value) &&
    hasNoOther(value, EVENT_KEYS) &&
    isText(value["source"]) &&
    isText(value["id"]) &&
    isText(value["type"]) &&
    (value["subject"] === null || isText(value["subject"])) &&
    isTime(value["time"]) &&
    isTime(value["received_at"]) &&
    isObject(value["data"])
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function hasNoOther(value: Readonly<Record<string, unknown>>, keys: ReadonlySet<string>): boolean {
  for (const key in value) if (!keys.has(key)) return false;
  return true;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isTime = (value: unknown): boolean => typeof value === "string" && TIME.test(value);

/**
 * The event in a dead letter's body, as it is read today: on its own, or alone in a message. Undefined when there is
 * none.
 * @param body JSON text
 */
export function eventOfLetter(body: string): SentEvent | undefined {
  const value = parseJson(body);
  if (!isMessage(value)) return readEvent(value, 3) ?? readEvent(value, 1);
  const event = value.events.length === 1 ? readEvent(value.events[0], value.version) : undefined;
  return event && { ...event, sender: value.sender };
}

/**
 * Reads a message's body, which is sent as JSON text so that the text whose bytes were counted is the text that is
 * sent. A body that is not JSON is returned as it is, for a dead letter to keep.
 */
export function parseBody(body: unknown): unknown {
  const json = typeof body === "string" ? parseJson(body) : undefined;
  return json === undefined ? body : json;
}

/** Undefined when `text` is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A message ready to send, with the positions (in the list given to `pack`) of the events in it. */
export interface PackedMessage {
  /** A `QueueMessage` as JSON. */
  readonly body: string;
  readonly bytes: number;
  readonly positions: readonly number[];
}

/** What a message ends with, after its events. */
const TAIL = "]}";

/** Packs events, in order, into as few messages as their size allows. */
export function pack(
  events: readonly AcceptedEvent[],
  envelope: Omit<QueueMessage, "version" | "events">,
): PackedMessage[] {
  const head = JSON.stringify({ version: 3, ...envelope, events: [] }).slice(0, -TAIL.length);
  const packed: { texts: string[]; positions: number[]; bytes: number }[] = [];
  events.forEach((event, position) => {
    const text = JSON.stringify(event);
    const bytes = utf8Bytes(text) + 1; // and its comma
    const last = packed.at(-1);
    if (last && last.bytes + bytes <= QUEUE_MESSAGE_BYTES_MAX) {
      last.texts.push(text);
      last.positions.push(position);
      last.bytes += bytes;
    } else {
      packed.push({ texts: [text], positions: [position], bytes: utf8Bytes(head) + TAIL.length + bytes });
    }
  });
  return packed.map(({ texts, bytes, positions }) => ({
    body: `${head}${texts.join()}${TAIL}`,
    bytes,
    positions,
  }));
}

/** The same of events of several senders: no message holds events of two. */
export function packBySender(
  events: readonly SentEvent[],
  envelope: Omit<QueueMessage, "version" | "sender" | "events">,
): PackedMessage[] {
  const bySender = Map.groupBy(events.keys(), (position) => {
    const { kind, id } = events[position]?.sender ?? {};
    return `${kind} ${id}`;
  });
  return [...bySender.values()].flatMap((ofSender) => {
    const sent = ofSender.map((position) => events[position] as SentEvent);
    const withoutSender = sent.map(({ sender: _, ...event }) => event);
    return pack(withoutSender, { ...envelope, sender: sent[0]?.sender }).map((message) => ({
      ...message,
      positions: message.positions.map((place) => ofSender[place] as number),
    }));
  });
}

/** Groups messages, in order, into batches that one `sendBatch` takes. */
export function batches(messages: readonly PackedMessage[]): PackedMessage[][] {
  const grouped: PackedMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const last = grouped.at(-1);
    if (last && last.length < QUEUE_BATCH_MESSAGES_MAX && bytes + message.bytes <= QUEUE_BATCH_BYTES_MAX) {
      last.push(message);
      bytes += message.bytes;
    } else {
      grouped.push([message]);
      bytes = message.bytes;
    }
  }
  return grouped;
}

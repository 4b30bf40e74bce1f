/**
 * The contract of the queue `events`. The two Workers are not deployed at the same instant, so a message
 * carries its version: to change the shape, teach the consumer the new version first, then the API.
 */
import * as z from "zod";
import { QUEUE_BATCH_BYTES_MAX, QUEUE_BATCH_MESSAGES_MAX, QUEUE_MESSAGE_BYTES_MAX } from "./limits.ts";
import { utf8Bytes } from "./text.ts";

const time = z.iso.datetime();

/** One accepted event. Times are as `formatTime` writes them. */
export const acceptedEventSchema = z.strictObject({
  source: z.string().min(1),
  id: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1).nullable(),
  time,
  received_at: time,
  data: z.custom<Record<string, unknown>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "an object",
  ),
  /** SHA-256 in hex of what the client sent: tells a duplicate from a conflict. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AcceptedEvent = z.infer<typeof acceptedEventSchema>;

export const queueMessageSchema = z.strictObject({
  version: z.literal(1),
  /** Of the request that accepted these events, so that one id leads from client to commit. */
  request_id: z.string(),
  /** W3C Trace Context, when the client sent a valid one. */
  traceparent: z.string().optional(),
  events: z.array(acceptedEventSchema).min(1),
});
export type QueueMessage = z.infer<typeof queueMessageSchema>;

/**
 * The event in a dead letter's body, as today's schema reads it: on its own, or alone in a message. Undefined when
 * there is none.
 * @param body JSON text
 */
export function eventOfLetter(body: string): AcceptedEvent | undefined {
  const value = parseJson(body);
  const event = acceptedEventSchema.safeParse(value);
  if (event.success) return event.data;
  const message = queueMessageSchema.safeParse(value);
  if (!message.success) return undefined;
  const [only, another] = message.data.events;
  return another === undefined ? only : undefined;
}

/**
 * Reads a message's body, which is sent as JSON text so that the text whose bytes were counted is the text that is
 * sent. A body that is not JSON is returned as it is, for a dead letter to keep.
 */
export function parseBody(body: unknown): unknown {
  return typeof body === "string" ? (parseJson(body) ?? body) : body;
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
  const head = JSON.stringify({ version: 1, ...envelope, events: [] }).slice(0, -TAIL.length);
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

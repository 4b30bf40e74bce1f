import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EVENT_ATTRIBUTE_CHARS_MAX,
  QUEUE_BATCH_BYTES_MAX,
  QUEUE_BATCH_MESSAGES_MAX,
  QUEUE_MESSAGE_BYTES_MAX,
} from "../src/limits.ts";
import {
  type AcceptedEvent,
  batches,
  pack,
  parseBody,
  type QueueMessage,
  queueMessageSchema,
} from "../src/messages.ts";

const sizeOf = (body: string) => Buffer.byteLength(body);
const parsed = (body: string): QueueMessage => JSON.parse(body);

const attribute = fc.string({ minLength: 1, maxLength: EVENT_ATTRIBUTE_CHARS_MAX, unit: "grapheme" });
const time = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString());
/** Sizes from nothing to the largest event, in text that grows when it is written as JSON. */
const bulk = fc
  .tuple(fc.constantFrom("x", "é", "漢", "👋", '"', "\u0001", "\\"), fc.integer({ min: 0, max: 60_000 }))
  .map(([unit, bytes]) => unit.repeat(Math.floor(bytes / Buffer.byteLength(JSON.stringify(unit)))));

const accepted: fc.Arbitrary<AcceptedEvent> = fc.record({
  source: attribute,
  id: attribute,
  type: attribute,
  subject: fc.option(attribute),
  time,
  received_at: time,
  data: fc.record({ bulk, more: fc.jsonValue() }),
  hash: fc.constant("0".repeat(64)),
});

const envelope = fc.record(
  {
    request_id: fc.string({ minLength: 1, maxLength: 128 }),
    traceparent: fc.constant(`00-${"a".repeat(52)}`),
  },
  { requiredKeys: ["request_id"] },
);

describe("pack and batches", () => {
  test("put every event into exactly one message, in order, within every limit of the queue", () => {
    fc.assert(
      fc.property(fc.array(accepted, { maxLength: 40 }), envelope, (events, about) => {
        const grouped = batches(pack(events, about));
        const messages = grouped.flat();
        expect(messages.flatMap(({ body }) => parsed(body).events)).toEqual(
          JSON.parse(JSON.stringify(events)),
        );
        expect(messages.flatMap(({ positions }) => positions)).toEqual(events.map((_, i) => i));
        for (const { body, bytes } of messages) {
          expect(parsed(body)).toMatchObject({ version: 1, ...about });
          // The size reckoned is never less than the real one, and hardly more.
          expect(bytes).toBeGreaterThanOrEqual(sizeOf(body));
          expect(bytes - sizeOf(body)).toBeLessThanOrEqual(1);
          expect(sizeOf(body)).toBeLessThanOrEqual(QUEUE_MESSAGE_BYTES_MAX);
        }
        for (const batch of grouped) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(QUEUE_BATCH_MESSAGES_MAX);
          expect(batch.reduce((sum, { body }) => sum + sizeOf(body), 0)).toBeLessThanOrEqual(
            QUEUE_BATCH_BYTES_MAX,
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  test("waste nothing: no two neighbours would fit together", () => {
    fc.assert(
      fc.property(fc.array(accepted, { minLength: 2, maxLength: 40 }), (events) => {
        const about = { request_id: "r" };
        const messages = pack(events, about);
        messages.slice(1).forEach((message, i) => {
          const [first] = parsed(message.body).events;
          const previous = messages[i];
          if (first === undefined || previous === undefined) throw new Error("an empty message");
          const { events: before, ...about } = parsed(previous.body);
          expect(sizeOf(JSON.stringify({ ...about, events: [...before, first] }))).toBeGreaterThanOrEqual(
            QUEUE_MESSAGE_BYTES_MAX,
          );
        });
      }),
      { numRuns: 60 },
    );
  });

  test("make many small messages into batches by their number", () => {
    const small = Array.from({ length: 250 }, (_, i) => ({
      body: "",
      bytes: 100,
      positions: [i],
    }));
    expect(batches(small).map((batch) => batch.length)).toEqual([100, 100, 50]);
  });

  test("make nothing of nothing", () => {
    expect(pack([], { request_id: "r" })).toEqual([]);
    expect(batches([])).toEqual([]);
  });
});

test.each<[unknown, unknown]>([
  ['{"version":1}', { version: 1 }],
  ["null", "null"],
  ["no JSON", "no JSON"],
  ["", ""],
  [{ version: 1 }, { version: 1 }],
  [null, null],
])("the body %j says %j", (body, said) => {
  expect(parseBody(body)).toEqual(said);
});

describe("the contract of a message", () => {
  const event: AcceptedEvent = {
    source: "api",
    id: "1",
    type: "t",
    subject: null,
    time: "2026-11-21T10:00:00Z",
    received_at: "2026-11-21T10:00:00.123Z",
    data: {},
    hash: "a".repeat(64),
  };
  const message = { version: 1, request_id: "r", events: [event] };

  test("holds for whatever pack makes, through JSON", () => {
    fc.assert(
      fc.property(fc.array(accepted, { minLength: 1, maxLength: 3 }), envelope, (events, about) => {
        for (const { body } of pack(events, about)) {
          expect(queueMessageSchema.parse(parseBody(body))).toEqual(JSON.parse(body));
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["text", "x"],
    ["another version", { ...message, version: 2 }],
    ["no version", { ...message, version: undefined }],
    ["no events", { ...message, events: [] }],
    ["no request id", { ...message, request_id: undefined }],
    ["a key of a later version", { ...message, priority: 1 }],
    ["an event with a key of a later version", { ...message, events: [{ ...event, tenant: "x" }] }],
    ["an event without an id", { ...message, events: [{ ...event, id: "" }] }],
    ["an event without its hash", { ...message, events: [{ ...event, hash: "a" }] }],
    ["a time that is none", { ...message, events: [{ ...event, time: "now" }] }],
    ["data that is a list", { ...message, events: [{ ...event, data: [] }] }],
    [
      "a subject that is missing rather than null",
      { ...message, events: [{ ...event, subject: undefined }] },
    ],
  ])("does not hold for %s", (_, body) => {
    expect(queueMessageSchema.safeParse(message).success).toBe(true);
    expect(queueMessageSchema.safeParse(body).success).toBe(false);
  });
});

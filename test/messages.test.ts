import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMessage } from "../src/consumer/queue/read-message.ts";
import {
  EVENT_ATTRIBUTE_CHARS_MAX,
  QUEUE_BATCH_BYTES_MAX,
  QUEUE_BATCH_MESSAGES_MAX,
  QUEUE_MESSAGE_BYTES_MAX,
} from "../src/limits.ts";
import {
  type AcceptedEvent,
  batches,
  eventOfLetter,
  pack,
  packBySender,
  parseBody,
  type QueueMessage,
  type Sender,
} from "../src/messages.ts";
import { eventOfVersion1, messageOfVersion1, messageOfVersion2, SENDER } from "./support/accepted-events.ts";

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
});

const envelope = fc.record(
  {
    request_id: fc.string({ minLength: 1, maxLength: 128 }),
    traceparent: fc.constant(`00-${"a".repeat(52)}`),
    sender: fc.record({ kind: fc.constantFrom("user" as const, "api_key" as const), id: fc.uuid() }),
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
          expect(parsed(body)).toMatchObject({ version: 3, ...about });
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
  ["null", null],
  ["no JSON", "no JSON"],
  ["", ""],
  [{ version: 1 }, { version: 1 }],
  [null, null],
])("the body %j says %j", (body, said) => {
  expect(parseBody(body)).toEqual(said);
});

test("packed by sender, every event is in exactly one message, which names its sender", () => {
  const sender = fc.option(
    fc.constantFrom<Sender>(SENDER, { ...SENDER, kind: "user" }, { ...SENDER, id: crypto.randomUUID() }),
    { nil: undefined },
  );
  const sent = fc.array(
    fc.tuple(accepted, sender).map(([event, sender]) => ({ ...event, sender })),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(sent, (events) => {
      const messages = packBySender(events, { request_id: "r" });
      expect(messages.flatMap(({ positions }) => positions).toSorted((a, b) => a - b)).toEqual(
        events.map((_, i) => i),
      );
      for (const { body, positions } of messages) {
        expect(sizeOf(body)).toBeLessThanOrEqual(QUEUE_MESSAGE_BYTES_MAX);
        const said = positions.map((position) => events[position]);
        expect(readMessage(body)?.events).toEqual(JSON.parse(JSON.stringify(said)));
      }
    }),
    { numRuns: 60 },
  );
});

describe("a message", () => {
  const event: AcceptedEvent = {
    source: "api",
    id: "1",
    type: "t",
    subject: null,
    time: "2026-11-21T10:00:00Z",
    received_at: "2026-11-21T10:00:00.123Z",
    data: {},
  };
  const message = { version: 3, request_id: "r", sender: SENDER, events: [event] };

  test("that pack makes is read whole", () => {
    fc.assert(
      fc.property(fc.array(accepted, { minLength: 1, maxLength: 3 }), envelope, (events, about) => {
        const read = pack(events, about).map(({ body }) => readMessage(body));
        expect(read.flatMap((message) => message?.malformed)).toEqual([]);
        const sent = events.map((event) => ({ ...event, sender: about.sender }));
        expect(read.flatMap((message) => message?.events)).toEqual(JSON.parse(JSON.stringify(sent)));
        for (const message of read) {
          expect(message).toMatchObject({ requestId: about.request_id, traceparent: about.traceparent });
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["1", messageOfVersion1([event])],
    ["2", messageOfVersion2([event])],
    ["3 without a sender", { ...message, sender: undefined, request_id: "request-1" }],
  ])("of version %s is read as one of unknown sender", (_, before) => {
    expect(readMessage(JSON.stringify(before))).toEqual({
      requestId: "request-1",
      traceparent: undefined,
      sender: undefined,
      events: [event],
      malformed: [],
    });
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["text", "x"],
    ["an array", [message]],
    ["another version", { ...message, version: 4 }],
    ["a version that is text", { ...message, version: "3" }],
    ["no version", { ...message, version: undefined }],
    ["no events", { ...message, events: [] }],
    ["events that are no list", { ...message, events: { 0: event, length: 1 } }],
    ["no request id", { ...message, request_id: undefined }],
    ["a traceparent that is no text", { ...message, traceparent: 1 }],
    ["a sender in version 2", { ...message, version: 2 }],
    ["a sender that is null", { ...message, sender: null }],
    ["a sender that is text", { ...message, sender: SENDER.id }],
    ["a sender of no kind", { ...message, sender: { id: SENDER.id } }],
    ["a sender of another kind", { ...message, sender: { ...SENDER, kind: "operator" } }],
    ["a sender whose id is no UUID", { ...message, sender: { ...SENDER, id: "1" } }],
    ["a sender with a key of a later version", { ...message, sender: { ...SENDER, name: "x" } }],
    ["a key of a later version", { ...message, priority: 1 }],
  ])("that is %s is not read", (_, body) => {
    expect(readMessage(message)).toBeDefined();
    expect(readMessage(body)).toBeUndefined();
  });

  const MALFORMED: [string, unknown][] = [
    ["null", null],
    ["an array", []],
    ["an event with a key of a later version", { ...event, tenant: "x" }],
    ["an event without an id", { ...event, id: "" }],
    ["an event whose source is no text", { ...event, source: 1 }],
    ["an event without a type", { ...event, type: undefined }],
    ["an event about nobody in a wrong way", { ...event, subject: "" }],
    ["a subject that is missing rather than null", { ...event, subject: undefined }],
    ["a time that is none", { ...event, time: "now" }],
    ["a time of receipt that is none", { ...event, received_at: "2026-11-21" }],
    ["data that is a list", { ...event, data: [] }],
    ["data that is null", { ...event, data: null }],
  ];

  test.each(MALFORMED)("has its other events read beside %s", (_, malformed) => {
    expect(readMessage({ ...message, events: [event, malformed] })).toMatchObject({
      sender: SENDER,
      events: [{ ...event, sender: SENDER }],
      malformed: [malformed],
    });
  });

  test.each<[string, unknown]>([["with a hash in version 3", eventOfVersion1(event)], ...MALFORMED])(
    "has no event that is %s",
    (_, malformed) => {
      expect(eventOfLetter(JSON.stringify({ ...message, events: [malformed] }))).toBeUndefined();
    },
  );

  test.each<[string, unknown]>([
    ["without its hash", event],
    ["with a hash that is none", { ...event, hash: "a" }],
    ...MALFORMED.map(([what, value]): [string, unknown] => [
      what,
      value !== null && !Array.isArray(value) ? { ...value, hash: "a".repeat(64) } : value,
    ]),
  ])("of version 1 has no event that is %s", (_, malformed) => {
    expect(readMessage({ ...messageOfVersion1([event]), events: [malformed] })).toMatchObject({
      events: [],
      malformed: [malformed],
    });
  });
});

test("a letter is an event of any version, or a message of any with that event alone", () => {
  const event: AcceptedEvent = {
    ...{ source: "api", id: "1", type: "t", subject: null, data: {} },
    ...{ time: "2026-11-21T10:00:00Z", received_at: "2026-11-21T10:00:00.123Z" },
  };
  const message = { version: 3, request_id: "r", sender: SENDER, events: [event] };
  for (const body of [
    event,
    eventOfVersion1(event),
    messageOfVersion2([event]),
    messageOfVersion1([event]),
  ]) {
    expect(eventOfLetter(JSON.stringify(body))).toEqual(event);
  }
  expect(eventOfLetter(JSON.stringify(message))).toEqual({ ...event, sender: SENDER });
  for (const body of [
    { ...message, events: [event, event] },
    messageOfVersion1([event, event]),
    "text",
    null,
  ]) {
    expect(eventOfLetter(JSON.stringify(body))).toBeUndefined();
  }
  expect(eventOfLetter("[object Object]")).toBeUndefined();
});

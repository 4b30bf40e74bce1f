import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepDeadLetters } from "../../../src/consumer/dead-letters/dead-letters.ts";
import { commitDecisions } from "../../../src/storage/decisions.ts";
import { acceptedEvent, messageOfVersion1, queueMessage } from "../../support/accepted-events.ts";
import { forgetAll, recorded } from "../../support/recorded.ts";
import { deliver } from "../../support/recorded-delivery.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const { database, faults, db } = await useFaultyDatabase();
beforeEach(async () => {
  await forgetAll(database);
  for (const level of ["info", "error"] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => void vi.restoreAllMocks());

test("an exhausted message is kept, one letter an event", async () => {
  const events = [acceptedEvent({ id: "1" }), acceptedEvent({ id: "2", subject: null })];
  const message = deliver(queueMessage(events));
  await keepDeadLetters(db, { messages: [message] });
  expect(message.said).toEqual(["ack"]);
  const { deadLetters } = await recorded(database);
  expect(deadLetters).toEqual(
    events.map((event) => ({
      cause: "retries_exhausted",
      error_code: null,
      source: "shop",
      event_id: event.id,
      attempts: 101,
      body: JSON.stringify(event),
    })),
  );
  expect(await database.sql`select subject, first_at::text from dead_letters order by event_id`).toEqual([
    { subject: "customer-1", first_at: "2026-11-21 10:00:01+00" },
    { subject: null, first_at: "2026-11-21 10:00:01+00" },
  ]);
});

test("a message that nobody can read is kept as it is", async () => {
  const bodies = ["text \0", null, { version: 9 }];
  const messages = bodies.map((body) => deliver(body));
  await keepDeadLetters(db, { messages });
  expect(messages.map(({ said }) => said)).toEqual([["ack"], ["ack"], ["ack"]]);
  const { deadLetters } = await recorded(database);
  expect(deadLetters.map(({ body }) => body).toSorted()).toEqual(
    bodies.map((body) => JSON.stringify(body)).toSorted(),
  );
});

test("what has no JSON is kept by its kind", async () => {
  const message = deliver({ toString: 1, count: 1n });
  await keepDeadLetters(db, { messages: [message] });
  expect(message.said).toEqual(["ack"]);
  expect((await recorded(database)).deadLetters).toMatchObject([{ body: "[object Object]" }]);
});

test("events that Postgres refuses and attributes of any length are kept, found by what fits", async () => {
  const event = acceptedEvent({ id: "a\0b", subject: `${"😀".repeat(254)}ab`, source: "s".repeat(90_000) });
  const message = deliver(queueMessage([event]));
  await keepDeadLetters(db, { messages: [message] });
  expect(message.said).toEqual(["ack"]);
  expect(
    await database.sql`select event_id, subject, length(source) as source, body from dead_letters`,
  ).toEqual([
    { event_id: "a\ufffdb", subject: `${"😀".repeat(254)}a`, source: 255, body: JSON.stringify(event) },
  ]);
});

test("an exhausted message's events that are decided after all get no letter", async () => {
  const processed = acceptedEvent({ id: "1" });
  const conflicting = acceptedEvent({ id: "1", type: "refund" });
  const undecided = acceptedEvent({ id: "2" });
  const contradicting = acceptedEvent({ id: "1", type: "signup" }); // other content, of which nothing is recorded
  await commitDecisions(db, 0, [processed, conflicting], []);
  const events = [processed, conflicting, undecided, contradicting];
  const messages = [deliver(queueMessage(events)), deliver(messageOfVersion1(events))];
  await keepDeadLetters(db, { messages });
  expect(messages.map(({ said }) => said)).toEqual([["ack"], ["ack"]]);
  const { deadLetters } = await recorded(database);
  expect(deadLetters.map(({ body }) => body).toSorted()).toEqual(
    [undecided, contradicting].map((event) => JSON.stringify(event)).toSorted(),
  );
});

test.each([
  ["an error", { kind: "answer", status: 500 }],
  ["a lost reply", { kind: "lose-reply" }],
] as const)(
  "after %s a message is retried, the others are not, and nothing is kept twice",
  async (_, fault) => {
    const script = faults.fail(fault, { times: 1 });
    const messages = ["1", "2"].map((id) => deliver(queueMessage([acceptedEvent({ id })]), 4));
    await keepDeadLetters(db, { messages });
    expect(script.hits).toBe(1);
    expect(messages.map(({ said }) => said)).toEqual([
      [{ retryAfter: expect.toSatisfy((delay) => delay >= 8 && delay <= 16) }],
      ["ack"],
    ]);
    const again = deliver(messages[0]?.body, 5);
    await keepDeadLetters(db, { messages: [again] });
    expect(again.said).toEqual(["ack"]);
    expect((await recorded(database)).deadLetters.map(({ event_id }) => event_id)).toEqual(["1", "2"]);
  },
);

import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createActiveSet } from "../../src/consumer/active-set/active-set.ts";
import { keepDeadLetters } from "../../src/consumer/dead-letters/dead-letters.ts";
import { decideBatch } from "../../src/consumer/decide/decide-batch.ts";
import {
  DEAD_LETTER_RETRY_DELAY_SECONDS_MAX,
  QUEUE_ATTEMPTS_MAX,
  QUEUE_RETENTION_SECONDS,
  RETRY_DELAY_SECONDS_MAX,
} from "../../src/limits.ts";
import type { AcceptedEvent } from "../../src/messages.ts";
import { acceptedEvent, queueMessage } from "../support/accepted-events.ts";
import { activeCampaign } from "../support/campaigns.ts";
import { forgetAll } from "../support/recorded.ts";
import { deliver } from "../support/recorded-delivery.ts";
import { useFaultyDatabase } from "../support/use-faulty-database.ts";

const { database, faults, db } = await useFaultyDatabase();
beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => void vi.restoreAllMocks());

/** Few ids, so that copies and conflicts are common; one in five events is one that Postgres refuses. */
const event = fc
  .record({
    id: fc.constantFrom("1", "2", "3", "4"),
    type: fc.constantFrom("a", "b", "c"),
    poisoned: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  })
  .map(({ id, type, poisoned }) => acceptedEvent({ id, type, data: poisoned ? { text: "\0" } : {} }));
const body = fc.oneof(
  { weight: 5, arbitrary: fc.array(event, { minLength: 1, maxLength: 6 }).map((e) => queueMessage(e)) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
const reply = fc.oneof(
  { weight: 4, arbitrary: fc.constant("as it is") },
  fc.constant("an error"),
  fc.constant("lost"),
);

test("every message is acknowledged or retried, once, and every event ends as exactly one thing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(body, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
      fc.array(reply, { maxLength: 8 }),
      async (batches, replies) => {
        await forgetAll(database);
        await activeCampaign(db, { rule: { field: "type", operator: "equals", value: "a" } });
        const script = scriptReplies(replies);
        const activeSet = createActiveSet();
        for (const batch of batches) {
          let waiting: readonly unknown[] = batch;
          for (let attempts = 1; waiting.length > 0; attempts++) {
            if (attempts > replies.length + 1) throw new Error("a message is retried without a reason");
            const messages = waiting.map((body) => deliver(body, attempts));
            await decideBatch(db, activeSet, { messages });
            for (const { said } of messages) expect(said).toHaveLength(1);
            waiting = messages.filter(({ said }) => said[0] !== "ack").map(({ body }) => body);
          }
        }
        script.end();
        await expectOneEnd(batches.flat());
      },
    ),
    { numRuns: 60, examples: [[[["0", 0, "x", "null"]], []]] },
  );
});

/** The database answers its next requests so; those after them as it is. */
function scriptReplies(replies: readonly string[]) {
  const left = [...replies];
  let now: string | undefined;
  const next = (): boolean => {
    now = left.shift();
    return now === "an error";
  };
  const scripted = [
    faults.fail({ kind: "answer", status: 500 }, { when: next }),
    faults.fail({ kind: "lose-reply" }, { when: () => now === "lost" }),
  ];
  return {
    end(): void {
      for (const fault of scripted) fault.release();
    },
  };
}

const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
const LATEST = QUEUE_RETENTION_SECONDS; // of each queue

/**
 * How a message comes through an outage: the time passes as the consumer asks for delays, and after the deliveries
 * that wrangler.consumer.toml allows it goes on in the dead-letter queue.
 */
test.each([
  ["a minute", MINUTE, 0, "processed"],
  ["an hour", HOUR, 0, "processed"],
  ["ten hours", 10 * HOUR, 0, "processed"],
  ["ten hours", 10 * HOUR, 0.999, "processed"],
  ["two days", 2 * DAY, 0, "a letter"],
  ["a week", 7 * DAY, 0.999, "a letter"],
  ["as long as the queues keep a message", LATEST, 0, "a letter"],
] as const)(
  "after an outage of %s (%i s, jitter %f) the event ends as %s by itself",
  async (_, outage, jitter, end) => {
    await forgetAll(database);
    vi.spyOn(Math, "random").mockReturnValue(jitter);
    const body = queueMessage([acceptedEvent({ id: "1" })]);
    const down = faults.fail({ kind: "drop" });
    const activeSet = createActiveSet();
    let now = 0;
    let delay = 0;
    /** Deliveries in one queue until the message is acknowledged, or the queue gives it up. */
    const acknowledged = async (consume: typeof keepDeadLetters): Promise<boolean> => {
      for (let attempts = 1; attempts <= QUEUE_ATTEMPTS_MAX; attempts++) {
        if (now >= outage) down.release();
        const message = deliver(body, attempts);
        await consume(db, { messages: [message] });
        const [said] = message.said;
        if (said === "ack") return true;
        delay = said?.retryAfter ?? 0;
        now += delay;
      }
      return false;
    };
    const inTime = await acknowledged((db, batch) => decideBatch(db, activeSet, batch));
    if (!inTime) expect(now).toBeLessThan(LATEST);
    expect(inTime || (await acknowledged(keepDeadLetters))).toBe(true);

    // Not long after: by one delay at most, which is as long as the outage was, or shorter.
    expect(now).toBeGreaterThanOrEqual(outage);
    expect(now - outage).toBeLessThanOrEqual(delay);
    expect(delay).toBeLessThanOrEqual(inTime ? RETRY_DELAY_SECONDS_MAX : DEAD_LETTER_RETRY_DELAY_SECONDS_MAX);
    const [stored] = await database.sql`select (select count(*) from events)::int as processed,
    (select count(*) from dead_letters where status = 'open')::int as letters`;
    expect(stored).toEqual(end === "processed" ? { processed: 1, letters: 0 } : { processed: 0, letters: 1 });
  },
);

/** A body that is text is read as the JSON it holds, if it holds any: whoever sends by HTTP may send either. */
function readText(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

async function expectOneEnd(bodies: readonly unknown[]): Promise<void> {
  const { sql } = database;
  const key = ({ id, type, data }: AcceptedEvent) => `${id} ${type} ${JSON.stringify(data)}`;
  const rows = async (found: Promise<Record<string, unknown>[]>) =>
    (await found).map((row) => String(row["k"]));
  const processed = await rows(sql`select concat_ws(' ', id, type, data) as k from events`);
  const conflicts = await rows(sql`select concat_ws(' ', event_id, type, data) as k from event_conflicts`);
  const refused = await rows(sql`select body as k from dead_letters where cause = 'refused_by_database'`);
  const unreadable = await rows(sql`select body as k from dead_letters where cause = 'malformed_message'`);

  const isMessage = (body: unknown): body is { events: AcceptedEvent[] } =>
    typeof body === "object" && body !== null && "events" in body;
  const accepted = new Set(bodies.filter(isMessage).flatMap(({ events }) => events.map(key)));
  expect([...processed, ...conflicts, ...refused.map((body) => key(JSON.parse(body)))].toSorted()).toEqual(
    [...accepted].toSorted(),
  );
  const others = bodies.filter((body) => !isMessage(body)).map((body) => JSON.stringify(readText(body)));
  expect(unreadable.toSorted()).toEqual([...new Set(others)].toSorted());

  // One row for each id that anything acceptable was sent under, and its match if that was for the campaign.
  const sound = bodies
    .filter(isMessage)
    .flatMap(({ events }) => events.filter(({ data }) => !("text" in data)));
  expect(processed).toHaveLength(new Set(sound.map(({ id }) => id)).size);
  expect(await rows(sql`select event_id as k from matches order by 1`)).toEqual(
    await rows(sql`select id as k from events where type = 'a' order by 1`),
  );
}

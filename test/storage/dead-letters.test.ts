/** Dead letters from their recording to their end, against what two people and a consumer do at the same time. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { replayLetters } from "../../src/api/dead-letters/replay.ts";
import { createActiveSet } from "../../src/consumer/active-set/active-set.ts";
import { keepDeadLetters } from "../../src/consumer/dead-letters/dead-letters.ts";
import {
  letterOfEvent,
  letterOfMalformed,
  lettersOfUnreadable,
} from "../../src/consumer/dead-letters/letters.ts";
import { decideBatch } from "../../src/consumer/decide/decide-batch.ts";
import { STUCK_LETTER_SECONDS } from "../../src/limits.ts";
import { eventOfLetter, type QueueMessage, type SentEvent } from "../../src/messages.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import {
  type DeadLetter,
  discardDeadLetters,
  type LetterToReplay,
  listDeadLetters,
  listLettersToReplay,
  markReplayed,
  readDeadLetter,
  recordDeadLetters,
} from "../../src/storage/dead-letters.ts";
import { commitDecisions } from "../../src/storage/decisions.ts";
import { readStuck, settleReplays } from "../../src/storage/stuck.ts";
import { createMetricBuffer } from "../../src/telemetry/metric-buffer.ts";
import { acceptedEvent, messageOfVersion2, queueMessage, SENDER } from "../support/accepted-events.ts";
import { OPERATOR } from "../support/campaigns.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { forgetAll } from "../support/recorded.ts";
import { deliver } from "../support/recorded-delivery.ts";
import { useFaultyDatabase } from "../support/use-faulty-database.ts";

const { database, faults, db } = await useFaultyDatabase();
beforeEach(async () => {
  await forgetAll(database);
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => void vi.restoreAllMocks());

const POISON = { text: "a\0b" };
const ENVELOPE = { request_id: "replay-1" };
const ALL = { rows: 100, bytes: 1_000_000 };

/** Letters of these events, as the dead-letter queue leaves them; `last_at` grows with their position. */
async function letters(...events: readonly SentEvent[]): Promise<DeadLetter[]> {
  await recordDeadLetters(
    db,
    await Promise.all(events.map((event) => letterOfEvent(event, "retries_exhausted", null, 101))),
  );
  for (const [position, { id }] of events.entries()) {
    await database.sql`update dead_letters set last_at = now() - interval '1 minute' + ${`${position} seconds`}::interval
      where event_id = ${id}`;
  }
  return (await listDeadLetters(db, {}, 100, undefined)).rows;
}
const read = async (id: string): Promise<LetterToReplay> => {
  const found = await readDeadLetter(db, id);
  if (found === undefined) throw new Error("no such letter");
  return found;
};
const only = async (event: SentEvent): Promise<LetterToReplay> => read((await letters(event))[0]?.id ?? "");

/** A queue that remembers what it took; `refuses` says which of its batches, from 1, it does not take. */
function openQueue(refuses: (batch: number) => boolean = () => false) {
  const taken: QueueMessage[] = [];
  let batches = 0;
  return {
    taken,
    events: () => taken.flatMap(({ events }) => events),
    async sendBatch(messages: Iterable<MessageSendRequest<string>>) {
      if (refuses(++batches)) throw new Error("the queue is down");
      for (const { body } of messages) taken.push(JSON.parse(body));
      return undefined as never;
    },
  };
}
function replay(queue: ReturnType<typeof openQueue>, ...replayed: LetterToReplay[]) {
  const services = { db, queue: queue as never, metricBuffer: createMetricBuffer() };
  return replayLetters(services, replayed, ENVELOPE, OPERATOR);
}
const discard = (id: string, reason = "known fault") => discardDeadLetters(db, { id }, reason, 1, OPERATOR);

async function consume(queue: ReturnType<typeof openQueue>): Promise<void> {
  const messages = queue.taken.splice(0).map((body) => deliver(body));
  await decideBatch(db, createActiveSet(), { messages });
  for (const { said } of messages) expect(said).toEqual(["ack"]);
}
const audited = async () =>
  database.sql`select action, target_id, before, after from audit_log
    where target_type = 'dead_letter' and target_id in (select id::text from dead_letters) order by seq`;

describe("a replay", () => {
  test("sends the event as it was received, and then says so in the audit", async () => {
    const event = acceptedEvent({ id: "1", data: { card: 1 } });
    const letter = await only(event);
    const queue = openQueue();
    const { changed, refused, unsent } = await replay(queue, letter);
    expect([changed.map(({ status }) => status), refused, unsent]).toEqual([["replayed"], 0, 0]);
    expect(queue.taken).toEqual([{ version: 3, request_id: "replay-1", events: [event] }]);
    expect(await audited()).toEqual([
      {
        action: "dead_letter.replay",
        target_id: letter.id,
        before: { status: "open" },
        after: { status: "replayed" },
      },
    ]);
    await consume(queue);
    await settleReplays(db, "2026-11-21T00:00:00Z", 10, null);
    const after = await read(letter.id);
    expect([after.status, after.resolved_at]).toEqual(["resolved", expect.any(String)]);
  });

  test("that the queue does not take changes nothing", async () => {
    const letter = await only(acceptedEvent({ id: "1" }));
    await expect(
      replay(
        openQueue(() => true),
        letter,
      ),
    ).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(await read(letter.id)).toEqual(letter);
    expect(await audited()).toEqual([]);
  });

  test("that the queue takes in part marks that part, and says how much is left", async () => {
    const big = { text: "x".repeat(60_000) };
    await letters(...["1", "2", "3", "4", "5", "6"].map((id) => acceptedEvent({ id, data: big })));
    const { rows } = await listLettersToReplay(db, {}, ALL, undefined);
    const queue = openQueue((batch) => batch === 2);
    const { changed, unsent } = await replay(queue, ...rows);
    expect(changed.length).toBe(queue.events().length);
    expect(unsent).toBeGreaterThan(0);
    expect(changed.length + unsent).toBe(6);
    expect((await listDeadLetters(db, { status: "open" }, 10, undefined)).rows).toHaveLength(unsent);
  });

  test("whose end is lost is made again, and takes no effect twice", async () => {
    const letter = await only(acceptedEvent({ id: "1" }));
    const queue = openQueue();
    const down = faults.fail(
      { kind: "drop" },
      { when: (body) => body.includes("dead_letter.replay"), times: 1 },
    );
    await expect(replay(queue, letter)).rejects.toThrow();
    expect(down.hits).toBe(1);
    expect((await read(letter.id)).status).toBe("open");
    await replay(queue, await read(letter.id));
    expect(queue.events()).toHaveLength(2);
    await consume(queue);
    expect(await database.sql`select id from events`).toEqual([{ id: "1" }]);
  });

  test("of a letter whose event is decided sends nothing and resolves it", async () => {
    const event = acceptedEvent({ id: "1" });
    const conflict = acceptedEvent({ id: "1", type: "refund" });
    await letters(event, conflict);
    await commitDecisions(db, 0, [event, conflict], []);
    const queue = openQueue();
    const { rows } = await listLettersToReplay(db, {}, ALL, undefined);
    const { changed } = await replay(queue, ...rows);
    expect([changed.map(({ status }) => status), queue.taken]).toEqual([["resolved", "resolved"], []]);
    expect((await audited()).map(({ after }) => after)).toEqual([
      { status: "resolved" },
      { status: "resolved" },
    ]);
  });

  test("by two people at once marks and audits the letter once", async () => {
    const letter = await only(acceptedEvent({ id: "1" }));
    const queue = openQueue();
    const both = [await replay(queue, letter), await replay(queue, letter)];
    expect(both.map(({ changed }) => changed.length)).toEqual([1, 0]);
    expect(await audited()).toHaveLength(1);
    await consume(queue);
    expect(await database.sql`select id from events`).toEqual([{ id: "1" }]);
  });

  test("of a letter that somebody discards meanwhile counts, since its event is on its way", async () => {
    const letter = await only(acceptedEvent({ id: "1" }));
    expect(await discard(letter.id)).toBe(1);
    const { changed } = await replay(openQueue(), letter);
    expect(changed).toMatchObject([{ status: "replayed", discarded_at: null, discard_reason: null }]);
    expect((await audited()).map(({ action }) => action)).toEqual([
      "dead_letter.discard",
      "dead_letter.replay",
    ]);
  });

  test("found decided of a letter that somebody discards meanwhile leaves it discarded", async () => {
    const letter = await only(acceptedEvent({ id: "1" }));
    await discard(letter.id);
    expect(await markReplayed(db, [{ id: letter.id, attempts: 101, sent: false }], OPERATOR)).toEqual([]);
    expect((await read(letter.id)).status).toBe("discarded");
  });

  test("that failed before it was marked leaves the letter open", async () => {
    const event = acceptedEvent({ id: "1" });
    const letter = await only(event);
    await keepDeadLetters(db, { messages: [deliver(queueMessage([event]))] });
    const { changed } = await replay(openQueue(), letter);
    expect(changed).toMatchObject([{ status: "open", attempts: 202, replayed_at: expect.any(String) }]);
  });

  test("of an event that fails again opens the letter again, with its attempts and its latest cause", async () => {
    const letter = await only(acceptedEvent({ id: "1", data: POISON }));
    const queue = openQueue();
    for (const [round, attempts] of [102, 103].entries()) {
      const [replayed] = (await replay(queue, await read(letter.id))).changed;
      expect([round, replayed?.status]).toEqual([round, "replayed"]);
      await consume(queue);
      expect(await read(letter.id)).toMatchObject({
        status: "open",
        attempts,
        cause: "refused_by_database",
        error_code: "22P05",
      });
    }
    expect(await database.sql`select count(*)::int from dead_letters`).toEqual([{ count: 1 }]);
  });

  test("does not bring back a subject erased while it was under way", async () => {
    const letter = await only(acceptedEvent({ id: "1" }));
    const queue = openQueue();
    await replay(queue, letter);
    await database.sql`insert into erasures (subject_hash, erased_at) values (sha256('customer-1'), now())`;
    await database.sql`delete from dead_letters`;
    await consume(queue);
    expect(
      await database.sql`select (select count(*) from events) + (select count(*) from dead_letters) as left`,
    ).toEqual([{ left: "0" }]);
    await database.sql`truncate erasures`;
  });
});

describe("who sent a letter's event", () => {
  const other = { kind: "user" as const, id: "01900000-0000-7000-8000-00000000000b" };

  test("is kept with it, and told again when it is replayed, of each event its own", async () => {
    await letters(
      { ...acceptedEvent({ id: "1" }), sender: SENDER },
      { ...acceptedEvent({ id: "2" }), sender: other },
      { ...acceptedEvent({ id: "3" }), sender: SENDER },
      acceptedEvent({ id: "4" }),
    );
    const { rows } = await listLettersToReplay(db, {}, ALL, undefined);
    const senders = { 1: SENDER, 2: other, 3: SENDER, 4: null };
    expect(Object.fromEntries(rows.map(({ event_id, sender }) => [event_id, sender]))).toEqual(senders);
    const queue = openQueue();
    const { changed } = await replay(queue, ...rows);
    expect(changed).toHaveLength(4);
    await consume(queue);
    const events = await database.sql`
      select id, jsonb_build_object('kind', sender_kind, 'id', sender_id) as sender from events`;
    const nobody = { kind: null, id: null };
    expect(Object.fromEntries(events.map(({ id, sender }) => [id, sender]))).toEqual({
      ...senders,
      4: nobody,
    });
  });

  test("is read from a message that the consumer of before kept whole", async () => {
    await recordDeadLetters(
      db,
      await lettersOfUnreadable(deliver({ ...queueMessage([acceptedEvent({ id: "1" })]) })),
    );
    const { rows } = await listLettersToReplay(db, {}, ALL, undefined);
    expect(rows[0]?.sender).toBeNull();
    const queue = openQueue();
    await replay(queue, ...rows);
    expect(queue.taken).toMatchObject([{ sender: SENDER }]);
  });
});

describe("what a letter holds", () => {
  const event = acceptedEvent({ id: "1" });
  const message = queueMessage([event]);
  test.each<[string, unknown, SentEvent | undefined]>([
    ["an event", event, event],
    ["a message with one event", message, { ...event, sender: SENDER }],
    ["a message of before there were senders", messageOfVersion2([event]), event],
    ["a message with two", { ...message, events: [event, event] }, undefined],
    ["a message of a version unknown here", { ...message, version: 4 }, undefined],
    ["an event without a type", { ...event, type: "" }, undefined],
    ["an event with a member unknown here", { ...event, tenant: 1 }, undefined],
    ["text", "text", undefined],
    ["nothing", null, undefined],
  ])("%s", (_, body, expected) => expect(eventOfLetter(JSON.stringify(body))).toEqual(expected));

  test("no JSON at all", () => expect(eventOfLetter("[object Object]")).toBeUndefined());

  test("is refused while it cannot be read, and replayed when today's schema reads it", async () => {
    const [unreadable, readable] = [{ ...event, tenant: 1 }, acceptedEvent({ id: "2" })];
    const delivery = deliver(null);
    await recordDeadLetters(db, [
      await letterOfMalformed(unreadable, delivery),
      await letterOfMalformed(queueMessage([readable]), delivery),
    ]);
    const { rows } = await listLettersToReplay(db, {}, ALL, undefined);
    const queue = openQueue();
    const { changed, refused } = await replay(queue, ...rows);
    expect([changed.map(({ status }) => status), refused]).toEqual([["replayed"], 1]);
    expect(queue.events()).toEqual([readable]);
  });

  test("is refused when the queue could not carry it", async () => {
    await recordDeadLetters(db, [
      await letterOfMalformed(acceptedEvent({ id: "1", data: { text: "x".repeat(120_000) } }), deliver(null)),
    ]);
    const { rows } = await listLettersToReplay(db, {}, ALL, undefined);
    const { refused, changed } = await replay(openQueue(), ...rows);
    expect([refused, changed]).toEqual([1, []]);
  });

  test("the same unreadable thing twice in one message is one letter", async () => {
    const twice = { ...queueMessage([event]), events: [{ no: "event" }, { no: "event" }] };
    const delivery = deliver(twice);
    await decideBatch(db, createActiveSet(), { messages: [delivery] });
    expect(delivery.said).toEqual(["ack"]);
    expect(await database.sql`select body from dead_letters`).toEqual([{ body: '{"no":"event"}' }]);
  });
});

describe("a discarded letter", () => {
  test("keeps its reason, in the audit too, and a second discard changes nothing", async () => {
    const { id } = await only(acceptedEvent({ id: "1" }));
    expect([await discard(id, "first"), await discard(id, "second")]).toEqual([1, 0]);
    expect(await read(id)).toMatchObject({ status: "discarded", discard_reason: "first" });
    expect((await audited()).map(({ after }) => after)).toEqual([{ status: "discarded", reason: "first" }]);
  });

  test("is open again when it comes again", async () => {
    const event = acceptedEvent({ id: "1" });
    const { id } = await only(event);
    await discard(id);
    await keepDeadLetters(db, { messages: [deliver(queueMessage([event]))] });
    expect(await read(id)).toMatchObject({ status: "open", discarded_at: null, discard_reason: null });
  });

  test("was open: one that is replayed is not given up", async () => {
    const letter = await only(acceptedEvent({ id: "1" }));
    await replay(openQueue(), letter);
    expect(await discard(letter.id)).toBe(0);
    expect((await read(letter.id)).status).toBe("replayed");
  });

  test("one of many that fit, so many at a time", async () => {
    await letters(
      ...["1", "2", "3"].map((id) => acceptedEvent({ id, type: "spam" })),
      acceptedEvent({ id: "4" }),
    );
    const some = () => discardDeadLetters(db, { type: "spam" }, "spam", 2, OPERATOR);
    expect([await some(), await some(), await some()]).toEqual([2, 1, 0]);
    const open = await listDeadLetters(db, { status: "open" }, 10, undefined);
    expect(open.rows.map(({ event_id }) => event_id)).toEqual(["4"]);
  });
});

describe("a list", () => {
  beforeEach(async () => {
    await letters(
      acceptedEvent({ id: "1", source: "shop", type: "purchase", subject: "a" }),
      acceptedEvent({ id: "2", source: "shop", type: "refund", subject: "b" }),
      acceptedEvent({ id: "3", source: "till", type: "refund", subject: "a" }),
    );
    await database.sql`update dead_letters set cause = 'refused_by_database' where event_id = '3'`;
    await discardDeadLetters(db, { event_id: "2" }, "reason", 1, OPERATOR);
  });

  test.each<[Parameters<typeof listDeadLetters>[1], string]>([
    [{}, "321"],
    [{ status: "open" }, "31"],
    [{ status: "discarded" }, "2"],
    [{ cause: "retries_exhausted" }, "21"],
    [{ type: "refund" }, "32"],
    [{ source: "shop" }, "21"],
    [{ event_id: "1" }, "1"],
    [{ subject: "a" }, "31"],
    [{ subject: "a", type: "refund", status: "open" }, "3"],
    [{ from: "2100-01-01T00:00:00Z" }, ""],
    [{ to: "2100-01-01T00:00:00Z" }, "321"],
  ])("of %o", async (filter, expected) => {
    const { rows, next } = await listDeadLetters(db, filter, 100, undefined);
    expect([rows.map(({ event_id }) => event_id).join(""), next]).toEqual([expected, null]);
    expect(rows.every((row) => !("body" in row))).toBe(true);
  });

  test("goes on from page to page", async () => {
    const first = await listDeadLetters(db, {}, 2, undefined);
    const second = await listDeadLetters(db, {}, 2, first.next ?? undefined);
    expect([...first.rows, ...second.rows].map(({ event_id }) => event_id).join("")).toBe("321");
    expect(second.next).toBeNull();
  });

  test("to replay ends at its bytes, goes on from there, and holds one letter at least", async () => {
    const ids = [];
    let from: Awaited<ReturnType<typeof listLettersToReplay>>["next"] = null;
    do {
      const page = await listLettersToReplay(db, {}, { rows: 10, bytes: 1 }, from ?? undefined);
      expect(page.rows).toHaveLength(1);
      ids.push(page.rows[0]?.event_id);
      from = page.next;
    } while (from !== null);
    expect(ids).toEqual(["3", "1"]);
    const rows = await listLettersToReplay(db, {}, { rows: 1, bytes: 1_000_000 }, undefined);
    expect([rows.rows.length, rows.next]).toEqual([1, expect.any(Array)]);
  });
});

describe("what is stuck", () => {
  const NOW = Date.parse("2026-11-22T00:00:00Z");
  const at = (secondsBefore: number) => new Date(NOW - secondsBefore * 1000).toISOString();

  test("is counted by kind, with the oldest of each", async () => {
    expect(await readStuck(db, NOW)).toEqual({
      open: 0,
      oldest_open_at: null,
      overdue: 0,
      replayed: 0,
      oldest_replayed_at: null,
    });
    await letters(...["1", "2", "3", "4"].map((id) => acceptedEvent({ id })));
    await database.sql`update dead_letters set last_at = ${at(STUCK_LETTER_SECONDS + 1)} where event_id = '1'`;
    await database.sql`update dead_letters set last_at = ${at(STUCK_LETTER_SECONDS)} where event_id = '2'`;
    await database.sql`update dead_letters set status = 'replayed', replayed_at = ${at(60)} where event_id = '3'`;
    await database.sql`update dead_letters set status = 'discarded', discarded_at = now(), discard_reason = 'x',
      last_at = ${at(9 * STUCK_LETTER_SECONDS)} where event_id = '4'`;
    expect(await readStuck(db, NOW)).toEqual({
      open: 2,
      oldest_open_at: "2026-11-20T23:59:59Z",
      overdue: 1,
      replayed: 1,
      oldest_replayed_at: "2026-11-21T23:59:00Z",
    });
  });

  test("of replays: decided ones are resolved, lost ones open again, the rest left, page by page", async () => {
    const events = Array.from({ length: 7 }, (_, n) => acceptedEvent({ id: `${n}` }));
    await letters(...events);
    await commitDecisions(db, 0, events.slice(2, 4), []);
    for (const n of events.keys()) {
      await database.sql`update dead_letters set status = 'replayed', replayed_at = ${at(100 - n)}
        where event_id = ${`${n}`}`;
    }
    const totals = { resolved: 0, reopened: 0, statements: 0 };
    let from: Awaited<ReturnType<typeof settleReplays>>["next"] = null;
    do {
      const { resolved, reopened, next } = await settleReplays(db, at(95), 3, from);
      totals.resolved += resolved;
      totals.reopened += reopened;
      totals.statements += 1;
      from = next;
    } while (from !== null);
    expect(totals).toEqual({ resolved: 2, reopened: 3, statements: 3 });
    const rows = await database.sql`select event_id, status from dead_letters order by event_id`;
    expect(rows.map(({ status }) => status)).toEqual([
      ...["open", "open", "resolved", "resolved", "open", "replayed", "replayed"],
    ]);
  });
});

describeWithPostgres("two people at the same moment", () => {
  let real: TestDatabase;
  let realDb: Database;
  beforeAll(async () => {
    real = await openTestDatabase({ real: true });
    realDb = openDatabase({ url: real.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => real?.close());

  test("one of them marks each letter, and every change is in the audit once", async () => {
    for (let round = 0; round < 10; round++) {
      const events = Array.from({ length: 20 }, (_, n) => acceptedEvent({ id: `${round}-${n}` }));
      await recordDeadLetters(
        realDb,
        await Promise.all(events.map((event) => letterOfEvent(event, "retries_exhausted", null, 101))),
      );
      const { rows } = await listLettersToReplay(realDb, {}, ALL, undefined);
      const marks = rows.map(({ id, attempts }) => ({ id, attempts, sent: true }));
      const [first, second, discarded] = await Promise.all([
        markReplayed(realDb, marks, OPERATOR),
        markReplayed(realDb, marks.toReversed(), OPERATOR),
        discardDeadLetters(realDb, {}, "known fault", 100, OPERATOR),
      ]);
      expect(first.length + second.length).toBe(20); // each replayed once, before or after it was discarded
      const counts = await real.sql`
        select (select count(*)::int from dead_letters where status <> 'replayed') as others,
               (select count(*)::int from audit_log where action = 'dead_letter.replay') as replays,
               (select count(*)::int from audit_log where action = 'dead_letter.discard') as discards`;
      expect(counts).toEqual([{ others: 0, replays: 20, discards: discarded }]);
      await real.sql`truncate dead_letters`;
      await real.sql`alter table audit_log disable trigger all`;
      await real.sql`truncate audit_log`;
      await real.sql`alter table audit_log enable trigger all`;
    }
  });
});

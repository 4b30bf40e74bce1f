import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AcceptedEvent } from "../../src/messages.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { failureOf } from "../../src/storage/core/failure.ts";
import { commitDecisions, type Decision } from "../../src/storage/decisions.ts";
import { readCounters } from "../../src/storage/metrics.ts";
import { acceptedEvent } from "../support/accepted-events.ts";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import { activeCampaign } from "../support/campaigns.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { forgetAll, recorded } from "../support/recorded.ts";
import { eventually } from "../support/system.ts";

const epochOf = async ({ sql }: TestDatabase) =>
  Number((await sql`select epoch from campaign_epoch`)[0]?.["epoch"]);

const countersOf = async (db: Database) =>
  Object.fromEntries(
    (await readCounters(db)).map(({ name, labels, value }) => [
      labels === "" ? name : `${name}{${labels}}`,
      value,
    ]),
  );

const [a, b] = [acceptedEvent({ id: "a" }), acceptedEvent({ id: "b", subject: null })];
const otherA = acceptedEvent({ id: "a", type: "other" });
const NOTHING = { inserted: 0, matched: 0, conflicts: 0, erased: 0 };

describeOnBothBackEnds("commitDecisions", (open) => {
  let database: TestDatabase;
  let db: Database;
  let epoch: number;
  let campaign: string;

  beforeAll(async () => {
    database = await open();
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await forgetAll(database);
    campaign = (await activeCampaign(db)).id;
    epoch = await epochOf(database);
  });
  /** As if the campaign matched the events at these positions. */
  const matched = (...positions: number[]): Decision[] =>
    positions.map((event) => ({ event, campaign_id: campaign, campaign_version: 1 }));
  const matchedIds = async () => (await recorded(database)).matches.map(({ event_id }) => event_id);

  test("records events as they came, the epoch that decided, and their matches", async () => {
    expect(await commitDecisions(db, epoch, [a, b], matched(0, 1))).toEqual({
      ...NOTHING,
      inserted: 2,
      matched: 2,
    });
    expect(
      await database.sql`
      select source, id, type, subject, time = ${a.time} as same_time, received_at = ${a.received_at} as same_receipt,
             epoch::int, data
      from events order by id`,
    ).toEqual(
      [a, b].map(({ source, id, type, subject }) => ({
        ...{ source, id, type, subject, same_time: true, same_receipt: true, epoch, data: {} },
      })),
    );
    expect(await database.sql`select event_id, subject from matches order by 1`).toEqual([
      { event_id: "a", subject: "customer-1" },
      { event_id: "b", subject: null },
    ]);
  });

  test("again changes nothing, not even matches that differ", async () => {
    await commitDecisions(db, epoch, [a], []);
    const before = await recorded(database);
    expect(await commitDecisions(db, epoch, [a], matched(0))).toEqual(NOTHING);
    expect(await recorded(database)).toEqual(before);
  });

  test("among events that are there, records those that are not, with their own matches", async () => {
    await commitDecisions(db, epoch, [b], []);
    const c = acceptedEvent({ id: "c" });
    expect(await commitDecisions(db, epoch, [c, b, a], matched(0, 1, 2))).toEqual({
      ...NOTHING,
      inserted: 2,
      matched: 2,
    });
    expect(await matchedIds()).toEqual(["a", "c"]);
  });

  test("keeps what is in conflict with what was there, and with what came before it", async () => {
    const third = acceptedEvent({ id: "a", type: "third" });
    expect(await commitDecisions(db, epoch, [a, otherA], matched(0, 1))).toEqual({
      ...NOTHING,
      inserted: 1,
      matched: 1,
      conflicts: 1,
    });
    // Of three, one is new: a conflict that is kept already is one more copy.
    expect(await commitDecisions(db, epoch, [third, a, otherA], matched(0, 1, 2))).toEqual({
      ...NOTHING,
      conflicts: 1,
    });
    const { events, conflicts } = await recorded(database);
    expect(events).toMatchObject([{ type: a.type }]);
    expect(conflicts.map(({ type }) => type)).toEqual(["other", "third"]);
  });

  test("of several contents takes the first, with its matches, wherever it stands", async () => {
    const contents = Array.from({ length: 6 }, (_, n) => acceptedEvent({ id: "many", type: `type-${n}` }));
    for (const [n, first] of contents.entries()) {
      await forgetAll(database);
      campaign = (await activeCampaign(db)).id;
      const events = [a, first, ...contents.filter((event) => event !== first), first];
      // All but the first of the contents would match: nothing of them may be recorded as matched.
      await commitDecisions(db, await epochOf(database), events, matched(2, 3, 4, 5, 6, 7));
      expect((await recorded(database)).events[1]).toMatchObject({ type: `type-${n}` });
      expect(await matchedIds()).toEqual([]);
      expect((await recorded(database)).conflicts).toHaveLength(5);
    }
  });

  test("with an epoch that is not the current one writes nothing", async () => {
    for (const moved of [epoch - 1, epoch + 1]) {
      const error = await commitDecisions(db, moved, [a], []).catch((thrown) => thrown);
      expect(failureOf(error)).toEqual({ kind: "epoch_moved" });
    }
    expect((await recorded(database)).events).toEqual([]);
  });

  test("records what became of a match, and counts it; without a word it is granted", async () => {
    const decisions: Decision[] = [
      ...matched(0),
      ...matched(1).map((decision) => ({
        ...decision,
        outcome: "not_in_sample" as const,
        evidence: { bucket: 505, percent: 5 },
      })),
    ];
    await commitDecisions(db, epoch, [a, b], decisions);
    expect(await database.sql`select event_id, outcome, evidence from matches order by 1`).toEqual([
      { event_id: "a", outcome: "granted", evidence: null },
      { event_id: "b", outcome: "not_in_sample", evidence: { bucket: 505, percent: 5 } },
    ]);
    expect(await countersOf(db)).toMatchObject({
      'matches_total{outcome="granted"}': 1,
      'matches_total{outcome="not_in_sample"}': 1,
    });
  });

  test("counts every event once: decided, conflict or duplicate", async () => {
    await commitDecisions(db, epoch, [a], []);
    await commitDecisions(db, epoch, [a, b, otherA, otherA, b], matched(0, 1, 2));
    await commitDecisions(db, epoch, [a, b, otherA], matched(0, 1));
    expect(await countersOf(db)).toEqual({
      events_decided_total: 2,
      'matches_total{outcome="granted"}': 1,
      event_conflicts_total: 1,
      event_duplicates_total: 3 + 3, // a, otherA, b; then all of them
    });
  });

  describe("about an erased subject", () => {
    beforeEach(async () => {
      await database.sql`insert into erasures values (sha256('customer-1'), now())`;
      return async () => void (await database.sql`delete from erasures`);
    });

    test("drops and counts events, and nothing else of them", async () => {
      await database.sql`delete from erasures`;
      await commitDecisions(db, epoch, [a], []);
      await database.sql`insert into erasures values (sha256('customer-1'), now())`;
      expect(await commitDecisions(db, epoch, [a, otherA], matched(0, 1))).toEqual({ ...NOTHING, erased: 2 });
      expect(await countersOf(db)).toEqual({ events_decided_total: 1, events_erased_total: 2 });
    });

    test("drops what came first under an id, and records what is about somebody else", async () => {
      const other = acceptedEvent({ id: "a", subject: "customer-2" });
      expect(await commitDecisions(db, epoch, [a, other, b, a], matched(0, 1, 2, 3))).toEqual({
        ...NOTHING,
        inserted: 2,
        matched: 2,
        erased: 2,
      });
      expect(await database.sql`select event_id, subject from matches order by 1`).toEqual([
        { event_id: "a", subject: "customer-2" },
        { event_id: "b", subject: null },
      ]);
      expect((await recorded(database)).conflicts).toEqual([]);
    });
  });

  test("counts nothing when it is refused, and nothing when the epoch moved", async () => {
    const refused = acceptedEvent({ id: "refused", data: { text: "a\0b" } });
    await expect(commitDecisions(db, epoch, [a, refused], [])).rejects.toThrow();
    await expect(commitDecisions(db, epoch - 1, [a], [])).rejects.toThrow();
    expect(await countersOf(db)).toEqual({});
  });

  test("with one event that is refused writes nothing", async () => {
    const poisoned = acceptedEvent({ id: "c", data: { text: "\0" } });
    const error = await commitDecisions(db, epoch, [a, poisoned], []).catch((thrown) => thrown);
    expect(failureOf(error)).toMatchObject({ kind: "refused", code: "22P05" });
    expect((await recorded(database)).events).toEqual([]);
  });

  test("takes nothing at all", async () => {
    expect(await commitDecisions(db, epoch, [], [])).toEqual(NOTHING);
  });

  describe("tells a copy from a conflict by content:", () => {
    const untimed = { time: "2026-11-21T10:00:01Z" }; // of its receipt: the client gave none
    const later = { time: "2026-11-21T11:00:01Z", received_at: "2026-11-21T11:00:01Z" };
    const data = { a: 1, b: { c: [1, { d: null }], e: "x" } };
    type Fields = Partial<AcceptedEvent>;

    test.each<[what: string, first: Fields, second: Fields, same: boolean]>([
      ["received later", {}, { received_at: "2026-11-21T12:00:00Z" }, true],
      ["keys in another order", { data }, { data: { b: { e: "x", c: data.b.c }, a: 1 } }, true],
      ["nobody, twice", { subject: null }, { subject: null }, true],
      ["no time, sent twice", untimed, later, true],
      ["a time, then none", {}, later, true],
      ["no time, then one", untimed, {}, true],
      ["other values", { data }, { data: { ...data, a: 2 } }, false],
      ["a key more", { data }, { data: { ...data, c: null } }, false],
      ["a list in another order", { data: { a: [1, 2] } }, { data: { a: [2, 1] } }, false],
      ["a number, then text", { data: { a: 1 } }, { data: { a: "1" } }, false],
      ["true, then 1", { data: { a: true } }, { data: { a: 1 } }, false],
      ["somebody, then nobody", {}, { subject: null }, false],
      ["nobody, then somebody", { subject: null }, {}, false],
      ["another type", {}, { type: "other" }, false],
      ["another time", {}, { time: "2026-11-21T10:00:00.001Z" }, false],
    ])("%s", async (_, first, second, same) => {
      const [one, two] = [acceptedEvent({ id: "1", ...first }), acceptedEvent({ id: "1", ...second })];
      // In one call and in two, whichever comes first.
      for (const calls of [[[one, two]], [[one], [two]], [[two, one]], [[two], [one], [two, one]]]) {
        await forgetAll(database);
        const now = await epochOf(database);
        for (const call of calls) await commitDecisions(db, now, call, []);
        const { events, conflicts } = await recorded(database);
        expect([events.length, conflicts.length]).toEqual([1, same ? 0 : 1]);
      }
    });

    test("1 and 1.0 are equal, as JSON that is not of our own writing has them", async () => {
      const event = (number: string) =>
        `[${JSON.stringify(acceptedEvent({ id: "1" })).replace('"data":{}', `"data":{"n":${number}}`)}]`;
      for (const [number, duplicates] of [
        ["1", 0],
        ["1.0", 1],
        ["1.00", 2],
        ["1e0", 3],
      ] as const) {
        await database.sql`select commit_decisions(${epoch}, ${event(number)}::jsonb, '[]')`;
        expect((await countersOf(db))["event_duplicates_total"] ?? 0).toBe(duplicates);
      }
      await database.sql`select commit_decisions(${epoch}, ${event("1.5")}::jsonb, '[]')`;
      expect((await recorded(database)).conflicts).toHaveLength(1);
    });

    test("a conflict that gives no time is kept once, however often it comes", async () => {
      await commitDecisions(db, epoch, [a], []);
      const conflict = acceptedEvent({ ...otherA, ...untimed });
      for (const copy of [conflict, { ...conflict, ...later }]) await commitDecisions(db, epoch, [copy], []);
      expect((await recorded(database)).conflicts).toHaveLength(1);
      expect(await countersOf(db)).toMatchObject({ event_conflicts_total: 1, event_duplicates_total: 1 });
    });
  });

  test("reads tables by lookups alone, even when it was planned for empty ones", async () => {
    await database.sql`vacuum analyze events`; // it is known to be empty: read whole, it would cost nothing
    const events = Array.from({ length: 400 }, (_, n) => acceptedEvent({ id: String(n) }));
    for (const planned of [[a, otherA, a], events]) await commitDecisions(db, epoch, planned, []);
    const [before, , after] = await database.sql.transaction((sql) => {
      const scans = () => sql`
        select sum(seq_scan)::int as scans from pg_stat_xact_user_tables
        where relname in ('events', 'matches', 'event_conflicts')`;
      const committed = JSON.stringify([b, ...events, acceptedEvent({ id: "0", type: "other" })]);
      return [scans(), sql`select commit_decisions(${epoch}, ${committed}::jsonb, '[]')`, scans()];
    });
    expect(after).toEqual(before);
    expect(await countersOf(db)).toMatchObject({ events_decided_total: 402, event_conflicts_total: 2 });
  });
});

describeWithPostgres("commitDecisions that meet", () => {
  let database: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database.close());

  /** A session of its own, in a transaction, that has inserted an event. */
  async function inserting(id: string, data: string): Promise<pg.Client> {
    const other = new pg.Client(database.postgresUrl);
    await other.connect();
    await other.query("begin");
    await other.query(
      `insert into events (source, id, type, subject, time, received_at, epoch, data)
       values ('shop', $1, 'purchase', 'customer-1', '2026-11-21T10:00:00Z', now(), 0, $2)`,
      [id, data],
    );
    return other;
  }
  const end = async (session: pg.Client, how: "commit" | "rollback") => {
    await session.query(how);
    await session.end();
  };
  /** A commit waits for another session's row. */
  const waiting = () =>
    eventually(async () => {
      const [row] = await database.sql`
        select count(*)::int as waiting from pg_locks where locktype = 'transactionid' and not granted`;
      return row?.["waiting"] === 1 ? true : undefined;
    });

  test.each([
    ["sees the same content as a copy", "{}", { inserted: 1, matched: 1, conflicts: 0, erased: 0 }],
    ["keeps other content as a conflict", '{"n": 1}', { inserted: 1, matched: 1, conflicts: 1, erased: 0 }],
  ])("who waits for another's insert of the same id %s", async (_, data, committed) => {
    await forgetAll(database);
    const other = await inserting("a", data);
    const decisions = [0, 1].map((event) => ({ event, campaign_id: randomUUID(), campaign_version: 1 }));
    const committing = commitDecisions(db, await epochOf(database), [a, b], decisions);
    await waiting();
    await end(other, "commit");
    expect(await committing).toEqual(committed);
    expect((await recorded(database)).matches.map(({ event_id }) => event_id)).toEqual(["b"]);
  });

  test("who waits for an insert that is undone records its own", async () => {
    await forgetAll(database);
    const other = await inserting("a", '{"n": 1}');
    const committing = commitDecisions(db, await epochOf(database), [a, b], []);
    await waiting();
    await end(other, "rollback");
    expect(await committing).toMatchObject({ inserted: 2, conflicts: 0 });
  });

  test("an event deleted after its id was found taken: nothing is written, and the next attempt records", async () => {
    await forgetAll(database);
    const epoch = await epochOf(database);
    await commitDecisions(db, epoch, [a], []);
    // The commit has found "a" taken, and then waits for "b".
    const other = await inserting("b", "{}");
    const committing = commitDecisions(db, epoch, [otherA, b], []).catch(failureOf);
    await waiting();
    await database.sql`delete from events where id = 'a'`;
    await end(other, "rollback");
    expect(await committing).toEqual({ kind: "unavailable", code: "40001" });
    expect((await recorded(database)).events).toEqual([]);
    expect(await commitDecisions(db, epoch, [otherA, b], [])).toMatchObject({ inserted: 2, conflicts: 0 });
  });

  test("refuses a transaction in which it could not tell the rows of this call", async () => {
    await forgetAll(database);
    const client = new pg.Client(database.postgresUrl);
    await client.connect();
    const epoch = await epochOf(database);
    const commit = () =>
      client.query("select commit_decisions($1, $2, '[]')", [epoch, JSON.stringify([a, a])]);
    await client.query("begin");
    await client.query("savepoint s");
    await expect(commit()).rejects.toThrow("a transaction of its own");
    await client.query("rollback to s");
    await client.query("release s");
    await commit();
    await expect(commit()).rejects.toThrow("a transaction of its own");
    await client.query("rollback");
    await client.end();
  });

  test("overlapping batches in opposite orders do not deadlock", async () => {
    const epoch = await epochOf(database);
    const events = Array.from({ length: 300 }, (_, n) => acceptedEvent({ id: `overlap-${n}` }));
    for (let round = 0; round < 5; round++) {
      const batch = events.map((event) => ({ ...event, id: `${event.id}-${round}` }));
      const outcomes = await Promise.all(
        [batch, batch.toReversed(), batch, batch.toReversed()].map((order) =>
          commitDecisions(db, epoch, order, []),
        ),
      );
      expect(outcomes.map(({ inserted }) => inserted).reduce((sum, n) => sum + n)).toBe(300);
    }
  });
});

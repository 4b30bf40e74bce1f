import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { failureOf } from "../../src/storage/core/failure.ts";
import { commitDecisions, type Decision, recordConflicts } from "../../src/storage/decisions.ts";
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
  Object.fromEntries((await readCounters(db)).map(({ name, value }) => [name, value]));

const [a, b] = [acceptedEvent({ id: "a" }), acceptedEvent({ id: "b", subject: null })];
const otherA = acceptedEvent({ id: "a", type: "other" });

describeOnBothBackEnds("commitDecisions", (open) => {
  let database: TestDatabase;
  let db: Database;
  let epoch: number;
  let decisions: Decision[];

  beforeAll(async () => {
    database = await open();
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await forgetAll(database);
    const { id: campaignId } = await activeCampaign(db);
    decisions = [a, b].map((event) => ({ event, campaignId, campaignVersion: 1 }));
    epoch = await epochOf(database);
  });

  test("records events as they came, the epoch that decided, and their matches", async () => {
    expect(await commitDecisions(db, epoch, [a, b], decisions)).toMatchObject({
      inserted: 2,
      matched: 2,
      conflicts: [],
    });
    expect(
      await database.sql`
      select source, id, type, subject, time = ${a.time} as same_time, received_at = ${a.received_at} as same_receipt,
             epoch::int, data, encode(data_hash, 'hex') as hash
      from events order by id`,
    ).toEqual(
      [a, b].map(({ source, id, type, subject, hash }) => ({
        ...{ source, id, type, subject, same_time: true, same_receipt: true, epoch, data: {}, hash },
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
    for (const again of [[a], [a, b].slice(0, 1)]) {
      expect(await commitDecisions(db, epoch, again, decisions.slice(0, 1))).toMatchObject({
        inserted: 0,
        matched: 0,
        conflicts: [],
      });
    }
    expect(await recorded(database)).toEqual(before);
  });

  test("tells what is in conflict with what was there, and with what came before it", async () => {
    const third = acceptedEvent({ id: "a", type: "third" });
    expect((await commitDecisions(db, epoch, [a, otherA], decisions)).conflicts).toMatchObject([
      { hash: otherA.hash },
    ]);
    const later = await commitDecisions(db, epoch, [third, a, otherA], decisions);
    expect(later).toMatchObject({ inserted: 0, matched: 0 });
    expect(later.conflicts.map(({ hash }) => hash).toSorted()).toEqual([otherA.hash, third.hash].toSorted());
    expect((await recorded(database)).events).toMatchObject([{ type: a.type }]);
  });

  test("of several contents takes the first, wherever their hashes stand", async () => {
    const contents = Array.from({ length: 6 }, (_, n) => acceptedEvent({ id: "many", type: `type-${n}` }));
    for (const [n, first] of contents.entries()) {
      await forgetAll(database);
      const rest = contents.filter((event) => event !== first);
      await commitDecisions(db, await epochOf(database), [a, first, ...rest], []);
      expect((await recorded(database)).events[1]).toMatchObject({ type: `type-${n}` });
    }
  });

  test("with an epoch that is not the current one writes nothing", async () => {
    for (const moved of [epoch - 1, epoch + 1]) {
      const error = await commitDecisions(db, moved, [a], []).catch((thrown) => thrown);
      expect(failureOf(error)).toEqual({ kind: "epoch_moved" });
    }
    expect((await recorded(database)).events).toEqual([]);
  });

  test("counts what it does: decisions, matches, duplicates, copies", async () => {
    await commitDecisions(db, epoch, [a], []);
    await commitDecisions(db, epoch, [a, b, otherA], decisions, 5);
    await commitDecisions(db, epoch, [a, b], decisions);
    expect(await countersOf(db)).toEqual({
      events_decided_total: 2,
      matches_total: 1,
      event_duplicates_total: 1 + 5 + 2,
    });
    await recordConflicts(db, [otherA]);
    await recordConflicts(db, [otherA]);
    expect(await countersOf(db)).toMatchObject({ event_conflicts_total: 1 });
  });

  test("counts events of an erased subject as erased, and as nothing else", async () => {
    await commitDecisions(db, epoch, [a], []);
    const { subject } = a;
    await database.sql`
      insert into erasures values (sha256(convert_to(${subject}, 'UTF8')), now())
      on conflict (subject_hash) do update set erased_at = now()`;
    try {
      expect(await commitDecisions(db, epoch, [a, otherA], [])).toMatchObject({ conflicts: [], erased: 2 });
    } finally {
      await database.sql`delete from erasures`;
    }
    expect(await countersOf(db)).toEqual({ events_decided_total: 1, events_erased_total: 2 });
  });

  test("counts nothing when it is refused, and nothing when the epoch moved", async () => {
    const refused = acceptedEvent({ id: "refused", data: { text: "a\0b" } });
    await expect(commitDecisions(db, epoch, [a, refused], decisions)).rejects.toThrow();
    await expect(commitDecisions(db, epoch - 1, [a], decisions)).rejects.toThrow();
    expect(await countersOf(db)).toEqual({});
  });

  test("with one event that is refused writes nothing", async () => {
    const poisoned = acceptedEvent({ id: "c", data: { text: "\0" } });
    const error = await commitDecisions(db, epoch, [a, poisoned], []).catch((thrown) => thrown);
    expect(failureOf(error)).toMatchObject({ kind: "refused", code: "22P05" });
    expect((await recorded(database)).events).toEqual([]);
  });

  test("takes nothing at all", async () => {
    expect(await commitDecisions(db, epoch, [], [])).toMatchObject({
      inserted: 0,
      matched: 0,
      conflicts: [],
    });
  });

  test("a conflict is kept once", async () => {
    await commitDecisions(db, epoch, [a], []);
    await recordConflicts(db, [otherA]);
    await recordConflicts(db, [otherA, acceptedEvent({ id: "a", type: "third" })]);
    expect((await recorded(database)).conflicts.map(({ type }) => type)).toEqual(["other", "third"]);
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

  test("who waits for another's insert of the same id sees that it is in conflict", async () => {
    const other = new pg.Client(database.postgresUrl);
    await other.connect();
    await other.query("begin");
    await other.query(
      `insert into events (source, id, type, time, received_at, epoch, data, data_hash)
       values ($1, $2, 'first', now(), now(), 0, '{}', sha256('first'))`,
      [a.source, a.id],
    );
    const committing = commitDecisions(db, await epochOf(database), [a, b], []);
    await eventually(async () => {
      const [row] = await database.sql`
        select count(*)::int as waiting from pg_locks where locktype = 'transactionid' and not granted`;
      return row?.["waiting"] === 1 ? true : undefined;
    });
    await other.query("commit");
    await other.end();
    expect(await committing).toMatchObject({
      inserted: 1,
      conflicts: [{ source: a.source, id: a.id, hash: a.hash }],
    });
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

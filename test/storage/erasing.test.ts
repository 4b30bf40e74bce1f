import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eraseSubject } from "../../src/api/subjects/erase.ts";
import { subjectDocument } from "../../src/api/subjects/export.ts";
import { createActiveSet } from "../../src/consumer/active-set/active-set.ts";
import { keepDeadLetters } from "../../src/consumer/dead-letters/dead-letters.ts";
import { decide } from "../../src/consumer/decide/decide.ts";
import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../src/limits.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { commitDecisions } from "../../src/storage/decisions.ts";
import { acceptedEvent, queueMessage } from "../support/accepted-events.ts";
import { activeCampaign, OPERATOR } from "../support/campaigns.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { forgetAll, recorded } from "../support/recorded.ts";
import { deliver } from "../support/recorded-delivery.ts";

const erasure = (at = "2026-11-21T10:00:01Z") => ({ id: crypto.randomUUID(), at });
const erase = (db: Database, subject: string, at?: string) =>
  eraseSubject(db, subject, erasure(at), OPERATOR);

describe("an erasure, as what is recorded later meets it", () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await forgetAll(database);
    await database.sql`truncate erasures`;
  });

  const commit = (...events: Parameters<typeof acceptedEvent>[0][]) =>
    commitDecisions(db, 0, events.map(acceptedEvent), []);
  const ids = async () => (await recorded(database)).events.map(({ id }) => id);

  test.each([
    ["before it", "2026-11-21T10:00:00.999Z", 1],
    ["at the same millisecond", "2026-11-21T10:00:01Z", 1],
    ["after it", "2026-11-21T10:00:01.001Z", 0],
  ])("an event received %s", async (_, received_at, erased) => {
    await erase(db, "customer-1");
    const committed = await commit(
      { id: "1", received_at },
      { id: "2", received_at, subject: "customer-10" },
      { id: "3", subject: null },
    );
    expect(committed.erased).toBe(erased);
    expect(await ids()).toEqual(erased === 1 ? ["2", "3"] : ["1", "2", "3"]);
  });

  test("an earlier erasure does not bring a later one's cut forward", async () => {
    await erase(db, "customer-1", "2026-11-21T12:00:00Z");
    await erase(db, "customer-1", "2026-11-21T08:00:00Z");
    expect((await commit({ id: "1", received_at: "2026-11-21T11:00:00Z" })).erased).toBe(1);
  });

  test("other content under a taken id is neither kept nor counted as a conflict", async () => {
    await commit({ id: "1", subject: "customer-2" });
    await erase(db, "customer-1");
    const late = { id: "1", data: { late: true } };
    expect(await commit(late)).toEqual({ inserted: 0, matched: 0, conflicts: 0, erased: 1 });
    expect((await recorded(database)).conflicts).toEqual([]);
  });

  test.each([
    ["s", 1],
    ["s", EVENT_ATTRIBUTE_CHARS_MAX],
    ["😀", EVENT_ATTRIBUTE_CHARS_MAX], // in two units each
  ])("no letter is kept that names, somewhere, a subject of %s × %i", async (character, length) => {
    const subject = character.repeat(length);
    await erase(db, subject, "2026-11-21T12:00:00Z");
    const unreadable = [[subject], { [subject]: 1 }, { version: 9, events: [{ customer: { id: subject } }] }];
    await keepDeadLetters(db, { messages: unreadable.map((body) => deliver(body)) });
    expect((await recorded(database)).deadLetters).toEqual([]);
  });

  test("letters of what is in flight, readable or not, are not kept; their neighbours are", async () => {
    await erase(db, "customer-1", "2026-11-21T12:00:00Z");
    const messages = [
      queueMessage([acceptedEvent({ id: "1" }), acceptedEvent({ id: "2", subject: "customer-2" })]),
      { version: 9, events: [acceptedEvent({ id: "3" }), acceptedEvent({ id: "4", subject: "customer-2" })] },
      { customers: { "customer-1": true } },
      ["customer-1"],
      ["customer-10"],
    ].map((body) => deliver(body));
    await keepDeadLetters(db, { messages });
    expect(messages.map(({ said }) => said)).toEqual(messages.map(() => ["ack"]));
    const { deadLetters } = await recorded(database);
    expect(deadLetters.map(({ event_id, body }) => event_id ?? body).toSorted()).toEqual(
      ["2", "4", '["customer-10"]'].toSorted(),
    );
  });

  test("a large subject is erased over several requests, each audited with what it deleted", async () => {
    await commit(...Array.from({ length: 25 }, (_, n) => ({ id: `${n}` })), {
      id: "kept",
      subject: "customer-2",
    });
    const limits = { rows: 4, statements: 3 };
    const request = erasure("2026-11-21T12:00:00Z");
    const rounds = [];
    do rounds.push(await eraseSubject(db, "customer-1", request, OPERATOR, limits));
    while (rounds.at(-1)?.complete === false);
    expect(rounds.map(({ complete, erased }) => [complete, erased.events])).toEqual([
      [false, 12],
      [false, 12],
      [true, 1],
    ]);
    expect(await ids()).toEqual(["kept"]);
    const audited = await database.sql`
      select sum((after->>'events')::int)::int as events from audit_log where target_id = ${request.id}`;
    expect(audited).toEqual([{ events: 25 }]);
  });
});

test("exporting and erasing are within the rights of the API's own role", async () => {
  const database = await openTestDatabase();
  try {
    const db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
    await activeCampaign(db);
    await decide(db, createActiveSet(), [acceptedEvent({ id: "1" })]);
    await keepDeadLetters(db, { messages: [deliver(queueMessage([acceptedEvent({ id: "2" })]))] });
    await database.sql`set role campaign_manager_api`;
    let text = "";
    for await (const piece of subjectDocument(db, "customer-1", "2026-11-21T10:00:00Z")) text += piece;
    expect(JSON.parse(text)).toMatchObject({ events: [{ id: "1" }], dead_letters: [{ event_id: "2" }] });
    expect((await erase(db, "customer-1")).erased).toEqual({
      events: 1,
      matches: 1,
      event_conflicts: 0,
      dead_letters: 1,
    });
  } finally {
    await database.close();
  }
});

describeWithPostgres("erasing while consumers commit", () => {
  let database: TestDatabase;
  let db: Database;
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database?.close());
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.end())));

  async function session(): Promise<pg.Client> {
    const client = new pg.Client(database.postgresUrl);
    await client.connect();
    clients.push(client);
    return client;
  }

  /** Waits until as many sessions wait for a lock. */
  async function waiting(sessions: number): Promise<void> {
    const watcher = await session();
    for (;;) {
      const { rows } = await watcher.query(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      if (rows[0].n >= sessions) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  test("waits for a commit that is under way, and deletes what it inserts", async () => {
    // The commit's insert has its snapshot, and waits for a row that another session is inserting.
    const other = await session();
    await other.query("begin");
    await other.query(`insert into events (source, id, type, time, received_at, epoch, data)
      values ('shop', 'b', 'x', now(), now(), 0, '{}')`);
    const events = ["a", "b"].map((id) => acceptedEvent({ id, subject: "racer" }));
    const commit = commitDecisions(db, 0, events, []);
    await waiting(1);
    const erased = erase(db, "racer");
    await waiting(2);
    await other.query("rollback");
    expect(await commit).toMatchObject({ inserted: 2, erased: 0 });
    expect(await erased).toMatchObject({ complete: true, erased: { events: 2 } });
    expect(await database.sql`select id from events where subject = 'racer'`).toEqual([]);
  });

  test("leaves nothing, whatever is delivered, how often and when", async () => {
    await activeCampaign(db);
    const subjects = Array.from({ length: 8 }, (_, n) => `subject-${n}`);
    const received_at = new Date(Date.now() - 60_000).toISOString();
    const batch = (round: number) =>
      subjects.flatMap((subject, n) => [
        acceptedEvent({ id: `${round}-${n}`, subject, received_at }),
        acceptedEvent({ id: `${round}-${n}`, subject, received_at, data: { conflict: round } }),
        acceptedEvent({ id: `${round}-${n}-kept`, subject: "kept", received_at }),
      ]);
    const rounds = Array.from({ length: 12 }, (_, round) => batch(round));
    let inserted = 0;
    let erased = 0;
    // Four consumers, each delivered everything, in its own order; letters as well.
    const consume = async (offset: number) => {
      const activeSet = createActiveSet();
      for (let i = 0; i < rounds.length; i++) {
        const events = rounds[(i * 5 + offset * 3) % rounds.length] ?? [];
        const decided = await decide(db, activeSet, events);
        inserted += decided.inserted;
        erased += decided.erased;
        await keepDeadLetters(db, {
          messages: [{ ...deliver(queueMessage(events)), timestamp: new Date(received_at) }],
        });
      }
    };
    const eraseAll = async () => {
      for (const subject of subjects) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        const answer = await eraseSubject(db, subject, erasure(new Date().toISOString()), OPERATOR, {
          rows: 3,
          statements: 1_000,
        });
        expect(answer.complete).toBe(true);
      }
    };
    await Promise.all([consume(0), consume(1), consume(2), consume(3), eraseAll()]);
    const left = await database.sql`
      select 'events' as store, subject from events union all select 'matches', subject from matches
      union all select 'event_conflicts', subject from event_conflicts
      union all select 'dead_letters', subject from dead_letters`;
    expect(left.filter(({ subject }) => subject !== "kept")).toEqual([]);
    const kept = left.filter(({ store }) => store === "events");
    expect(kept).toHaveLength(rounds.length * subjects.length);
    // Both ways of being erased were met: dropped on arrival, and deleted after having been there.
    expect(erased).toBeGreaterThan(0);
    expect(inserted).toBeGreaterThan(kept.length);
  });
});

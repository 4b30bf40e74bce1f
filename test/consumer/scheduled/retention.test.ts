import { beforeEach, describe, expect, test, vi } from "vitest";
import { parseConsumerConfig, type RetentionDays } from "../../../src/config.ts";
import { enforceRetention } from "../../../src/consumer/scheduled/retention.ts";
import { activeCampaign } from "../../support/campaigns.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const NOW = Date.parse("2026-11-21T10:00:00Z");
const DAYS: RetentionDays = { events: 90, deadLetters: 60, sessions: 30 };
const LIMITS = { rows: 10, statements: 100 };

const { database, faults, db } = await useFaultyDatabase();
let lines: Record<string, unknown>[];

beforeEach(async () => {
  await database.sql`truncate events, event_conflicts, matches, dead_letters, erasures, users, sessions`;
  lines = [];
  for (const level of ["info", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => void lines.push(JSON.parse(line)));
  }
  return () => vi.restoreAllMocks();
});

const run = (days = DAYS, limits = LIMITS) => enforceRetention(db, days, () => NOW, limits);
const ago = (days: number, ms = 0) => new Date(NOW - days * 86_400_000 + ms).toISOString();
const reports = () =>
  lines.flatMap(({ message, kind, rows, statements, complete }) =>
    message === "retention" ? [[kind, rows, statements, complete]] : [],
  );

async function insertEvents(receivedAt: string, ids: readonly string[]): Promise<void> {
  await database.sql`insert into events (source, id, type, subject, time, received_at, epoch, data)
    select 'shop', id, 'visit', 'customer-1', ${receivedAt}, ${receivedAt}, 0, '{}'
    from unnest(${ids}::text[]) as n (id)`;
}
const eventIds = async () => (await database.sql`select id from events order by id`).map(({ id }) => id);
const numbered = (count: number) => Array.from({ length: count }, (_, n) => `old-${n}`);

/** One row of each other kind at each of two ages. */
async function insertOthers(): Promise<void> {
  await database.sql`insert into users (id, username, password_hash, role)
    values ('00000000-0000-7000-8000-000000000001', 'ada', 'x', 'admin')`;
  for (const [name, letter, session, erasure] of [
    ["old", ago(60, -1), ago(30, -1), ago(30, -1)],
    ["new", ago(60), ago(30), ago(30)],
  ] as const) {
    await database.sql`insert into dead_letters (id, cause, body, body_hash, attempts, first_at, last_at)
      values (gen_random_uuid(), 'malformed_message', ${name}, sha256(${name}::text::bytea), 1, ${letter}, ${letter})`;
    await database.sql`insert into sessions (id, user_id, created_at, expires_at)
      select gen_random_uuid(), id, ${session}::timestamptz - interval '12 hours', ${session}::timestamptz from users`;
    await database.sql`insert into erasures values (sha256(${name}::text::bytea), ${erasure})`;
  }
}

describe("what is past its time", () => {
  test("is deleted, to the millisecond, with what depends on it; the audit stays", async () => {
    const { id } = await activeCampaign(db);
    await insertEvents(ago(90, -1), ["old"]);
    await insertEvents(ago(90), ["new"]);
    for (const event of ["old", "new"]) {
      await database.sql`insert into matches (campaign_id, source, event_id, campaign_version, subject)
        values (${id}, 'shop', ${event}, 1, 'customer-1')`;
      await database.sql`insert into event_conflicts (source, event_id, data_hash, type, time, received_at, data)
        values ('shop', ${event}, sha256('x'), 'visit', now(), now(), '{}')`;
    }
    await insertOthers();
    const audited = await database.sql`select * from audit_log order by seq`;
    await run();
    expect(await eventIds()).toEqual(["new"]);
    expect(await database.sql`select event_id from matches`).toEqual([{ event_id: "new" }]);
    expect(await database.sql`select event_id from event_conflicts`).toEqual([{ event_id: "new" }]);
    expect(await database.sql`select body from dead_letters`).toEqual([{ body: "new" }]);
    expect(await database.sql`select count(*)::int from sessions`).toEqual([{ count: 1 }]);
    expect(await database.sql`select subject_hash = sha256('new') as new from erasures`).toEqual([
      { new: true },
    ]);
    expect(await database.sql`select * from audit_log order by seq`).toEqual(audited);
    expect(lines).toContainEqual({
      level: "info",
      message: "retention",
      kind: "events",
      rows: 1,
      matches: 1,
      conflicts: 1,
      statements: 1,
      complete: true,
    });
  });

  test("is kept where it is to be kept forever; erasures never are", async () => {
    await insertEvents(ago(9_000), ["old"]);
    await insertOthers();
    await run({ events: null, deadLetters: null, sessions: null });
    expect(await eventIds()).toEqual(["old"]);
    expect(await database.sql`select count(*)::int from dead_letters`).toEqual([{ count: 2 }]);
    expect(await database.sql`select count(*)::int from sessions`).toEqual([{ count: 2 }]);
    expect(reports()).toEqual([["erasures", 1, 1, true]]);
  });

  test("goes in bounded statements, oldest first, and a run that is full is continued by the next", async () => {
    await insertEvents(ago(91), numbered(25));
    await insertEvents(ago(100), ["oldest"]);
    await insertEvents(ago(1), ["new"]);
    await run(DAYS, { rows: 10, statements: 5 }); // three go to the other kinds
    expect(reports().at(-1)).toEqual(["events", 20, 2, false]);
    const left = await eventIds();
    expect(left).toHaveLength(7);
    expect(left).not.toContain("oldest");
    lines = [];
    await run(DAYS, { rows: 10, statements: 5 });
    expect(reports().at(-1)).toEqual(["events", 6, 1, true]);
    expect(await eventIds()).toEqual(["new"]);
  });

  test("goes until the run's time is over", async () => {
    await insertEvents(ago(91), numbered(25));
    let now = NOW;
    const clock = () => {
      now += 40_000;
      return now;
    };
    await enforceRetention(db, DAYS, clock, LIMITS);
    expect(reports().at(-1)).toEqual(["events", 20, 2, false]);
  });

  test("goes on where the database failed, lost replies included, and the other kinds go on at once", async () => {
    await insertEvents(ago(91), numbered(25));
    await insertOthers();
    const isEvents = (body: string) => body.includes("delete from events");
    const lost = faults.fail({ kind: "lose-reply" }, { when: isEvents, times: 1 });
    const letters = faults.fail(
      { kind: "answer", status: 500 },
      { when: (body) => body.includes("delete from dead_letters"), times: 1 },
    );
    await expect(run()).rejects.toThrow("retention failed");
    expect([lost.hits, letters.hits]).toEqual([1, 1]);
    expect(lines.filter(({ message }) => message === "retention_failed")).toEqual([
      { level: "error", message: "retention_failed", kind: "dead_letters", failure: "no_answer" },
      { level: "error", message: "retention_failed", kind: "events", failure: "no_answer" },
    ]);
    expect(await eventIds()).toHaveLength(15);
    expect(await database.sql`select count(*)::int from sessions`).toEqual([{ count: 1 }]);
    await run();
    expect(await eventIds()).toEqual([]);
    expect(await database.sql`select body from dead_letters`).toEqual([{ body: "new" }]);
  });

  test("is all within the rights of the consumer's own role", async () => {
    await insertEvents(ago(91), numbered(3));
    await insertOthers();
    await database.sql`set role campaign_manager_consumer`;
    await run().finally(() => database.sql`reset role`);
    expect(reports().map(([kind, rows]) => [kind, rows])).toEqual([
      ["erasures", 1],
      ["sessions", 1],
      ["dead_letters", 1],
      ["events", 3],
    ]);
  });
});

test("a session that is not over is not forgotten, whatever the caller asks for", async () => {
  await database.sql`insert into users (id, username, password_hash, role)
    values ('00000000-0000-7000-8000-000000000001', 'ada', 'x', 'admin')`;
  await database.sql`insert into sessions (id, user_id, expires_at)
    select gen_random_uuid(), id, now() + interval '1 hour' from users`;
  expect(await database.sql`select forget_sessions('infinity', 10)`).toEqual([{ forget_sessions: 0 }]);
});

describe("how long", () => {
  const DATABASE_URL = "postgres://user@host/name";
  test("90 days for events and dead letters, 30 for sessions, unless set", () => {
    expect(parseConsumerConfig({ DATABASE_URL })).toMatchObject({
      ok: true,
      config: { retention: { events: 90, deadLetters: 90, sessions: 30 } },
    });
    expect(
      parseConsumerConfig({ DATABASE_URL, RETENTION_EVENTS_DAYS: "forever", RETENTION_SESSIONS_DAYS: "1" }),
    ).toMatchObject({ ok: true, config: { retention: { events: null, deadLetters: 90, sessions: 1 } } });
  });

  test.each(["0", "-1", "1.5", "3651", "90 days", "never", "1e2", " 7"])("not %j", (value) => {
    expect(parseConsumerConfig({ DATABASE_URL, RETENTION_EVENTS_DAYS: value })).toEqual({
      ok: false,
      problems: ['RETENTION_EVENTS_DAYS is neither a whole number of days from 1 to 3650 nor "forever"'],
    });
  });
});

/** What is found out of the ordinary in tables that hold weeks, which no test through the Workers can wait for. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anomaliesIn } from "../../src/api/scheduled/anomalies.ts";
import { observe } from "../../src/storage/anomalies.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const time = (ago: number) => new Date(NOW - ago).toISOString();

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  // The audit's own trigger would say that all of it was written now.
  await database.sql`alter table audit_log disable trigger all`;
});
afterAll(() => database?.close());
beforeEach(() => database.sql`truncate counter_readings, metric_counters, login_throttle, audit_log`);

const kinds = async () => {
  await database.sql`set role campaign_manager_api`;
  try {
    return anomaliesIn(await observe(db, NOW)).map(({ kind }) => kind);
  } finally {
    await database.sql`reset role`;
  }
};

let seq = 0;
const audit = (action: string, ago: number, after: object = {}, before: object = {}) => {
  const target = action.startsWith("user") ? "user" : "api_key";
  return database.sql`
    insert into audit_log (id, at, actor_type, actor_id, action, target_type, target_id, before, after, seq, prev_hash, hash)
    values (gen_random_uuid(), ${time(ago)}, 'user', 'ada', ${action}, ${target}, 'x', ${JSON.stringify(before)},
            ${JSON.stringify(after)}, ${++seq}, sha256('x'), sha256('x'))`;
};

describe("an admin or a key", () => {
  /** Somebody worked from 7 to 10 o'clock UTC, two hours and more before what is made. */
  const workedElsewhen = async () => {
    for (const days of [2, 3, 10])
      for (const hours of [3, 4, 5]) await audit("user.update", days * DAY + hours * HOUR);
  };

  test.each([
    ["a key", "api_key.create", {}, {}, true],
    ["an admin", "user.create", { role: "admin" }, {}, true],
    ["a user who becomes an admin", "user.update", { role: "admin" }, { role: "user" }, true],
    ["an admin who stays one", "user.update", { role: "admin" }, { role: "admin" }, false],
    ["a user", "user.create", { role: "user" }, {}, false],
  ])("made when nobody works: %s", async (_, action, after, before, is) => {
    await workedElsewhen();
    await audit(action, 5 * 60_000, after, before);
    expect(await kinds()).toEqual(is ? ["made_at_odd_hours"] : []);
  });

  test("made when people work, an hour beside it, or before the last run, is not one", async () => {
    await workedElsewhen();
    await audit("user.update", 4 * DAY + HOUR);
    await audit("api_key.create", 5 * 60_000);
    expect(await kinds()).toEqual([]);
    await database.sql`delete from audit_log where action = 'user.update' and at = ${time(4 * DAY + HOUR)}`;
    await database.sql`update audit_log set at = ${time(11 * 60_000)} where action = 'api_key.create'`;
    expect(await kinds()).toEqual([]);
  });

  test("made in the product's first days is not one: nobody knows when people work", async () => {
    await audit("user.update", 6 * DAY + 5 * HOUR);
    await audit("api_key.create", 5 * 60_000);
    expect(await kinds()).toEqual([]);
  });
});

describe("events accepted in an hour", () => {
  /** Readings at both ends of the hour, some days ago. */
  const hour = async (days: number, accepted: number, start = 0) => {
    await database.sql`
      insert into counter_readings values ('accepted', ${time(days * DAY + HOUR)}, ${start}),
        ('accepted', ${time(days * DAY)}, ${start + accepted})`;
  };
  test.each([
    ["fell to a twentieth", [100, 2_000, 3_000, 9_000], true],
    ["fell to a fifth", [400, 2_000, 3_000, 9_000], false],
    ["are few on one of the days", [100, 2_000, 500, 9_000], false],
    ["are little by themselves", [0, 900, 900, 900], false],
    ["have too few days before them", [0, 2_000, 2_000], false],
    ["are a counter that was restored", [-5_000, 2_000, 2_000, 2_000], false],
  ])("%s", async (_, accepted, is) => {
    for (const [days, events] of accepted.entries()) await hour(days, events, 10_000);
    expect(await kinds()).toEqual(is ? ["accepted_fell"] : []);
  });
});

test("what counters were is kept for eight days", async () => {
  await database.sql`
    insert into counter_readings values ('accepted', ${time(8 * DAY + 1)}, 1), ('accepted', ${time(8 * DAY)}, 2)`;
  await observe(db, NOW);
  const rows = await database.sql`select name, value from counter_readings order by at, name`;
  expect(rows).toEqual([
    { name: "accepted", value: 2 },
    { name: "accepted", value: 0 },
    { name: "forbidden", value: 0 },
  ]);
});

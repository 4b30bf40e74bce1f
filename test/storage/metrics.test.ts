import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STUCK_COUNT_MAX } from "../../src/limits.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { addMetrics, readCounters, readMetrics } from "../../src/storage/metrics.ts";
import { activeCampaign } from "../support/campaigns.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

let database: TestDatabase;
let db: Database;

const openAs = (real: boolean) => async () => {
  database = await openTestDatabase({ real });
  db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
};

describe("counters", () => {
  beforeAll(openAs(false));
  afterAll(() => database.close());
  beforeEach(() => database.sql`truncate metric_counters`);

  test("add up over their shards, each with its labels, in a stable order", async () => {
    for (let i = 0; i < 40; i++) {
      await addMetrics(db, [
        { name: "b_total", labels: "", value: 1 },
        { name: "a_total", labels: 'x="2"', value: 2 },
        { name: "a_total", labels: 'x="1"', value: 0.5 },
      ]);
    }
    expect(await readCounters(db)).toEqual([
      { name: "a_total", labels: 'x="1"', value: 20 },
      { name: "a_total", labels: 'x="2"', value: 80 },
      { name: "b_total", labels: "", value: 40 },
    ]);
    const [row] = await database.sql`select count(distinct shard)::int as shards, count(*)::int as rows
      from metric_counters where name = 'b_total'`;
    expect(row?.["shards"]).toBeGreaterThan(4);
    expect(row?.["rows"]).toBe(row?.["shards"]);
  });

  test("only grow: nothing can be taken away", async () => {
    await addMetrics(db, [{ name: "a_total", labels: "", value: 5 }]);
    await addMetrics(db, [{ name: "a_total", labels: "", value: -3 }]);
    expect(await readCounters(db)).toEqual([{ name: "a_total", labels: "", value: 5 }]);
  });

  test("without anything to add there is no statement", async () => {
    await addMetrics(openDatabase({ url: "postgres://nobody@127.0.0.1:9/none", timeoutMs: PATIENCE_MS }), []);
  });
});

describe("what is read from the state", () => {
  beforeAll(openAs(false));
  afterAll(() => database.close());
  const found = async (name: string, labels = "") =>
    (await readMetrics(db)).find((sample) => sample.name === name && sample.labels === labels)?.value;

  test("of an empty database is 0, and there", async () => {
    expect(await found("dead_letters_open", 'cause="malformed_message"')).toBe(0);
    expect(await found("dead_letter_oldest_open_age_seconds")).toBe(0);
    expect(await found("campaigns_active")).toBe(0);
    expect(await found("campaign_epoch")).toBe(0);
  });

  test("campaigns: those that are active, and the epoch they made", async () => {
    await activeCampaign(db);
    await activeCampaign(db);
    await database.sql`
      update campaigns set status = 'paused' where id = (select id from campaigns limit 1)`;
    expect(await found("campaigns_active")).toBe(1);
    expect(await found("campaign_epoch")).toBe(3);
  });

  test("open dead letters: by cause up to a limit, and the oldest one's age", async () => {
    await database.sql`
      insert into dead_letters (id, cause, body, body_hash, attempts, first_at)
      select gen_random_uuid(), case when n <= 3 then 'refused_by_database' else 'retries_exhausted' end, n::text,
             sha256(convert_to(n::text, 'UTF8')), 1, now() - interval '1 hour' - n * interval '1 second'
      from generate_series(1, ${STUCK_COUNT_MAX + 50}) n`;
    expect(await found("dead_letters_open", 'cause="malformed_message"')).toBe(0);
    expect(await found("dead_letters_open", 'cause="refused_by_database"')).toBe(3);
    expect(await found("dead_letters_open", 'cause="retries_exhausted"')).toBe(STUCK_COUNT_MAX);
    const age = (await found("dead_letter_oldest_open_age_seconds")) ?? 0;
    expect(age).toBeGreaterThan(3_600 + STUCK_COUNT_MAX);
    await database.sql`
      update dead_letters set status = 'discarded', discarded_at = now(), discard_reason = 'seen'
      where cause = 'refused_by_database'`;
    expect(await found("dead_letters_open", 'cause="refused_by_database"')).toBe(0);
  });
});

describeWithPostgres("counters under concurrency", () => {
  beforeAll(openAs(true));
  afterAll(() => database.close());

  test("many writers of the same counters lose nothing and never deadlock", async () => {
    const names = Array.from({ length: 20 }, (_, n) => ({ name: `c${n}_total`, labels: "", value: 1 }));
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const mine = writer % 2 === 0 ? names : names.toReversed();
      for (let i = 0; i < 50; i++) await addMetrics(db, mine);
    });
    await Promise.all(writers);
    expect(new Set((await readCounters(db)).map(({ value }) => value))).toEqual(new Set([400]));
  });
});

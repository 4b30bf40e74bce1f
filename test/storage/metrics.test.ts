import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STUCK_COUNT_MAX } from "../../src/limits.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { addMetrics, readCounters, readMetrics } from "../../src/storage/metrics.ts";
import { CATALOGUE, type Metric } from "../../src/telemetry/catalogue.ts";
import { joinLabels, labelText } from "../../src/telemetry/labels.ts";
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
        { name: "a_total", labels: 'kind="b"', value: 2 },
        { name: "a_total", labels: 'kind="a"', value: 0.5 },
      ]);
    }
    expect(await readCounters(db)).toEqual([
      { name: "a_total", labels: 'kind="a"', value: 20 },
      { name: "a_total", labels: 'kind="b"', value: 80 },
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

  /** What the consumer's role may say, with its one right to count. */
  const countAsConsumer = (increment: object) =>
    database.sql.transaction((sql) => [
      sql`set local role campaign_manager_consumer`,
      sql`select count_metrics(${JSON.stringify([increment])}::jsonb)`,
    ]);
  const REFUSED = "23514";

  test.each([
    ["a huge number", { name: "a_total", labels: "", value: 1.7e308 }, "metric_counters_value"],
    ["not a number", { name: "a_total", labels: "", value: "NaN" }, "metric_counters_value"],
    ["infinity", { name: "a_total", labels: "", value: "Infinity" }, "metric_counters_value"],
    ["a name of any kind", { name: 'a"} 1\nb', labels: "", value: 1 }, "metric_counters_name"],
    [
      "an address as a reason",
      { name: "a_total", labels: 'reason="ada@example.com"', value: 1 },
      "metric_counters_labels",
    ],
    [
      "a label of its own",
      { name: "a_total", labels: 'subject="customer"', value: 1 },
      "metric_counters_labels",
    ],
    [
      "text beside a label",
      { name: "a_total", labels: 'kind="a" 1\nb{kind="b"', value: 1 },
      "metric_counters_labels",
    ],
    ["labels that do not end", { name: "a_total", labels: 'kind="a",', value: 1 }, "metric_counters_labels"],
  ])("take only what we count with: %s is refused", async (_, increment, constraint) => {
    await expect(countAsConsumer(increment)).rejects.toMatchObject({ code: REFUSED, constraint });
    expect(await readCounters(db)).toEqual([]);
  });

  test("stay where they would not be exact any more, and do not refuse what is counted with them", async () => {
    const most = 2 ** 53;
    await database.sql`
      insert into metric_counters (name, labels, shard, value)
      select 'a_total', '', shard, ${most} from generate_series(0, 15) as shard`;
    await countAsConsumer({ name: "a_total", labels: "", value: 1e12 });
    expect(await readCounters(db)).toEqual([{ name: "a_total", labels: "", value: 16 * most }]);
  });

  test("are of so many kinds and no more", async () => {
    await database.sql`alter table metric_counters disable trigger metric_counters_limited`;
    await database.sql`
      insert into metric_counters (name, labels, shard, value)
      select 'a_total', format('failure="F%s"', n), 0, 1 from generate_series(1, 50000) as n`;
    await database.sql`alter table metric_counters enable trigger metric_counters_limited`;
    const failure = 'failure="one_more"';
    await expect(countAsConsumer({ name: "a_total", labels: failure, value: 1 })).rejects.toMatchObject({
      code: "54000",
    });
    await countAsConsumer({ name: "a_total", labels: "", value: 1 });
    await countAsConsumer({ name: "b_total", labels: failure, value: 1 });
  });

  test("take every label of the catalogue", async () => {
    const words: Readonly<Record<string, readonly string[]>> = {
      method: ["GET", "other"],
      route: ["/v1/subjects/:subject/export", "/docs/:file", "/*", ""],
      status: ["200"],
      queue: ["events", "events-dlq"],
      failure: ["40P01", "no_answer", "TypeError"],
    };
    for (const [name, metric] of Object.entries(CATALOGUE as Record<string, Metric>)) {
      if (metric.from === "state") continue;
      for (const i of [0, 1, 2, 3]) {
        const text = labelText(
          Object.fromEntries(
            metric.labels.map((label) => [label, words[label]?.[i] ?? words[label]?.[0] ?? "a_word"]),
          ),
        );
        const labels = [
          ...(metric.always ?? []).map((always) => labelText(always)),
          text,
          ...[...(metric.buckets ?? []), "+Inf"].map((le) => joinLabels(text, labelText({ le: String(le) }))),
        ];
        await addMetrics(
          db,
          [...new Set(labels)].map((labels) => ({ name, labels, value: 1 })),
        );
      }
    }
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

import { beforeAll, describe, expect, test } from "vitest";
import { acceptedEvent, queueMessage } from "../support/accepted-events.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let token: string;

beforeAll(async () => {
  token = await system.login("admin");
});

const path = (subject: string) => `/v1/subjects/${encodeURIComponent(subject)}`;
const exportOf = async (subject: string) => {
  const answer = await system.call("GET", `${path(subject)}/export`, { token });
  expect(answer.status).toBe(200);
  return answer.json;
};
const erase = (subject: string) => system.call("DELETE", path(subject), { token });
const post = async (...events: object[]) => {
  const answer = await system.call("POST", "/v1/events", { token, json: events });
  expect(answer.status).toBe(202);
};
const countOf = async (subject: string) =>
  Number((await system.database.sql`select count(*) from events where subject = ${subject}`)[0]?.["count"]);

/** Every row of every table that holds this text, as `table: row`. */
async function tracesOf(text: string): Promise<string[]> {
  const { sql } = system.database;
  const tables = await sql`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`;
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await sql.query(
        `select to_jsonb(t)::text as row from "${name}" t where position($1 in t::text) > 0`,
        [text],
      );
      return rows.map(({ row }) => `${name}: ${row}`);
    }),
  );
  return found.flat();
}

const actionsOf = async (target: string) =>
  (
    await system.database
      .sql`select action, after, target_type from audit_log where target_id = ${target} order by seq`
  ).map(({ action, after }) => [action, after]);

describe("one subject among others", () => {
  const canary = "c4n4ry-7f3e";
  const subject = `${canary}/"ä" \\ 100%`;
  let campaign: string;

  beforeAll(async () => {
    const created = await system.call("POST", "/v1/campaigns", {
      token,
      json: {
        name: "Anybody but one",
        rule: { field: "subject", operator: "not_in", value: ["somebody", subject] },
      },
    });
    campaign = created.json.id;
    await system.call("POST", `/v1/campaigns/${campaign}/activate`, { token });
    const all = await system.call("POST", "/v1/campaigns", {
      token,
      json: { name: "All", rule: { field: "type", operator: "exists" } },
    });
    await system.call("POST", `/v1/campaigns/${all.json.id}/activate`, { token });

    const event = { id: "1", type: "purchase", source: "shop", subject, data: { n: 1 } };
    await post(event, { id: "2", type: "visit", subject }, { id: "3", type: "visit", subject: "somebody" });
    await eventually(async () => ((await countOf(subject)) === 2 ? true : undefined));
    // Other content under an id that is taken: the subject's own, and somebody else's.
    await post({ ...event, data: { n: 2 } }, { id: "3", type: "visit", subject, data: { late: true } });
    // A version that this consumer does not know, what is no message at all, and what Postgres does not take.
    const now = new Date().toISOString();
    const unknown = { id: "4", type: "visit", source: "shop", received_at: now };
    await system.enqueue({
      version: 9,
      events: [
        { ...unknown, subject },
        { ...unknown, id: "5", subject: "somebody" },
      ],
    });
    await system.enqueue({ about: [{ [subject]: 1 }] });
    await system.enqueue(JSON.stringify({ customer: subject }));
    await system.enqueue({ about: [`${subject}, or not`] });
    const poisoned = acceptedEvent({ id: "6", subject, data: { text: "a\u0000b" }, received_at: now });
    await system.enqueue(
      queueMessage([poisoned, acceptedEvent({ id: "7", subject: "somebody", received_at: now })]),
    );
    await eventually(async () => {
      const [counts] = await system.database.sql`select (select count(*) from dead_letters)::int as letters,
        (select count(*) from event_conflicts)::int as conflicts, (select count(*) from events)::int as events`;
      return counts?.["letters"] >= 6 && counts?.["conflicts"] === 2 && counts?.["events"] === 4
        ? true
        : undefined;
    });
  });

  test("is exported with everything that is held about it, and nothing about anybody else", async () => {
    const { events, matches, event_conflicts, dead_letters, named_in_rules, ...head } =
      await exportOf(subject);
    expect(head).toEqual({ subject, exported_at: expect.any(String) });
    expect(events.map(({ id }: { id: string }) => id).toSorted()).toEqual(["1", "2"]);
    expect(matches.map((match: { event_id: string }) => match.event_id).toSorted()).toEqual(["1", "2"]);
    expect(event_conflicts.map(({ data }: { data: unknown }) => data)).toEqual([{ late: true }, { n: 2 }]);
    expect(
      dead_letters.map(({ cause, event_id }: Record<string, unknown>) => `${cause} ${event_id}`).toSorted(),
    ).toEqual([
      "malformed_message 4",
      "malformed_message null",
      "malformed_message null",
      "refused_by_database 6",
    ]);
    expect(JSON.stringify(dead_letters)).not.toContain("somebody");
    expect(named_in_rules).toEqual([{ campaign_id: campaign, campaign_version: 1 }]);
  });

  test("is erased everywhere but in rules, and its receipt and the audit do not name it", async () => {
    const before = await tracesOf("somebody");
    const answer = await erase(subject);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      receipt_id: expect.any(String),
      at: expect.any(String),
      complete: true,
      erased: { events: 2, matches: 2, event_conflicts: 2, dead_letters: 4 },
    });
    // Left are the rule, in the campaign and in the audit of it, and the letter whose text only resembles the subject.
    const left = await tracesOf(canary);
    expect(new Set(left.map((trace) => trace.split(":")[0]))).toEqual(
      new Set(["audit_log", "campaign_versions", "dead_letters"]),
    );
    expect(left.filter((trace) => trace.startsWith("audit_log") && !trace.includes(campaign))).toEqual([]);
    expect(left.filter((trace) => trace.startsWith("dead_letters"))).toHaveLength(1);
    expect(await tracesOf("somebody")).toEqual(before);
    expect(await actionsOf(answer.json.receipt_id)).toEqual([
      ["erasure.begin", null],
      ["erasure.delete", answer.json.erased],
    ]);
    const exported = await exportOf(subject);
    expect(exported).toMatchObject({ events: [], matches: [], event_conflicts: [], dead_letters: [] });
  });

  test("is erased again to the same end", async () => {
    const answer = await erase(subject);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      complete: true,
      erased: { events: 0, matches: 0, event_conflicts: 0, dead_letters: 0 },
    });
    expect(await actionsOf(answer.json.receipt_id)).toEqual([["erasure.begin", null]]);
  });
});

describe("events in flight", () => {
  const held = () =>
    system.faults.fail({ kind: "hold" }, { when: (body) => body.includes("commit_decisions"), times: 1 });

  test("about a subject that is erased meanwhile are dropped and counted, its later ones kept", async () => {
    system.harness.clearLogs();
    const commit = held();
    await post(
      { id: "in-flight", type: "visit", subject: "leaver" },
      { id: "neighbour", type: "visit", subject: "stayer" },
    );
    await commit.struck;
    expect((await erase("leaver")).json).toMatchObject({ complete: true, erased: { events: 0 } });
    await post({ id: "afterwards", type: "visit", subject: "leaver" });
    commit.release();
    await eventually(async () =>
      (await countOf("stayer")) === 1 && (await countOf("leaver")) === 1 ? true : undefined,
    );
    const { events } = await exportOf("leaver");
    expect(events.map(({ id }: { id: string }) => id)).toEqual(["afterwards"]);
    const logged = system.harness.getLogs().filter(({ message }) => message.includes("batch_decided"));
    expect(logged.map(({ message }) => JSON.parse(message).erased).toSorted()).toEqual([0, 1]);
  });

  test("delivered again after the erasure are dropped too", async () => {
    const received_at = new Date(Date.now() - 1_000).toISOString();
    const event = {
      source: "shop",
      id: "again",
      type: "visit",
      subject: "twice",
      time: received_at,
      received_at,
      data: {},
    };
    await system.enqueue(queueMessage([event]));
    await eventually(async () => ((await countOf("twice")) === 1 ? true : undefined));
    expect((await erase("twice")).json).toMatchObject({ erased: { events: 1 } });
    await system.enqueue(queueMessage([event, { ...event, id: "witness", subject: null }]));
    await eventually(async () => {
      const rows = await system.database.sql`select 1 from events where id = 'witness'`;
      return rows[0];
    });
    expect(await tracesOf("twice")).toEqual([]);
  });
});

describe("a subject of many events", () => {
  const subject = "prolific";

  beforeAll(async () => {
    await system.database.sql`insert into events (source, id, type, subject, time, received_at, epoch, data)
      select 'shop', 'many-' || n, 'visit', ${subject}, now() - make_interval(mins => n / 7), now(), 0, '{}'
      from generate_series(1, 250) n`;
  });

  test("is exported whole, each event once, oldest first", async () => {
    const { events } = await exportOf(subject);
    expect(new Set(events.map(({ id }: { id: string }) => id)).size).toBe(250);
    const times = events.map(({ time }: { time: string }) => Date.parse(time));
    expect(times).toEqual(times.toSorted((a: number, b: number) => a - b));
  });

  test("is exported with an end that shows when the database is lost on the way", async () => {
    const lost = system.faults.fail(
      { kind: "answer", status: 500 },
      { when: (body) => body.includes("::timestamptz") && body.includes("from events e"), times: 1 },
    );
    const read = async () => {
      const response = await system.harness
        .getWorker("campaign-manager-api")
        .fetch(`${path(subject)}/export`, { headers: { Authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
      return JSON.parse(await response.text());
    };
    await expect(read()).rejects.toThrow();
    expect(lost.hits).toBe(1);
  });

  test("answers 503 when the database does not answer at all", async () => {
    const down = system.faults.fail(
      { kind: "answer", status: 500 },
      { when: (body) => body.includes("from events e"), times: 1 },
    );
    const answer = await system.call("GET", `${path(subject)}/export`, { token });
    expect([answer.status, down.hits]).toEqual([503, 1]);
  });
});

test("the consumer's cron deletes what is past its time", async () => {
  await system.database.sql`insert into events (source, id, type, subject, time, received_at, epoch, data)
    select 'shop', 'aged-' || days, 'visit', null, now(), now() - make_interval(days => days), 0, '{}'
    from unnest(array[89, 91]) as days`;
  const { outcome } = await system.harness
    .getWorker("campaign-manager-consumer")
    .scheduled({ cron: "*/5 * * * *" });
  expect(outcome).toBe("ok");
  expect(await system.database.sql`select id from events where id like 'aged-%'`).toEqual([
    { id: "aged-89" },
  ]);
});

test("the consumer's cron deletes it also when another of its jobs fails first, and says so without a statement", async () => {
  await system.database.sql`insert into events (source, id, type, subject, time, received_at, epoch, data)
    values ('shop', 'aged', 'visit', null, now(), now() - interval '91 days', 0, '{}')`;
  const deleting = system.faults.fail(
    { kind: "hold" },
    { when: (body) => body.includes("delete from events") },
  );
  const reading = system.faults.fail(
    { kind: "answer", status: 500 },
    { when: (body) => body.includes("campaign_epoch"), times: 1 },
  );
  system.harness.clearLogs();
  const run = system.harness.getWorker("campaign-manager-consumer").scheduled({ cron: "*/5 * * * *" });
  await Promise.all([deleting.struck, reading.struck]);
  deleting.release();
  expect((await run).outcome).toBe("exception");
  expect(await system.database.sql`select id from events where id = 'aged'`).toEqual([]);
  const failures = system.harness.getLogs().filter(({ message }) => message.includes("scheduled_job_failed"));
  expect(failures.map(({ message }) => JSON.parse(message).failure)).toEqual(["no_answer"]);
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import type { TestDatabase } from "../support/database.ts";

const ID = "'01900000-0000-7000-8000-000000000001'";
const NO_ID = "'01900000-0000-7000-8000-00000000ffff'";
const HASH = "decode(repeat('ab', 32), 'hex')";

/** A good row of each table, as SQL; a case replaces some of its values. */
const ROWS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  users: {
    id: "gen_random_uuid()",
    username: "gen_random_uuid()::text",
    password_hash: "'hash'",
    role: "'user'",
  },
  sessions: { id: "gen_random_uuid()", user_id: ID, expires_at: "now() + interval '1 hour'" },
  api_keys: {
    id: "gen_random_uuid()",
    name: "'shop'",
    scopes: "'{events:write}'",
    secret_hash: "sha256(convert_to(gen_random_uuid()::text, 'UTF8'))",
  },
  campaign_versions: { campaign_id: ID, version: "2", rule: "'{}'", created_by: "'test'" },
  events: {
    source: "'shop'",
    id: "gen_random_uuid()::text",
    type: "'purchase'",
    subject: "'customer-1'",
    time: "now()",
    received_at: "now()",
    epoch: "0",
    data: "'{}'",
  },
  event_conflicts: {
    source: "'shop'",
    event_id: "'stored'",
    data_hash: "sha256(convert_to(gen_random_uuid()::text, 'UTF8'))",
    type: "'purchase'",
    time: "now()",
    received_at: "now()",
    data: "'{}'",
  },
  matches: { campaign_id: ID, source: "'shop'", event_id: "'stored'", campaign_version: "1" },
  dead_letters: {
    id: "gen_random_uuid()",
    cause: "'malformed_message'",
    body: "'{}'",
    body_hash: "sha256(convert_to(gen_random_uuid()::text, 'UTF8'))",
    attempts: "1",
    first_at: "now()",
  },
  metric_counters: { name: "gen_random_uuid()::text", labels: "''", shard: "0", value: "1" },
};

const DISCARDED = { status: "'discarded'", discarded_at: "now()", discard_reason: "'known fault'" };

/** Table, the constraint that refuses, and the values it refuses. */
const REFUSED: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ["users", "users_username_length", { username: "''" }],
  ["users", "users_username_length", { username: "repeat('u', 65)" }],
  ["users", "users_role", { role: "'owner'" }],
  ["users", "users_username_key", { username: "'ADMIN'" }],
  ["sessions", "sessions_expires_after_created", { expires_at: "now() - interval '1 second'" }],
  ["sessions", "sessions_user_id_users_id_fk", { user_id: NO_ID }],
  ["api_keys", "api_keys_name_length", { name: "''" }],
  ["api_keys", "api_keys_name_length", { name: "repeat('n', 256)" }],
  ["api_keys", "api_keys_scopes", { scopes: "'{}'" }],
  ["api_keys", "api_keys_scopes", { scopes: "'{events:write,admin}'" }],
  ["api_keys", "api_keys_secret_hash_length", { secret_hash: "'\\xab'" }],
  ["api_keys", "api_keys_previous", { previous_secret_hash: HASH }],
  ["api_keys", "api_keys_previous", { previous_expires_at: "now()" }],
  ["campaign_versions", "campaign_versions_version", { version: "0" }],
  ["campaign_versions", "campaign_versions_campaign_id_version_pk", { version: "1" }],
  ["campaign_versions", "campaign_versions_campaign_id_campaigns_id_fk", { campaign_id: NO_ID }],
  ["events", "events_id_source_pk", { id: "'stored'" }],
  ["events", "events_source_length", { source: "''" }],
  ["events", "events_source_length", { source: "repeat('s', 256)" }],
  ["events", "events_id_length", { id: "''" }],
  ["events", "events_id_length", { id: "repeat('i', 256)" }],
  ["events", "events_type_length", { type: "''" }],
  ["events", "events_type_length", { type: "repeat('t', 256)" }],
  ["events", "events_subject_length", { subject: "''" }],
  ["events", "events_subject_length", { subject: "repeat('s', 256)" }],
  ["events", "events_data_object", { data: "'[]'" }],
  ["events", "events_data_object", { data: "'null'" }],
  ["event_conflicts", "event_conflicts_source_event_id_events_source_id_fk", { event_id: "'nothing'" }],
  ["event_conflicts", "event_conflicts_source_event_id_data_hash_pk", { data_hash: HASH }],
  ["matches", "matches_outcome", { event_id: "'other'", outcome: "'lost'" }],
  ["matches", "matches_event_id_source_campaign_id_pk", {}],
  ["dead_letters", "dead_letters_cause", { cause: "'bad luck'" }],
  ["dead_letters", "dead_letters_attempts", { attempts: "0" }],
  ["dead_letters", "dead_letters_data_hash_length", { data_hash: "'\\xab'" }],
  ["dead_letters", "dead_letters_discard_reason_length", { ...DISCARDED, discard_reason: "''" }],
  [
    "dead_letters",
    "dead_letters_discard_reason_length",
    { ...DISCARDED, discard_reason: "repeat('r', 1025)" },
  ],
  ["dead_letters", "dead_letters_status", { status: "'lost'" }],
  ["dead_letters", "dead_letters_status", { status: "'replayed'" }],
  ["dead_letters", "dead_letters_status", { status: "'resolved'" }],
  ["dead_letters", "dead_letters_status", { status: "'discarded'" }],
  ["dead_letters", "dead_letters_status", { resolved_at: "now()" }],
  ["dead_letters", "dead_letters_status", { ...DISCARDED, discard_reason: "null" }],
  ["dead_letters", "dead_letters_status", { ...DISCARDED, status: "'open'" }],
  ["dead_letters", "dead_letters_status", { ...DISCARDED, resolved_at: "now()" }],
  ["metric_counters", "metric_counters_name_length", { name: "''" }],
  ["metric_counters", "metric_counters_name_length", { name: "repeat('n', 101)" }],
  ["metric_counters", "metric_counters_labels_length", { labels: "repeat('l', 501)" }],
  ["metric_counters", "metric_counters_shard", { shard: "16" }],
  ["metric_counters", "metric_counters_value", { value: "-1" }],
  ["metric_counters", "metric_counters_value", { value: "'NaN'" }],
];

describeOnBothBackEnds("what the tables refuse", (open) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await open();
    const { sql } = database;
    await sql.query(
      `insert into users (id, username, password_hash, role) values (${ID}, 'admin', 'h', 'admin')`,
    );
    await sql.query(`
      with c as (insert into campaigns (id, name) values (${ID}, 'Campaign') returning id)
      insert into campaign_versions (campaign_id, version, rule, created_by) select id, 1, '{}', 'test' from c`);
    await insert("events", { id: "'stored'" });
    await insert("event_conflicts", { data_hash: HASH });
    await insert("matches", {});
  });
  afterAll(() => database.close());

  function insert(table: string, replaced: Readonly<Record<string, string>>): Promise<unknown> {
    const row = { ...ROWS[table], ...replaced };
    const columns = Object.keys(row).map((name) => `"${name}"`);
    return database.sql.query(
      `insert into ${table} (${columns.join(", ")}) values (${Object.values(row).join(", ")})`,
    );
  }

  test.each([
    "users",
    "sessions",
    "api_keys",
    "events",
    "event_conflicts",
    "dead_letters",
    "metric_counters",
  ])("a good row of %s is taken", async (table) => void (await insert(table, {})));

  test.each(REFUSED)("%s: %s refuses %o", async (table, constraint, replaced) => {
    const error = await insert(table, replaced).then(
      () => undefined,
      (thrown: { readonly code: string; readonly constraint: string }) => thrown,
    );
    expect(error?.code).toMatch(/^23/);
    // Postgres cuts names at 63 bytes.
    expect(error?.constraint.startsWith(constraint.slice(0, 63))).toBe(true);
  });

  test("every check in the database has a case here", async () => {
    const checks = await database.sql`
      select conname as name from pg_constraint c join pg_class t on t.oid = c.conrelid
      where contype = 'c' and relname in ('users', 'sessions', 'api_keys', 'campaign_versions', 'events',
        'event_conflicts', 'matches', 'dead_letters')`;
    const cases = new Set(REFUSED.map(([, constraint]) => constraint));
    expect(checks.map(({ name }) => String(name)).filter((name) => !cases.has(name))).toEqual([]);
  });

  describe("of campaigns", () => {
    test.each([
      ["campaigns_name_length", "name = ''"],
      ["campaigns_name_length", "name = repeat('n', 256)"],
      ["campaigns_description_length", "description = repeat('d', 4097)"],
      ["campaigns_status", "status = 'ended'"],
      ["campaigns_window", "starts_at = now(), ends_at = now()"],
      ["campaigns_version", "version = 0"],
      ["campaigns_id_version_campaign_versions_campaign_id_version_fk", "version = 7"],
    ])("%s refuses %s", async (constraint, change) => {
      await expect(database.sql.query(`update campaigns set ${change}`)).rejects.toMatchObject({
        constraint,
      });
    });

    test("an active one cannot be deleted, a draft can", async () => {
      const { sql } = database;
      const made = await sql`
        with c as (
          insert into campaigns (id, name, status) values (gen_random_uuid(), 'Active', 'active') returning id
        ), v as (
          insert into campaign_versions (campaign_id, version, rule, created_by) select id, 1, '{}', 'test' from c
        ) select id from c`;
      const id = made[0]?.["id"];
      await expect(sql`delete from campaigns where id = ${id}`).rejects.toMatchObject({ code: "CM002" });
    });
  });

  test("the epoch has one row", async () => {
    await expect(database.sql`insert into campaign_epoch (id) values (2)`).rejects.toMatchObject({
      constraint: "campaign_epoch_single",
    });
  });

  test.each([
    ["update campaign_versions set rule = '{}'"],
    ["delete from campaign_versions"],
    ["update audit_log set action = 'nothing'"],
    ["delete from audit_log"],
  ])("%s is refused: what was is not rewritten", async (statement) => {
    await database.sql`
      insert into audit_log (id, actor_type, action, target_type, target_id)
      values (gen_random_uuid(), 'operator', 'test', 'test', 'test')`;
    await expect(database.sql.query(statement)).rejects.toMatchObject({ code: "CM003" });
  });
});

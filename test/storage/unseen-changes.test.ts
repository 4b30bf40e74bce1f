/** What the API's role cannot do without the audit saying so, whoever has its password. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eraseSubject } from "../../src/api/subjects/erase.ts";
import { createApiKey, revokeApiKey, rotateApiKey, useApiKey } from "../../src/storage/api-keys.ts";
import { createCampaign, transitionCampaign, updateCampaign } from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { commitDecisions } from "../../src/storage/decisions.ts";
import { endSession, startSession } from "../../src/storage/sessions.ts";
import { changeOwnPassword, createUser, rehashPassword, updateUser } from "../../src/storage/users.ts";
import { acceptedEvent } from "../support/accepted-events.ts";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import { OPERATOR } from "../support/campaigns.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

const NO_AUDIT = "CM005";
const USER = "00000000-0000-7000-8000-000000000001";
const OTHER = "00000000-0000-7000-8000-000000000005";
const SESSION = "00000000-0000-7000-8000-000000000002";
const KEY = "00000000-0000-7000-8000-000000000003";
const CAMPAIGN = "00000000-0000-7000-8000-000000000004";
const NEW = "00000000-0000-7000-8000-000000000009";

const RULE = { field: "type", operator: "equals", value: "purchase" } as const;

/** An audit row in somebody's name, which the role may write. */
const audit = (action: string, type: string, id: string, after: object) => `
  insert into audit_log (id, actor_type, action, target_type, target_id, after)
  values (gen_random_uuid(), 'user', '${action}', '${type}', '${id}', '${JSON.stringify(after)}')`;

describeOnBothBackEnds("what the API's role changes", (open) => {
  let database: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    database = await open();
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
    const { sql } = database;
    await sql`insert into users (id, username, password_hash, role) values (${USER}, 'ada', 'hash', 'user')`;
    await sql`insert into users (id, username, password_hash, role) values (${OTHER}, 'bob', 'hash', 'user')`;
    await sql`
      insert into sessions (id, user_id, expires_at) values (${SESSION}, ${USER}, now() + interval '1 hour')`;
    await sql`
      insert into api_keys (id, name, scopes, secret_hash)
      values (${KEY}, 'shop', array['events:write'], sha256('secret'))`;
    await createCampaign(
      db,
      CAMPAIGN,
      { name: "Any", description: null, rule: RULE, starts_at: null, ends_at: null },
      OPERATOR,
    );
    await commitDecisions(db, 0, [acceptedEvent({ id: "1" }), acceptedEvent({ id: "2" })], []);
  });
  afterAll(() => database?.close());

  /** Statements of one transaction, by the API's role. */
  const asApi = (...statements: readonly string[]) =>
    database.sql.transaction((sql) =>
      ["set local role campaign_manager_api", ...statements].map((text) => sql.query(text)),
    );
  const digest = async () => {
    const [row] = await database.sql`
      select md5((select string_agg(to_jsonb(u)::text, '' order by id) from users u)
        || (select string_agg(to_jsonb(s)::text, '' order by id) from sessions s)
        || (select string_agg(to_jsonb(k)::text, '' order by id) from api_keys k)
        || (select string_agg(to_jsonb(c)::text, '' order by id) from campaigns c)
        || (select string_agg(to_jsonb(v)::text, '' order by campaign_id, version) from campaign_versions v)
        || (select string_agg(to_jsonb(e)::text, '' order by id) from events e)
        || (select count(*) from audit_log)) as digest`;
    return row?.["digest"];
  };

  const insertAdmin = `
    insert into users (id, username, password_hash, role) values ('${NEW}', 'mallory', 'hash', 'admin')`;
  const insertSession = `
    insert into sessions (id, user_id, expires_at) values ('${NEW}', '${USER}', now() + interval '1 hour')`;
  const insertKey = `
    insert into api_keys (id, name, scopes, secret_hash)
    values ('${NEW}', 'mallory', array['events:write'], sha256('mallory'))`;
  const insertVersion = `
    insert into campaign_versions (campaign_id, version, rule, created_by) values ('${CAMPAIGN}', 2, '{}', 'x')`;

  test.each([
    ["a new admin", [insertAdmin]],
    [
      "a new admin, called a user",
      [
        insertAdmin,
        audit("user.create", "user", NEW, { username: "mallory", role: "user", disabled: false }),
      ],
    ],
    [
      "a new admin, told of another",
      [
        insertAdmin,
        audit("user.create", "user", USER, { username: "mallory", role: "admin", disabled: false }),
      ],
    ],
    ["a promotion", [`update users set role = 'admin' where id = '${USER}'`]],
    [
      "an account let in again, and then hidden",
      [`update users set disabled_at = now()`, `update users set disabled_at = null`],
    ],
    ["a renamed user", [`update users set username = 'eve' where id = '${USER}'`]],
    ["a session of somebody", [insertSession]],
    [
      "a session of somebody, told of another",
      [insertSession, audit("session.start", "session", NEW, { user_id: NEW })],
    ],
    ["a session ended", [`update sessions set ended_at = now() where id = '${SESSION}'`]],
    [
      "a session made longer",
      [
        `update sessions set expires_at = expires_at + interval '1 year'`,
        audit("session.end", "session", SESSION, {}),
      ],
    ],
    [
      "a session of another user",
      [
        `update sessions set user_id = '${OTHER}', ended_at = now()`,
        audit("session.end", "session", SESSION, {}),
      ],
    ],
    ["a key", [insertKey]],
    [
      "a key's scopes, told as fewer",
      [
        `update api_keys set scopes = array['events:write', 'metrics:read']`,
        audit("api_key.rotate", "api_key", KEY, {
          name: "shop",
          scopes: ["events:write"],
          expires_at: null,
          revoked_at: null,
        }),
      ],
    ],
    ["a key's secret", [`update api_keys set secret_hash = sha256('mine'), last_used_at = now()`]],
    ["a campaign switched on", [`update campaigns set status = 'active'`]],
    [
      "a campaign switched on, told as paused",
      [
        `update campaigns set status = 'active'`,
        audit("campaign.pause", "campaign", CAMPAIGN, {
          name: "Any",
          description: null,
          status: "paused",
          version: 1,
          starts_at: null,
          ends_at: null,
        }),
      ],
    ],
    ["a version of a rule", [insertVersion]],
    [
      "a version of a rule, told as another",
      [insertVersion, audit("campaign.update", "campaign", CAMPAIGN, { version: 2, rule: { other: true } })],
    ],
    ["events deleted", ["delete from events"]],
    [
      "events deleted, with the audit telling of an export",
      ["delete from events", audit("subject.export", "export", NEW, {})],
    ],
    ["a mark of an erasure", ["insert into erasures values (sha256('x'), now())"]],
  ])("is refused and undone when the audit does not say so: %s", async (_, statements) => {
    const before = await digest();
    await expect(asApi(...statements)).rejects.toMatchObject({ code: NO_AUDIT });
    expect(await digest()).toBe(before);
  });

  test("does not pass by an audit row of an earlier transaction", async () => {
    const image = { username: "mallory", role: "admin", disabled: false };
    await asApi(audit("user.create", "user", NEW, image));
    await expect(asApi(insertAdmin)).rejects.toMatchObject({ code: NO_AUDIT });
  });

  test.each([
    ["alone", []],
    [
      "beside a row that is silent about it",
      [audit("user.update", "user", USER, { username: "ada", role: "user", disabled: false })],
    ],
  ])("a password's hash, replaced %s, leaves an audit row by nobody known", async (_, others) => {
    await asApi(`update users set password_hash = password_hash || '.' where id = '${USER}'`, ...others);
    const [last] = await database.sql`
      select actor_type, action, target_id from audit_log order by seq desc limit 1`;
    expect(last).toEqual({ actor_type: "anyone", action: "user.rehash_password", target_id: USER });
  });

  test.each(["9999-12-31", "infinity"])("a subject cannot be marked as erased until %s", async (until) => {
    const mark = `select mark_erased('${NEW}', 'x', '${until}', row('user', null, null, null)::erasure_actor)`;
    await expect(asApi(mark)).rejects.toMatchObject({ code: "23514", constraint: "erasures_erased_at" });
  });

  test("the erasing of the API before goes on, with its audit row in the same statement", async () => {
    const audited = (action: string) => `audited as (
      insert into audit_log (id, actor_type, action, target_type, target_id)
      values (gen_random_uuid(), 'user', '${action}', 'erasure', '${NEW}'))`;
    await asApi(`with m as (insert into erasures values (sha256('s'), now())
      on conflict (subject_hash) do update set erased_at = excluded.erased_at),
      ${audited("erasure.begin")} select 1`);
    await asApi(
      `with d as (delete from events where id = '2' returning 1), ${audited("erasure.delete")} select 1`,
    );
    expect(await database.sql`select id from events`).toEqual([{ id: "1" }]);
  });
});

describe("what the product does with the API's role", () => {
  const actor = { type: "user", id: USER, requestId: "r-1", addressPrefix: "203.0.113.0/24" } as const;
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
    await commitDecisions(db, 0, [acceptedEvent({ id: "1" })], []);
    await database.sql`set role campaign_manager_api`; // the embedded database has one session
  });
  afterAll(() => database?.close());

  test("to users and their sessions is audited", async () => {
    const id = crypto.randomUUID();
    const grace = { id, username: "grace", passwordHash: "h", role: "user" } as const;
    expect((await createUser(db, grace, actor)).ok).toBe(true);
    expect((await updateUser(db, id, 1, { passwordHash: "h1" }, actor)).ok).toBe(true);
    expect((await changeOwnPassword(db, id, "h1", "h2", actor)).ok).toBe(true);
    await rehashPassword(db, id, "h2", "h3");
    const session = () => ({ id: crypto.randomUUID(), userId: id, passwordHash: "h3", seconds: 60 });
    const first = session();
    expect((await startSession(db, first, actor)).ok).toBe(true);
    await endSession(db, first.id, actor);
    expect((await startSession(db, session(), actor)).ok).toBe(true);
    expect((await updateUser(db, id, 3, { disabled: true }, actor)).ok).toBe(true);
    const rows = await database.sql`
      select action from audit_log where target_type in ('user', 'session') order by seq`;
    expect(rows.map(({ action }) => action)).toEqual([
      "user.create",
      "user.update",
      "user.change_password",
      "user.rehash_password",
      "session.start",
      "session.end",
      "session.start",
      "user.update",
    ]);
  });

  test("to keys is audited, their use is not", async () => {
    const key = {
      id: crypto.randomUUID(),
      name: "pos",
      scopes: ["events:write"],
      sources: ["pos"],
      expiresAt: null,
    } as const;
    await createApiKey(db, { ...key, secretHash: "ab".repeat(32) }, actor);
    expect(await useApiKey(db, "ab".repeat(32))).toMatchObject({ id: key.id });
    expect((await rotateApiKey(db, key.id, "cd".repeat(32), 60, actor)).ok).toBe(true);
    expect((await revokeApiKey(db, key.id, actor)).ok).toBe(true);
    const rows = await database.sql`select action from audit_log where target_id = ${key.id} order by seq`;
    expect(rows.map(({ action }) => action)).toEqual(["api_key.create", "api_key.rotate", "api_key.revoke"]);
  });

  test("to campaigns is audited", async () => {
    const id = crypto.randomUUID();
    const window = { starts_at: "2026-11-01T00:00:00.500Z", ends_at: "2027-01-01T00:00:00Z" };
    await createCampaign(db, id, { name: "Any", description: null, rule: RULE, ...window }, actor);
    const rule = { ...RULE, value: "refund" };
    expect((await updateCampaign(db, id, 1, { rule, name: "Refunds" }, actor)).ok).toBe(true);
    expect((await transitionCampaign(db, id, "activate", 2, actor)).ok).toBe(true);
  });

  test("to erase a subject is audited with who asked for it", async () => {
    const erasure = { id: crypto.randomUUID(), at: new Date().toISOString() };
    expect((await eraseSubject(db, "customer-1", erasure, actor)).erased.events).toBe(1);
    const rows = await database.sql`
      select action, actor_type, actor_id, actor_address, request_id from audit_log
      where target_id = ${erasure.id} order by seq`;
    const asked = { actor_type: "user", actor_id: USER, actor_address: "203.0.113.0/24", request_id: "r-1" };
    expect(rows).toEqual(["erasure.begin", "erasure.delete"].map((action) => ({ action, ...asked })));
  });
});

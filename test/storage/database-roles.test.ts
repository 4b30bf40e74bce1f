/** What each Worker's database user may do, on a real Postgres. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newKey } from "../support/accounts.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";
import { openWorkerUsers, type WorkerUsers } from "../support/worker-users.ts";

/**
 * Every table, and what each role may do with it: S(elect), I(nsert), U(pdate), D(elete). A table that is not here
 * fails the test below: say what each Worker needs of it, in a migration and here.
 */
const RIGHTS: Readonly<Record<string, { readonly api: string; readonly consumer: string }>> = {
  api_keys: { api: "SIU", consumer: "" },
  audit_checkpoints: { api: "SI", consumer: "" },
  audit_log: { api: "SI", consumer: "" },
  campaign_epoch: { api: "S", consumer: "S" },
  campaign_versions: { api: "SI", consumer: "S" },
  campaigns: { api: "SIU", consumer: "S" },
  dead_letters: { api: "SD", consumer: "SIUD" },
  erasures: { api: "SIU", consumer: "SD" },
  event_conflicts: { api: "SD", consumer: "SID" },
  events: { api: "SD", consumer: "SID" },
  holdouts: { api: "SI", consumer: "" },
  login_throttle: { api: "SIUD", consumer: "" },
  metric_counters: { api: "S", consumer: "" },
  matches: { api: "SD", consumer: "SID" },
  sessions: { api: "SIU", consumer: "" },
  users: { api: "SIU", consumer: "" },
};

/** Functions that a role may call; trigger functions nobody calls. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  campaign_manager_api: ["carried_events", "count_metrics", "holds_decided_event", "is_same_content"],
  campaign_manager_consumer: [
    "assert_campaign_epoch",
    "carried_events",
    "commit_decisions",
    "content_digest",
    "count_metrics",
    "forget_sessions",
    "holds_decided_event",
    "is_same_content",
  ],
};

const INSUFFICIENT_PRIVILEGE = "42501";

describeWithPostgres("the roles of the database", () => {
  let database: TestDatabase;
  let users: WorkerUsers;
  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
    users = await openWorkerUsers(database);
  });
  afterAll(async () => {
    await users?.close();
    await database?.close();
    await users?.drop();
  });

  test("have exactly the rights that are written down, on every table there is", async () => {
    const rows = await database.sql`
      select c.relname as table, r.role, string_agg(left(p.privilege, 1), '' order by p.n) as rights
      from pg_class c
        cross join (values ('api'), ('consumer')) as r (role)
        cross join (values (1, 'SELECT'), (2, 'INSERT'), (3, 'UPDATE'), (4, 'DELETE'), (5, 'TRUNCATE'),
                           (6, 'REFERENCES'), (7, 'TRIGGER')) as p (n, privilege)
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and has_table_privilege('campaign_manager_' || r.role, c.oid, p.privilege)
      group by 1, 2`;
    const tables = await database.sql`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')`;
    const found = Object.fromEntries(
      tables.map(({ name }) => {
        const of = (role: string) =>
          rows.find((row) => row["table"] === name && row["role"] === role)?.["rights"] ?? "";
        return [name, { api: of("api"), consumer: of("consumer") }];
      }),
    );
    expect(found).toEqual(RIGHTS);
  });

  test("have rights on single columns where those of a whole table would be too much", async () => {
    const rows = await database.sql`
      select grantee || ': ' || lower(privilege_type) || ' ' || table_name as right,
             string_agg(column_name, ', ' order by column_name) as columns
      from information_schema.column_privileges p
      where grantee like 'campaign_manager_%' and not has_table_privilege(grantee, table_name, privilege_type)
      group by 1`;
    expect(rows).toEqual([
      {
        right: "campaign_manager_api: update dead_letters",
        columns: "data_hash, discard_reason, discarded_at, replayed_at, resolved_at, status",
      },
    ]);
  });

  test("may call no function but those that are written down", async () => {
    for (const [role, functions] of Object.entries(FUNCTIONS)) {
      const rows = await database.sql`
        select p.proname as name from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype
          and has_function_privilege(${role}, p.oid, 'EXECUTE')
        order by 1`;
      expect(
        rows.map(({ name }) => name),
        role,
      ).toEqual(functions);
    }
  });

  test("cannot log in themselves, nor do what only an administrator may", async () => {
    const rows = await database.sql`
      select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication
      from pg_roles where rolname in ('campaign_manager_api', 'campaign_manager_consumer')`;
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(Object.values(row)).toEqual([false, false, false, false, false, false]);
  });

  describe.each([
    ["api", "create table mine (id int)"],
    ["api", "alter table users add column password text"],
    ["api", "drop table audit_log"],
    ["api", "create function mine() returns int language sql as 'select 1'"],
    ["api", "create schema mine"],
    ["api", "alter table audit_log disable trigger all"],
    ["api", "update audit_log set action = 'nothing'"],
    ["api", "delete from audit_log"],
    ["api", "truncate audit_log"],
    ["api", "update audit_checkpoints set hash = ''"],
    ["api", "delete from audit_checkpoints"],
    ["api", "update campaign_versions set rule = '{}'"],
    ["api", "delete from campaign_versions"],
    ["api", "update campaign_epoch set epoch = 0"],
    ["api", "insert into matches select * from matches"],
    ["api", "update metric_counters set value = 0"],
    ["api", "delete from metric_counters"],
    ["api", "update events set data = '{}'"],
    ["api", "update dead_letters set body = '{}'"],
    ["api", "update dead_letters set subject = null"],
    ["api", "insert into dead_letters (id) values (gen_random_uuid())"],
    ["api", "set session_replication_role = replica"],
    ["api", "select * from drizzle.__drizzle_migrations"],
    ["consumer", "select * from users"],
    ["consumer", "select * from sessions"],
    ["consumer", "select * from api_keys"],
    ["consumer", "select * from audit_log"],
    ["consumer", "select * from login_throttle"],
    ["consumer", "select * from metric_counters"],
    ["consumer", "update metric_counters set value = 0"],
    ["consumer", "insert into audit_log (id) values (gen_random_uuid())"],
    ["consumer", "update campaigns set status = 'active'"],
    ["consumer", "update campaign_epoch set epoch = 0"],
    ["consumer", "update events set data = '{}'"],
    ["consumer", "update matches set subject = null"],
    ["consumer", "alter table events add column mine int"],
    ["consumer", "create table mine (id int)"],
  ] as const)("%s", (worker, statement) => {
    test(`cannot ${statement}`, async () => {
      await expect(users[worker].sql.query(statement)).rejects.toMatchObject({
        code: INSUFFICIENT_PRIVILEGE,
      });
    });
  });

  test("are made once, however many databases of one server are migrated at the same moment", async () => {
    const databases = await Promise.all(Array.from({ length: 3 }, () => openTestDatabase({ real: true })));
    await Promise.all(databases.map((one) => one.close()));
  });
});

describeWithPostgres("Workers that have nothing but their roles' rights", () => {
  const system = useSystem({ real: true, roles: true });

  test("accept, decide and show an event, and manage everything around it", async () => {
    const admin = await system.login("admin");
    const campaign = await system.call("POST", "/v1/campaigns", {
      token: admin,
      json: { name: "Any purchase", rule: { field: "type", operator: "equals", value: "purchase" } },
    });
    expect(campaign.status).toBe(201);
    const { id } = campaign.json;
    expect((await system.call("POST", `/v1/campaigns/${id}/activate`, { token: admin })).status).toBe(200);
    const key = await newKey(system);
    const event = { id: "1", type: "purchase", subject: "customer-42", data: { amount: 1 } };
    expect((await system.call("POST", "/v1/events", { token: key.secret, json: event })).status).toBe(202);

    const matches = await eventually(
      async () => {
        const { json } = await system.call("GET", "/v1/matches", { token: admin });
        return json.data.length === 0 ? undefined : json.data;
      },
      { what: "the match" },
    );
    expect(matches).toMatchObject([{ campaign_id: id, event_id: "1", subject: "customer-42" }]);

    // The same id with other content, and a message that cannot be read: both kept.
    await system.call("POST", "/v1/events", { token: key.secret, json: { ...event, data: { amount: 2 } } });
    await system.enqueue({ not: "ours" });
    await eventually(async () => {
      const [row] = await system.database.sql`
        select (select count(*) from event_conflicts) as conflicts, (select count(*) from dead_letters) as letters`;
      return row?.["conflicts"] === "1" && row["letters"] === "1" ? true : undefined;
    });

    const user = await system.call("POST", "/v1/users", {
      token: admin,
      json: { username: "grace", password: "correct horse battery", role: "user" },
    });
    expect(user.status).toBe(201);
    const changed = await system.call("PATCH", `/v1/users/${user.json.id}`, {
      token: admin,
      json: { disabled: true },
      headers: { "If-Match": user.headers.get("ETag") ?? "" },
    });
    expect(changed.status).toBe(200);
    for (const path of [
      "/v1/users",
      "/v1/api-keys",
      "/v1/events",
      "/v1/campaigns",
      `/v1/campaigns/${id}/versions`,
    ]) {
      expect((await system.call("GET", path, { token: admin })).status, path).toBe(200);
    }
    const { json: audit } = await system.call("GET", "/v1/audit", { token: admin });
    expect(audit.data.map(({ action }: { action: string }) => action)).toEqual([
      "user.update",
      "user.create",
      "api_key.create",
      "campaign.activate",
      "campaign.create",
      "session.start",
      "user.create",
    ]);
    expect((await system.call("POST", "/v1/auth/logout", { token: admin })).status).toBe(204);
    await system.harness.getWorker("campaign-manager-api").scheduled({ cron: "*/10 * * * *" });
    const [checkpoint] = await system.database.sql`select seq from audit_checkpoints`;
    expect(checkpoint).toEqual({ seq: "8" });
  });
});

/** Every way to tamper with an audit, done to a real table, and found in what is exported afterwards. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MIGRATIONS_FOLDER } from "../../ops/database/journal.ts";
import { migratePglite } from "../../ops/database/migrations.ts";
import { startNeonEndpoint } from "../../ops/database/neon-endpoint/endpoint.ts";
import { openPglite } from "../../ops/database/neon-endpoint/pglite.ts";
import { type Checkpoint, verifyChain } from "../../src/audit/chain.ts";
import { type AuditEntry, hashOf } from "../../src/audit/record.ts";
import { signCheckpoint } from "../../src/auth/checkpoints.ts";
import { generateSigningKey, type Keys, loadKeys, publicJwks } from "../../src/auth/keys.ts";
import { PAGE_ROWS_MAX, RSA_BITS_MIN } from "../../src/limits.ts";
import { listAudit } from "../../src/storage/audit.ts";
import { recordCheckpoint } from "../../src/storage/audit-checkpoints.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { createUser, updateUser } from "../../src/storage/users.ts";
import { runScript } from "../support/command.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { databaseUrlOf } from "../support/endpoint-address.ts";
import { PATIENCE_MS } from "../support/patience.ts";

const OPERATOR = { type: "operator", id: null, requestId: null } as const;
const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

let database: TestDatabase;
let db: Database;

async function open(real: boolean): Promise<void> {
  database = await openTestDatabase({ real });
  db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
}

const create = (n: number) =>
  createUser(db, { id: uuid(n), username: `user ${n}`, passwordHash: "x", role: "user" }, OPERATOR);

/** What an export holds: JSON, newest first. */
async function exported(): Promise<AuditEntry[]> {
  const { rows } = await listAudit(db, {}, PAGE_ROWS_MAX, undefined);
  return JSON.parse(JSON.stringify(rows));
}

async function kindsFound(checkpoints: readonly Checkpoint[] = []): Promise<string[]> {
  return (await verifyChain(await exported(), checkpoints)).map(({ kind, seq }) => `${kind} ${seq}`);
}

/** As somebody who owns the table can. */
async function tamper(...statements: string[]): Promise<void> {
  await database.sql.transaction([
    database.sql.query("alter table audit_log disable trigger user"),
    ...statements.map((statement) => database.sql.query(statement)),
    database.sql.query("alter table audit_log enable trigger user"),
  ]);
}

describe("an audit of six rows", () => {
  let end: Checkpoint;
  beforeAll(async () => {
    await open(false);
    for (const n of [1, 2, 3, 4, 5]) await create(n);
    await updateUser(db, uuid(1), 1, { role: "admin" }, OPERATOR);
    const [last] = await exported();
    if (last === undefined) throw new Error("no rows");
    end = { seq: last.seq, hash: last.hash, at: last.at };
    await database.sql`create table untouched as select * from audit_log`;
  });
  afterEach(() => tamper("delete from audit_log", "insert into audit_log select * from untouched"));
  afterAll(() => database.close());

  test("is intact as it was written, in either order, with and without a checkpoint", async () => {
    expect(end.seq).toBe(6);
    expect(await kindsFound()).toEqual([]);
    expect(await kindsFound([end])).toEqual([]);
    expect(await verifyChain((await exported()).reverse(), [end])).toEqual([]);
  });

  test.each([
    ["an action edited", "update audit_log set action = 'user.delete' where seq = 3"],
    ["an actor edited", "update audit_log set actor_type = 'user', actor_id = 'mallory' where seq = 3"],
    ["a target edited", "update audit_log set target_id = 'other' where seq = 3"],
    ["a time edited", "update audit_log set at = at - interval '1 millisecond' where seq = 3"],
    ["an image edited", `update audit_log set after = after || '{"role": "admin"}' where seq = 3`],
    ["an image removed", "update audit_log set after = null where seq = 3"],
    ["an address edited", "update audit_log set actor_address = '203.0.113.0/24' where seq = 3"],
    ["a request edited", "update audit_log set request_id = 'other' where seq = 3"],
    ["an id edited", "update audit_log set id = gen_random_uuid() where seq = 3"],
  ])("%s", async (_, statement) => {
    await tamper(statement);
    expect(await kindsFound()).toEqual(["edited 3"]);
  });

  test("a row edited and given the hash that fits", async () => {
    await tamper(`
      update audit_log a set action = 'x', hash = sha256(convert_to(audit_record(jsonb_populate_record(a,
        '{"action": "x"}')), 'UTF8')) where seq = 3`);
    expect(await kindsFound()).toEqual(["relinked 4"]);
  });

  test("a row removed", async () => {
    await tamper("delete from audit_log where seq = 3");
    expect(await kindsFound()).toEqual(["removed 3"]);
  });

  test("several rows removed", async () => {
    await tamper("delete from audit_log where seq in (2, 3, 5)");
    expect(await kindsFound()).toEqual(["removed 3", "removed 5"]);
  });

  test("a row removed and the later ones moved up", async () => {
    await tamper("delete from audit_log where seq = 3");
    await tamper("update audit_log set seq = seq - 1 where seq > 3");
    expect(await kindsFound()).toEqual(["relinked 3", "edited 3", "edited 4", "edited 5"]);
  });

  test("two rows that changed places", async () => {
    await tamper("update audit_log set seq = case seq when 3 then -3 else -4 end where seq in (3, 4)");
    await tamper("update audit_log set seq = case seq when -3 then 4 else 3 end where seq < 0");
    expect(await kindsFound()).toEqual(["relinked 3", "edited 3", "relinked 4", "edited 4", "relinked 5"]);
  });

  test("the beginning removed", async () => {
    await tamper("delete from audit_log where seq <= 2");
    expect(await kindsFound([end])).toEqual(["removed 2"]);
  });

  test("the beginning removed up to a checkpoint, as retention may", async () => {
    const second = (await exported()).find(({ seq }) => seq === 2);
    await tamper("delete from audit_log where seq <= 2");
    expect(await kindsFound([{ seq: 2, hash: second?.hash ?? "", at: "" }, end])).toEqual([]);
    expect(await kindsFound([{ seq: 2, hash: "0".repeat(64), at: "" }, end])).toEqual(["relinked 3"]);
  });

  test("the end cut off: only a checkpoint knows", async () => {
    await tamper("delete from audit_log where seq >= 5");
    expect(await kindsFound()).toEqual([]);
    expect(await kindsFound([end])).toEqual(["truncated 6"]);
  });

  test("the end cut off and written anew", async () => {
    await tamper("delete from audit_log where seq >= 5");
    for (const n of [6, 7, 8]) await create(n);
    expect(await kindsFound()).toEqual([]);
    expect(await kindsFound([end])).toEqual(["rewritten 6"]);
  });

  test("everything removed", async () => {
    await tamper("delete from audit_log");
    expect(await kindsFound([end])).toEqual(["truncated 6"]);
  });

  test("lines of an export that changed places, or stand there twice", async () => {
    const [a, b, c, d, ...rest] = (await exported()) as [AuditEntry, AuditEntry, AuditEntry, AuditEntry];
    const kinds = async (entries: AuditEntry[]) =>
      (await verifyChain(entries, [])).map(({ kind, seq }) => `${kind} ${seq}`);
    expect(await kinds([a, c, b, d, ...rest])).toEqual(["reordered 4"]);
    expect(await kinds([a, b, b, c, d, ...rest])).toEqual(["repeated 5"]);
  });

  test("an insert cannot choose its place, time or hash", async () => {
    const inserted = Date.now();
    await database.sql`
      insert into audit_log (id, actor_type, action, target_type, target_id, seq, at, prev_hash, hash)
      values (gen_random_uuid(), 'operator', 'x', 'x', 'x', 99, '2000-01-01', '', '')`;
    expect(await kindsFound()).toEqual([]);
    const [last] = await exported();
    expect(last?.seq).toBe(7);
    expect(Date.parse(last?.at ?? "")).toBeGreaterThan(inserted - 60_000);
  });

  test.each(["update audit_log set action = ''", "delete from audit_log", "truncate audit_log"])(
    "the table itself refuses: %s",
    async (statement) => {
      await expect(database.sql.query(statement)).rejects.toMatchObject({ code: "CM003" });
    },
  );
});

test("rows written before there was a chain are chained by the migration", async () => {
  const backend = await openPglite();
  const endpoint = await startNeonEndpoint({ backend });
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  try {
    const url = databaseUrlOf(endpoint.url);
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    const journal = JSON.parse(await readFile(join(folder, "meta/_journal.json"), "utf8"));
    const before = { ...journal, entries: journal.entries.slice(0, 2) };
    await writeFile(join(folder, "meta/_journal.json"), JSON.stringify(before));
    expect(await migratePglite(backend.database, folder)).toEqual(["0000_tables", "0001_epoch"]);
    db = openDatabase({ url, timeoutMs: PATIENCE_MS });
    await db.execute(sql`
      insert into audit_log (id, at, actor_type, action, target_type, target_id)
      select gen_random_uuid(), now() - n * interval '1 hour', 'operator', 'x', 'x', n::text
      from generate_series(1, 5) n`);
    await migratePglite(backend.database);
    await create(1);
    const entries = await exported();
    expect(entries.map(({ target_id }) => target_id)).toEqual([uuid(1), "1", "2", "3", "4", "5"]);
    expect(await verifyChain(entries, [])).toEqual([]);
  } finally {
    await endpoint.close();
    await backend.close();
    await rm(folder, { recursive: true });
  }
});

describeWithPostgres("an audit written by many at once", () => {
  beforeEach(() => open(true));
  afterEach(() => database.close());

  test("is one chain without a gap, in the order in which its rows could be read", async () => {
    let writing = true;
    const seen: number[] = [];
    const reader = (async () => {
      while (writing) {
        const [row] =
          await database.sql`select coalesce(max(seq), 0) as last, count(*) as rows from audit_log`;
        // A number that can be read while a lower one cannot would be a row that could vanish unseen.
        expect(row?.["last"]).toBe(row?.["rows"]);
        seen.push(Number(row?.["rows"]));
      }
    })();
    await Promise.all(Array.from({ length: 20 }, (_, n) => create(n)));
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => updateUser(db, uuid(n), 1, { disabled: n % 2 === 0 }, OPERATOR)),
    );
    writing = false;
    await reader;

    const entries = await exported();
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => 40 - i));
    expect(await verifyChain(entries, [])).toEqual([]);
    const times = entries.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(new Set(await Promise.all(entries.map(hashOf))).size).toBe(40);

    const verified = await runScript("ops/audit/verify.ts", [], { DATABASE_URL: database.postgresUrl ?? "" });
    expect(verified).toMatchObject({ ok: true, output: expect.stringContaining("rows 1 to 40 are as") });
  });
});

describeWithPostgres("npm run audit:verify on a database", () => {
  let folder: string;
  let keys: Keys;
  beforeAll(async () => {
    await open(true);
    folder = await mkdtemp(join(tmpdir(), "verify-"));
    const loaded = await loadKeys({ signingKey: (await generateSigningKey(RSA_BITS_MIN)).pem });
    if (!loaded.ok) throw new Error("a key of ours");
    ({ keys } = loaded);
    await writeFile(join(folder, "jwks"), JSON.stringify(publicJwks(keys, new Date())));
    for (const n of [1, 2, 3, 4]) {
      await create(n);
      if (n % 2 === 0) await checkpoint();
    }
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await database.close();
  });

  /** Signs the end, and keeps it in the database and outside. */
  async function checkpoint(): Promise<void> {
    const [end] = await exported();
    if (end === undefined) throw new Error("no rows");
    const signed = { seq: end.seq, hash: end.hash, at: end.at };
    const kept = { ...signed, signature: await signCheckpoint(keys, signed) };
    await recordCheckpoint(db, kept);
    await writeFile(join(folder, "witness"), JSON.stringify(kept));
  }
  const verify = (...options: string[]) =>
    runScript("ops/audit/verify.ts", ["--jwks", join(folder, "jwks"), ...options], {
      DATABASE_URL: database.postgresUrl ?? "",
    });
  const verifyWithWitness = () => verify("--witness", join(folder, "witness"));
  const removeCheckpoint = (seq: number) =>
    database.sql.transaction([
      database.sql`alter table audit_checkpoints disable trigger user`,
      database.sql`delete from audit_checkpoints where seq = ${seq}`,
      database.sql`alter table audit_checkpoints enable trigger user`,
    ]);

  test("is content with one that ends as the witness says", async () => {
    const { ok, output } = await verifyWithWitness();
    expect(output).toMatch(
      /rows 1 to 4 are as .* checkpoints: 2, the last over row 4; outside .*: row 4, at /,
    );
    expect(ok).toBe(true);
  });

  test("asks for a witness, whatever the database itself has", async () => {
    const { ok, output } = await verify();
    expect(output).toContain("no_witness: nothing outside the database vouches for where the audit ends");
    expect(output).toContain("Problems: 1");
    expect(ok).toBe(false);
  });

  test("misses a checkpoint that was removed, and finds the end cut off that it was over", async () => {
    await removeCheckpoint(4);
    const removed = await verifyWithWitness();
    expect(removed.output).toContain(
      "checkpoint_removed: the checkpoint over row 4 is no longer in the database",
    );
    expect(removed.output).toContain("Problems: 1");
    expect(removed.ok).toBe(false);

    await tamper("delete from audit_log where seq > 2");
    const { ok, output } = await verifyWithWitness();
    expect(output).toContain("truncated: a checkpoint was signed over row 4, but the audit ends with row 2");
    expect(ok).toBe(false);
  });
});

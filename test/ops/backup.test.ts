import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTables } from "../../ops/backup/catalog.ts";
import { snapshot } from "../../ops/backup/snapshot.ts";
import { eraseSubject } from "../../src/api/subjects/erase.ts";
import { createActiveSet } from "../../src/consumer/active-set/active-set.ts";
import { keepDeadLetters } from "../../src/consumer/dead-letters/dead-letters.ts";
import { decide } from "../../src/consumer/decide/decide.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { acceptedEvent, queueMessage } from "../support/accepted-events.ts";
import { activeCampaign, OPERATOR } from "../support/campaigns.ts";
import {
  createPostgresDatabase,
  describeWithPostgres,
  openTestDatabase,
  type TestDatabase,
} from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { deliver } from "../support/recorded-delivery.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EXTRA = "\u2028 \"quoted\", {\\n} \\ \t\r\n 'é' 😀";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "backup-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function command(
  name: string,
  args: string[],
  databaseUrl: string | undefined,
  key: string,
): Promise<Outcome> {
  const { BACKUP_KEY: _, DATABASE_URL: __, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`ops/${name}.ts`, ...args],
      {
        cwd: ROOT,
        env: { ...env, NO_COLOR: "1", ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) },
      },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end(key);
  });
}

const file = (name: string) => join(folder, name);

describe("a key", () => {
  test.each([
    ["none", "", "No key"],
    ["a passphrase that is too short", "correct horse", "at least 16 characters"],
    ["a malformed public key", "age1qqqq", "The key is malformed"],
  ])("%s is refused before the database is asked", async (_, key, reason) => {
    const outcome = await command("backup/backup", [file("none.age")], "postgres://127.0.0.1:1/none", key);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
    expect(existsSync(file("none.age"))).toBe(false);
  });

  test("a public key does not open", async () => {
    const recipient = await identityToRecipient(await generateX25519Identity());
    const outcome = await command(
      "backup/restore",
      [file("none.age")],
      "postgres://127.0.0.1:1/none",
      recipient,
    );
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("public key, which seals") });
  });

  test("is made as a pair, the identity alone on standard output", async () => {
    const { stdout, stderr } = await command("backup/new-key", [], undefined, "");
    const [comment, identity = ""] = stdout.trim().split("\n");
    expect(identity).toMatch(/^AGE-SECRET-KEY-1[A-Z0-9]{58}$/);
    const recipient = await identityToRecipient(identity);
    expect([comment, stderr]).toEqual([`# public key: ${recipient}`, expect.stringContaining(recipient)]);
  });
});

describeWithPostgres("a backup", () => {
  let source: TestDatabase;
  let identity: string;
  let recipient: string;
  const made = file;

  beforeAll(async () => {
    source = await openTestDatabase({ real: true });
    await fill(source);
    identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
    const outcome = await command("backup/backup", [made("whole.age")], source.postgresUrl, recipient);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
  });
  afterAll(() => source?.close());

  test("is an age file that its owner alone may read", async () => {
    const bytes = await readFile(made("whole.age"));
    expect(bytes.subarray(0, 21).toString("latin1")).toBe("age-encryption.org/v1");
    expect((await stat(made("whole.age"))).mode & 0o777).toBe(0o600);
    expect(bytes.length).toBeGreaterThan(3 * 64 * 1024); // several chunks of the format
    expect(await readdir(folder)).not.toContainEqual(expect.stringContaining(".partial"));
  });

  test("brings back every table, sequence, trigger and constraint as it was, and the audit's chain", async () => {
    const target = await emptyCopy();
    const before = await structureOf(target);
    const outcome = await command("backup/restore", [made("whole.age")], target.postgresUrl, identity);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const content = await contentOf(target);
    expect(content).toEqual(await contentOf(source));
    expect(Object.entries(content).filter(([, rows]) => rows.length === 0)).toEqual([]);
    expect(await structureOf(target)).toEqual(before);

    // Life goes on where it was: the next audit row follows the last, the next change moves the epoch by one.
    const [[was]] = [
      await source.sql`select epoch, (select max(seq) from audit_log) as seq from campaign_epoch`,
    ];
    await activeCampaign(openDatabase({ url: target.url, timeoutMs: PATIENCE_MS }));
    const [now] = await target.sql`select epoch, (select max(seq) from audit_log) as seq from campaign_epoch`;
    expect(Number(now?.["epoch"])).toBe(Number(was?.["epoch"]) + 1);
    expect(Number(now?.["seq"])).toBeGreaterThan(Number(was?.["seq"]));
    const [extra] = await target.sql`insert into extra (n) values (1) returning id::int`;
    expect(extra).toEqual({ id: 43 });
    const verified = await command("audit/verify", [], target.postgresUrl, "");
    expect(verified).toMatchObject({ code: 0 });
    await target.close();
  });

  test("opens with its passphrase", async () => {
    const passphrase = randomBytes(16).toString("hex");
    const target = await emptyCopy();
    expect(
      await command("backup/backup", [made("phrase.age")], source.postgresUrl, passphrase),
    ).toMatchObject({
      code: 0,
    });
    expect(
      await command("backup/restore", [made("phrase.age")], target.postgresUrl, `${passphrase}x`),
    ).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("This key does not open the file"),
    });
    expect(
      await command("backup/restore", [made("phrase.age")], target.postgresUrl, passphrase),
    ).toMatchObject({
      code: 0,
    });
    await target.close();
  });

  test("replaces no file", async () => {
    const before = await readFile(made("whole.age"));
    const outcome = await command("backup/backup", [made("whole.age")], source.postgresUrl, recipient);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("exists already") });
    expect(await readFile(made("whole.age"))).toEqual(before);
  });

  test("leaves no file when the database goes away", async () => {
    const gone = await createPostgresDatabase();
    await gone.drop();
    const outcome = await command("backup/backup", [made("gone.age")], gone.url, recipient);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("3D000") });
    expect((await readdir(folder)).filter((name) => name.startsWith("gone"))).toEqual([]);
  });

  test("holds one moment, whatever is written while it is made", async () => {
    const client = new pg.Client(source.postgresUrl);
    await client.connect();
    const lines = [];
    for await (const line of snapshot(client, { tables: 0, rows: 0 })) {
      if (lines.length === 0) {
        await source.sql`insert into events (source, id, type, time, received_at, epoch, data)
          values ('shop', 'meanwhile', 'x', now(), now(), 0, '{}')`;
      }
      lines.push(line);
    }
    await client.end();
    expect(lines.join("")).not.toContain("meanwhile");
    await source.sql`delete from events where id = 'meanwhile'`;
  });

  describe("is refused with nothing written", () => {
    let target: TestDatabase;
    beforeAll(async () => {
      target = await emptyCopy();
    });
    afterAll(() => target?.close());

    async function expectRefused(name: string, key: string, reason: string): Promise<void> {
      const before = [await contentOf(target), await structureOf(target)];
      const outcome = await command("backup/restore", [made(name)], target.postgresUrl, key);
      expect(outcome).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(reason) });
      expect([await contentOf(target), await structureOf(target)]).toEqual(before);
    }

    test("with another key", async () => {
      await expectRefused("whole.age", await generateX25519Identity(), "This key does not open the file");
      await expectRefused("whole.age", "a passphrase of anybody", "This key does not open the file");
    });

    const DAMAGE: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
      ["empty", () => Buffer.alloc(0)],
      ["cut in its header", (bytes) => bytes.subarray(0, 100)],
      ["cut after its header", (bytes) => bytes.subarray(0, bytes.indexOf("\n---") + 50)],
      ["cut where a chunk ends", (bytes) => bytes.subarray(0, payloadOf(bytes) + 2 * (64 * 1024 + 16))],
      ["cut within a chunk", (bytes) => bytes.subarray(0, payloadOf(bytes) + 100_000)],
      ["short of its last byte", (bytes) => bytes.subarray(0, -1)],
      ["with a byte more", (bytes) => Buffer.concat([bytes, Buffer.from([0])])],
      ["with its last bit flipped", (bytes) => flipped(bytes, bytes.length - 1)],
      ["with a bit flipped within", (bytes) => flipped(bytes, payloadOf(bytes) + 80_000)],
      ["with a bit of its header flipped", (bytes) => flipped(bytes, bytes.indexOf("\n---") + 8)],
      [
        "with two chunks exchanged",
        (bytes) => {
          const chunk = 64 * 1024 + 16;
          const start = payloadOf(bytes);
          return Buffer.concat([
            bytes.subarray(0, start),
            bytes.subarray(start + chunk, start + 2 * chunk),
            bytes.subarray(start, start + chunk),
            bytes.subarray(start + 2 * chunk),
          ]);
        },
      ],
    ];
    test.each(DAMAGE)("%s", async (name, damage) => {
      const damaged = `${name.replaceAll(" ", "-")}.age`;
      await writeFile(made(damaged), damage(await readFile(made("whole.age"))));
      await expectRefused(damaged, identity, "not an age file, or was cut short or altered");
    });

    test("into a database that is not empty", async () => {
      await target.sql`insert into metric_counters values ('some_total', '', 0, 1)`;
      await expectRefused("whole.age", identity, "The database is not empty (metric_counters has rows)");
      await target.sql`truncate metric_counters`;
      await target.sql`update campaign_epoch set epoch = 1`;
      await expectRefused("whole.age", identity, "The database is not empty (campaign_epoch has rows)");
      await target.sql`update campaign_epoch set epoch = 0`;
    });

    test("into a database of other migrations, or of none", async () => {
      await target.sql`update drizzle.__drizzle_migrations set hash = 'other' where id = 1`;
      await expectRefused("whole.age", identity, "not at the migrations");
      const bare = await createPostgresDatabase();
      const outcome = await command("backup/restore", [made("whole.age")], bare.url, identity);
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("not at the migrations") });
      await bare.drop();
    });
  });
});

/** Where the format's chunks begin: after the header's last line, `--- ` and its MAC, and a nonce of 16 bytes. */
const payloadOf = (bytes: Buffer) => bytes.indexOf("\n", bytes.indexOf("\n---") + 1) + 1 + 16;

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A migrated, empty database, with what no table of ours has yet: a sequence, a computed column, a firm trigger. */
async function emptyCopy(): Promise<TestDatabase> {
  const database = await openTestDatabase({ real: true });
  await addExtra(database);
  return database;
}

async function addExtra({ sql }: TestDatabase): Promise<void> {
  await sql`create table extra (id bigint generated always as identity primary key, n int, t text, a text[],
    twice int generated always as (n * 2) stored)`;
  await sql`create trigger extra_firm before update on extra for each row execute function refuse_change()`;
  await sql`alter table extra enable always trigger extra_firm`;
}

/** Something in every table, made by the product where it makes it. */
async function fill(database: TestDatabase): Promise<void> {
  const { sql } = database;
  const db: Database = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  await addExtra(database);
  await sql`select setval('extra_id_seq', 41)`;
  await sql`insert into extra (n, t, a) values (21, ${EXTRA}, ${["a,b", null, '"']})`;
  const campaign = await activeCampaign(db, { description: EXTRA });
  await sql`update campaigns set status = 'paused' where id = ${campaign.id}`;
  await activeCampaign(db);
  // Random, so that it does not shrink: the file has many chunks.
  const data = { text: EXTRA, big: 2 ** 60, exact: 0.1, noise: randomBytes(30_000).toString("base64") };
  await decide(db, createActiveSet(), [
    ...Array.from({ length: 10 }, (_, n) =>
      acceptedEvent({ id: `${n}`, data: { ...data, noise: randomBytes(30_000).toString("base64") } }),
    ),
    acceptedEvent({ id: "0", data: { other: true } }),
    acceptedEvent({ id: "bare", subject: null, time: "0099-01-01T00:00:00.001Z" }),
  ]);
  await keepDeadLetters(db, {
    messages: [deliver(EXTRA), deliver(queueMessage([acceptedEvent({ id: "dead" })]))],
  });
  const at = "2026-11-21T10:00:00.123Z";
  await eraseSubject(db, "somebody", { id: crypto.randomUUID(), at }, OPERATOR);
  await sql`insert into users (id, username, password_hash, role) values (gen_random_uuid(), 'ada', 'x', 'admin')`;
  await sql`insert into sessions (id, user_id, expires_at) select gen_random_uuid(), id, now() + interval '1 hour' from users`;
  await sql`insert into api_keys (id, name, scopes, secret_hash)
    values (gen_random_uuid(), ${EXTRA}, array['events:write', 'metrics:read'], sha256('secret'))`;
  await sql`insert into audit_checkpoints select seq, hash, at, 'signature' from audit_log order by seq desc limit 1`;
  await sql`insert into login_throttle (key) values (sha256('key'))`;
  await sql`insert into metric_counters values ('some_total', '', 0, 0.1)`;
}

/** Every row of every table as text, and where the sequences stand. */
async function contentOf(database: TestDatabase): Promise<Record<string, unknown[]>> {
  const client = new pg.Client(database.postgresUrl);
  await client.connect();
  try {
    const content: Record<string, unknown[]> = {};
    for (const { name } of await readTables(client)) {
      const { rows } = await client.query(`select t::text as row from "${name}" t order by 1`);
      content[name] = rows.map(({ row }) => row);
    }
    const { rows } = await client.query(
      "select sequencename, last_value from pg_sequences where schemaname = 'public'",
    );
    return { ...content, sequences: rows };
  } finally {
    await client.end();
  }
}

async function structureOf({ sql }: TestDatabase): Promise<unknown> {
  return {
    triggers:
      await sql`select tgrelid::regclass::text as table, tgname, tgenabled, pg_get_triggerdef(oid) as definition
      from pg_trigger where not tgisinternal order by 1, 2`,
    constraints:
      await sql`select conrelid::regclass::text as table, conname, convalidated, pg_get_constraintdef(oid) as definition
      from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`,
  };
}

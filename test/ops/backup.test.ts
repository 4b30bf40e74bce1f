import { execFile } from "node:child_process";
import { createHash, createPublicKey, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import * as jose from "jose";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTables } from "../../ops/backup/catalog.ts";
import { seal } from "../../ops/backup/sealed.ts";
import { generateSigningPair, readSigningKey, sign } from "../../ops/backup/signature.ts";
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

const SCRIPTS = {
  backup: "ops/backup/backup.ts",
  restore: "ops/backup/restore.ts",
  "backup:key": "ops/backup/new-key.ts",
  "audit:verify": "ops/audit/verify.ts",
};

function command(
  name: keyof typeof SCRIPTS,
  args: string[],
  databaseUrl: string | undefined,
  key: string,
): Promise<Outcome> {
  const { BACKUP_KEY: _, DATABASE_URL: __, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [SCRIPTS[name], ...args],
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

/** Of somebody else. */
const stranger = await generateSigningPair();
const NOWHERE = "postgres://nobody@127.0.0.1:1/none";

describe("a key", () => {
  const { signing } = stranger;
  test.each([
    ["none", "", "No key"],
    ["a signing key alone", signing, "No key"],
    ["a passphrase that is too short", `correct horse\n${signing}`, "at least 16 characters"],
    ["a malformed public key", `age1qqqq\n${signing}`, "The key is malformed"],
    ["no signing key", "correct horse battery", "A backup is signed, with one key"],
    ["a verification key alone", `correct horse battery\n${stranger.verification}`, "A backup is signed"],
    ["two signing keys", `correct horse battery\n${signing}\n${signing}`, "A backup is signed, with one key"],
    ["a malformed signing key", `correct horse battery\n${signing.slice(0, -8)}`, "The key is malformed"],
  ])("%s is refused before the database is asked", async (_, key, reason) => {
    const outcome = await command("backup", [file("none.age")], NOWHERE, key);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
    expect(outcome.stderr).not.toContain("BACKUP-SIGNING-KEY-M");
    expect(existsSync(file("none.age"))).toBe(false);
  });

  test("a public key does not open", async () => {
    const recipient = await identityToRecipient(await generateX25519Identity());
    const outcome = await command("restore", [file("none.age")], NOWHERE, recipient);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("public key, which seals") });
  });

  test.each([
    ["no verification key", "correct horse battery", "No verification key"],
    ["a malformed one", "correct horse battery\nBACKUP-VERIFICATION-KEY-AAAA", "The key is malformed"],
  ])("%s does not restore", async (_, key, reason) => {
    const outcome = await command("restore", [file("none.age")], NOWHERE, key);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
  });

  test("is made for backing up and for restoring, in two files of its owner alone", async () => {
    const [backupKey, restoreKey] = [file("made-backup.key"), file("made-restore.key")];
    const { code, stdout } = await command("backup:key", [backupKey, restoreKey], undefined, "");
    expect(code).toBe(0);
    const [forBackup, forRestore] = await Promise.all(
      [backupKey, restoreKey].map(async (path) => (await readFile(path, "utf8")).trim().split("\n")),
    );
    const [, recipient, signs = ""] = forBackup ?? [];
    const [, identity = "", verifies] = forRestore ?? [];
    expect(identity).toMatch(/^AGE-SECRET-KEY-1[A-Z0-9]{58}$/);
    expect(recipient).toBe(await identityToRecipient(identity));
    const { kid, privateKey } = await readSigningKey(signs);
    expect(createPublicKey(privateKey).export({ format: "der", type: "spki" }).toString("base64url")).toBe(
      verifies?.replace("BACKUP-VERIFICATION-KEY-", ""),
    );
    for (const [comment] of [forBackup ?? [], forRestore ?? []]) expect(comment).toContain(kid);
    for (const path of [backupKey, restoreKey]) expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (const secret of [identity, signs]) expect(stdout).not.toContain(secret);

    const again = await command("backup:key", [backupKey, file("other.key")], undefined, "");
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("EEXIST") });
    const one = await command("backup:key", [file("one.key")], undefined, "");
    expect(one).toMatchObject({ code: 1, stderr: expect.stringContaining("Usage") });
  });
});

describeWithPostgres("a backup", () => {
  let source: TestDatabase;
  let identity: string;
  /** What is given to `npm run backup`, and to `npm run restore`. */
  let backupKey: string;
  let restoreKey: string;
  let signing: string;
  let verification: string;
  const made = file;

  beforeAll(async () => {
    source = await openTestDatabase({ real: true });
    await fill(source);
    identity = await generateX25519Identity();
    const pair = await generateSigningPair();
    ({ signing, verification } = pair);
    backupKey = `${await identityToRecipient(identity)}\n${signing}`;
    restoreKey = `${identity}\n${verification}`;
    const outcome = await command("backup", [made("whole.age")], source.postgresUrl, backupKey);
    expect(outcome).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining(pair.kid) });
  });
  afterAll(() => source?.close());

  test("is a signature over an age file, which its owner alone may read", async () => {
    const bytes = await readFile(made("whole.age"));
    const [signature, envelope] = halves(bytes);
    const { publicKey } = { publicKey: createPublicKey((await readSigningKey(signing)).privateKey) };
    const { payload, protectedHeader } = await jose.compactVerify(signature, publicKey);
    expect(protectedHeader).toEqual({
      alg: "Ed25519",
      typ: "campaign-manager-backup+jws",
      kid: await jose.calculateJwkThumbprint(publicKey.export({ format: "jwk" }) as jose.JWK),
    });
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ sha256: sha256(envelope) });
    expect(envelope.subarray(0, 21).toString("latin1")).toBe("age-encryption.org/v1");
    expect((await stat(made("whole.age"))).mode & 0o777).toBe(0o600);
    expect(bytes.length).toBeGreaterThan(3 * 64 * 1024); // several chunks of the format
    expect(await readdir(folder)).not.toContainEqual(expect.stringContaining(".partial"));
  });

  test("brings back every table, sequence, trigger and constraint as it was, and the audit's chain", async () => {
    const target = await emptyCopy();
    const before = await structureOf(target);
    const outcome = await command("restore", [made("whole.age")], target.postgresUrl, restoreKey);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toMatch(/^restored \d+ rows of \d+ tables, as they were at 20\S+ /);
    expect(outcome.stdout).toMatch(/the audit's [1-9]\d* rows are as they were written/);
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
    const verified = await command("audit:verify", [], target.postgresUrl, "");
    expect(verified).toMatchObject({ code: 0 });
    await target.close();
  });

  test("opens with its passphrase", async () => {
    const passphrase = randomBytes(16).toString("hex");
    const target = await emptyCopy();
    const restoreWith = (phrase: string) =>
      command("restore", [made("phrase.age")], target.postgresUrl, `${phrase}\n${verification}`);
    const outcome = await command(
      "backup",
      [made("phrase.age")],
      source.postgresUrl,
      `${passphrase}\n${signing}`,
    );
    expect(outcome).toMatchObject({ code: 0 });
    expect(await restoreWith(`${passphrase}x`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("This key does not open the file"),
    });
    expect(await restoreWith(passphrase)).toMatchObject({ code: 0 });
    await target.close();
  });

  test("of a version that did not sign comes back where that is asked for", async () => {
    const [, envelope] = halves(await readFile(made("whole.age")));
    await writeFile(made("old.age"), envelope);
    const target = await emptyCopy();
    const outcome = await command("restore", [made("old.age"), "--unsigned"], target.postgresUrl, identity);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(await contentOf(target)).toEqual(await contentOf(source));
    await target.close();
  });

  test("comes back with any key that signed or verifies, old ones beside the new", async () => {
    const target = await emptyCopy();
    const keys = [identity, stranger.verification, signing].join("\n");
    const outcome = await command("restore", [made("whole.age")], target.postgresUrl, keys);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    await target.close();
  });

  test("of an audit that was changed before is restored, and told", async () => {
    const changed = await emptyCopy();
    await activeCampaign(openDatabase({ url: changed.url, timeoutMs: PATIENCE_MS }));
    await changed.sql.transaction([
      changed.sql`alter table audit_log disable trigger user`,
      changed.sql`update audit_log set actor_type = 'anyone' where seq = 1`,
      changed.sql`alter table audit_log enable trigger user`,
    ]);
    const backedUp = await command("backup", [made("changed.age")], changed.postgresUrl, backupKey);
    expect(backedUp).toMatchObject({ code: 0 });
    const target = await emptyCopy();
    const outcome = await command("restore", [made("changed.age")], target.postgresUrl, restoreKey);
    expect(outcome).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("edited: row 1 is not what was written"),
      stderr: expect.stringContaining("Everything was restored, but the audit"),
    });
    expect(await contentOf(target)).toEqual(await contentOf(changed));
    await Promise.all([changed.close(), target.close()]);
  });

  test("replaces no file", async () => {
    const before = await readFile(made("whole.age"));
    const outcome = await command("backup", [made("whole.age")], source.postgresUrl, backupKey);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("exists already") });
    expect(await readFile(made("whole.age"))).toEqual(before);
  });

  test("leaves no file when the database goes away", async () => {
    const gone = await createPostgresDatabase();
    await gone.drop();
    const outcome = await command("backup", [made("gone.age")], gone.url, backupKey);
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

    async function expectRefused(
      name: string,
      key: string,
      reason: string,
      ...options: string[]
    ): Promise<void> {
      const before = [await contentOf(target), await structureOf(target)];
      const outcome = await command("restore", [made(name), ...options], target.postgresUrl, key);
      expect(outcome).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(reason) });
      expect([await contentOf(target), await structureOf(target)]).toEqual(before);
    }

    test("with another key", async () => {
      for (const other of [await generateX25519Identity(), "a passphrase of anybody"]) {
        await expectRefused("whole.age", `${other}\n${verification}`, "This key does not open the file");
      }
    });

    describe("where it was not made by us:", () => {
      const envelopeOf = async (name: string) => halves(await readFile(made(name)))[1];

      test("without a signature", async () => {
        await writeFile(made("bare.age"), await envelopeOf("whole.age"));
        await expectRefused("bare.age", restoreKey, "The file is not signed, so anybody may have made it");
      });

      test("signed by somebody else, who is named", async () => {
        const theirs = await readSigningKey(stranger.signing);
        const envelope = await envelopeOf("whole.age");
        const line = await sign(sha256(envelope), theirs);
        await writeFile(made("theirs.age"), Buffer.concat([Buffer.from(`${line}\n`), envelope]));
        await expectRefused("theirs.age", restoreKey, `signed with the key ${theirs.kid}, which is none of`);

        // In our name, with their key.
        const { kid } = await readSigningKey(signing);
        const ours = await sign(sha256(envelope), { ...theirs, kid });
        await writeFile(made("in-our-name.age"), Buffer.concat([Buffer.from(`${ours}\n`), envelope]));
        await expectRefused("in-our-name.age", restoreKey, "no backup of ours, or was cut short or altered");
      });

      test("our signature over another content", async () => {
        const [line] = halves(await readFile(made("whole.age")));
        await seal(
          (async function* () {
            yield "whatever\n";
          })(),
          made("other.age"),
          await sealerOf(identity),
          await readSigningKey(stranger.signing),
        );
        const swapped = Buffer.concat([Buffer.from(`${line}\n`), await envelopeOf("other.age")]);
        await writeFile(made("swapped.age"), swapped);
        await expectRefused("swapped.age", restoreKey, "no backup of ours, or was cut short or altered");
      });

      test("a signature of ours of another kind", async () => {
        const { kid, privateKey } = await readSigningKey(signing);
        const envelope = await envelopeOf("whole.age");
        const other = await new jose.CompactSign(Buffer.from(JSON.stringify({ sha256: sha256(envelope) })))
          .setProtectedHeader({ alg: "Ed25519", typ: "at+jwt", kid })
          .sign(privateKey);
        await writeFile(made("kind.age"), Buffer.concat([Buffer.from(`${other}\n`), envelope]));
        await expectRefused("kind.age", restoreKey, "no backup of ours, or was cut short or altered");
      });

      test("signed, where an unsigned file is expected", async () => {
        await expectRefused("whole.age", restoreKey, "The file is signed", "--unsigned");
      });
    });

    const DAMAGE: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
      ["empty", () => Buffer.alloc(0)],
      ["cut in its header", (bytes) => bytes.subarray(0, bytes.indexOf("\n") + 100)],
      ["cut in its signature", (bytes) => bytes.subarray(0, 100)],
      ["with a bit of its signature flipped", (bytes) => flipped(bytes, bytes.indexOf("\n") - 20)],
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
      await expectRefused(damaged, restoreKey, "no backup of ours, or was cut short or altered");
    });

    test.each(DAMAGE.filter(([name]) => !/signature|empty/.test(name)))(
      "%s, and not signed",
      async (name, damage) => {
        const damaged = `${name.replaceAll(" ", "-")}-bare.age`;
        const [, envelope] = halves(damage(await readFile(made("whole.age"))));
        await writeFile(made(damaged), envelope);
        await expectRefused(
          damaged,
          identity,
          "no backup of ours, or was cut short or altered",
          "--unsigned",
        );
      },
    );

    test("into a database that is not empty", async () => {
      await target.sql`insert into metric_counters values ('some_total', '', 0, 1)`;
      await expectRefused("whole.age", restoreKey, "The database is not empty (metric_counters has rows)");
      await target.sql`truncate metric_counters`;
      await target.sql`update campaign_epoch set epoch = 1`;
      await expectRefused("whole.age", restoreKey, "The database is not empty (campaign_epoch has rows)");
      await target.sql`update campaign_epoch set epoch = 0`;
    });

    test("into a database of other migrations, or of none", async () => {
      await target.sql`update drizzle.__drizzle_migrations set hash = 'other' where id = 1`;
      await expectRefused("whole.age", restoreKey, "not at the migrations");
      const bare = await createPostgresDatabase();
      const outcome = await command("restore", [made("whole.age")], bare.url, restoreKey);
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("not at the migrations") });
      await bare.drop();
    });
  });
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** The signature, and the age file after it. */
function halves(bytes: Buffer): [string, Buffer] {
  const end = bytes.indexOf("\n");
  return [bytes.toString("latin1", 0, end), bytes.subarray(end + 1)];
}

async function sealerOf(identity: string): Promise<Encrypter> {
  const sealer = new Encrypter();
  sealer.addRecipient(await identityToRecipient(identity));
  return sealer;
}

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
  await activeCampaign(db, { gates: { holdout: { key: "2026", percent: 5 }, group: EXTRA } });
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

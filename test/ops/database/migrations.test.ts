/** Migrations: whole or not at all, in the journal's order, and never over a history that differs. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { CannotRun } from "../../../ops/command.ts";
import { requireDirectHost } from "../../../ops/database/address.ts";
import { pendingMigrations, readMigrations } from "../../../ops/database/journal.ts";
import { migratePglite, migratePostgres } from "../../../ops/database/migrations.ts";
import { openPglite } from "../../../ops/database/neon-endpoint/pglite.ts";
import { createPostgresDatabase, describeWithPostgres } from "../../support/database.ts";

interface File {
  readonly tag: string;
  readonly when: number;
  readonly text: string;
}
const create: File = {
  tag: "0000_create",
  when: 1_000,
  text: "CREATE TABLE thing (id int PRIMARY KEY);\n--> statement-breakpoint\nINSERT INTO thing VALUES (1);",
};
const extend: File = { tag: "0001_extend", when: 2_000, text: "ALTER TABLE thing ADD COLUMN name text;" };
const broken: File = {
  tag: "0002_broken",
  when: 3_000,
  text: "INSERT INTO thing VALUES (2);\n--> statement-breakpoint\nINSERT INTO thing VALUES (1);",
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "migrations-"));
});
afterEach(() => rm(root, { recursive: true }));

/** A migrations folder as drizzle-kit lays it out. */
async function folderOf(...files: readonly File[]): Promise<string> {
  const folder = await mkdtemp(join(root, "folder-"));
  await mkdir(join(folder, "meta"));
  const entries = files.map(({ tag, when }, idx) => ({ idx, version: "7", when, tag, breakpoints: true }));
  await writeFile(
    join(folder, "meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries }),
  );
  for (const { tag, text } of files) await writeFile(join(folder, `${tag}.sql`), text);
  return folder;
}

describe("what is pending", () => {
  const entry = ({ tag, when, text }: File) => ({ tag, when, hash: `hash of ${text}`, statements: [text] });
  const [first, second, third] = [create, extend, broken].map(entry) as [
    ReturnType<typeof entry>,
    ReturnType<typeof entry>,
    ReturnType<typeof entry>,
  ];

  test.each([
    ["everything in an empty database", [first, second], [], [first, second]],
    ["what follows the applied ones", [first, second, third], [first], [second, third]],
    ["nothing when all are applied", [first, second], [first, second], []],
    ["nothing of nothing", [], [], []],
  ])("is %s", (_name, journal, applied, migrations) => {
    expect(pendingMigrations(journal, applied)).toEqual({ ok: true, migrations });
  });

  test.each([
    [
      "an edited migration",
      [first, second],
      [{ ...first, hash: "other" }],
      "0000_create was changed after it was applied",
    ],
    [
      "one inserted before an applied one",
      [first, second, third],
      [first, third],
      "in the place of 0001_extend the database has another, of 1970-01-01T00:00:03.000Z",
    ],
    [
      "a database ahead of the journal",
      [first],
      [first, second],
      "the database has 2 migrations, the journal only 1",
    ],
    [
      "dates out of order",
      [first, third, second],
      [first],
      "0001_extend is dated before 0002_broken, which it follows: generate it again",
    ],
    [
      "equal dates",
      [first, { ...second, when: first.when }],
      [],
      "0001_extend is dated before 0000_create, which it follows: generate it again",
    ],
  ])("is refused for %s", (_name, journal, applied, reason) => {
    expect(pendingMigrations(journal, applied)).toEqual({
      ok: false,
      reason: `journal and database differ: ${reason}`,
    });
  });
});

test("the project's journal is in order, and every file in it is there", () => {
  const migrations = readMigrations();
  expect(migrations.length).toBeGreaterThan(0);
  expect(pendingMigrations(migrations, [])).toMatchObject({ ok: true });
});

interface Opened {
  readonly migrate: (folder: string) => Promise<string[]>;
  readonly query: (text: string) => Promise<unknown[]>;
  readonly close: () => Promise<void>;
}

function describeMigrating(
  name: string,
  describeIt: (name: string, body: () => void) => void,
  open: () => Promise<Opened>,
) {
  describeIt(`migrating ${name}`, () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test("goes through its life: empty, up to date, extended, broken, mended, edited", async () => {
      const { migrate, query } = opened;
      const things = () => query("select * from thing order by id");
      expect(await migrate(await folderOf(create))).toEqual(["0000_create"]);
      expect(await migrate(await folderOf(create))).toEqual([]);
      expect(await things()).toEqual([{ id: 1 }]);

      // Nothing stays of the broken one, nor of what was to be applied with it.
      await expect(migrate(await folderOf(create, extend, broken))).rejects.toThrow(
        /^The database cannot be migrated: 0002_broken failed and nothing was applied: duplicate key .* \(23505\)$/,
      );
      expect(await things()).toEqual([{ id: 1 }]);

      const mended = { ...broken, text: "INSERT INTO thing VALUES (2, 'two');" };
      expect(await migrate(await folderOf(create, extend, mended))).toEqual(["0001_extend", "0002_broken"]);
      expect(await things()).toEqual([
        { id: 1, name: null },
        { id: 2, name: "two" },
      ]);

      const edited = { ...create, text: `${create.text}\n` };
      await expect(migrate(await folderOf(edited, extend, mended))).rejects.toThrow(
        "journal and database differ: 0000_create was changed after it was applied",
      );
      await expect(migrate(await folderOf(create))).rejects.toThrow(CannotRun);
      expect(await query("select created_at from drizzle.__drizzle_migrations")).toHaveLength(3);
    });
  });
}

describeMigrating("embedded Postgres", describe, async () => {
  const { database, close } = await openPglite();
  return {
    migrate: (folder) => migratePglite(database, folder),
    query: async (text) => (await database.query(text)).rows,
    close,
  };
});

describeMigrating("a real Postgres", describeWithPostgres, async () => {
  const { url, drop } = await createPostgresDatabase();
  const client = new pg.Client(url);
  await client.connect();
  return {
    migrate: (folder) => migratePostgres(url, folder),
    query: async (text) => (await client.query(text)).rows,
    close: async () => {
      await client.end();
      await drop();
    },
  };
});

describeWithPostgres("two migrations of a real Postgres at once", () => {
  test("apply each migration once: the second waits for the first", async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const folder = await folderOf(create, extend);
    const applied = await Promise.all(Array.from({ length: 4 }, () => migratePostgres(url, folder)));
    expect(applied.filter((tags) => tags.length > 0)).toEqual([["0000_create", "0001_extend"]]);
    expect(await migratePostgres(url, folder)).toEqual([]);
  });

  test("wait even where they would do nothing, and hold no lock afterwards", async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const folder = await folderOf(create);
    await migratePostgres(url, folder);
    const holder = new pg.Client(url);
    await holder.connect();
    await holder.query("select pg_advisory_lock(hashtext('drizzle.__drizzle_migrations'))");
    const migrating = migratePostgres(url, folder);
    const waiting = () =>
      holder.query(
        `select 1 from pg_locks l join pg_database d on d.oid = l.database
         where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`,
      );
    while ((await waiting()).rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await holder.end();
    expect(await migrating).toEqual([]);
  });
});

describe("a database that cannot be migrated", () => {
  const POOLED = "postgres://user:s3cret@ep-cool-darkness-123456-pooler.c-2.eu-central-1.aws.neon.tech/db";

  test.each([
    ["pooled Neon", POOLED, "Use the direct one: ep-cool-darkness-123456.c-2.eu-central-1.aws.neon.tech"],
    ["none", "postgres://user:s3cret@127.0.0.1:1/db", "The database does not answer: ECONNREFUSED."],
    ["no Postgres", "mysql://user:s3cret@127.0.0.1/db", "DATABASE_URL is not a Postgres connection string"],
  ])("is refused, without its password: %s", async (_name, url, message) => {
    const error: unknown = await migratePostgres(url).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CannotRun);
    expect((error as CannotRun).message).toContain(message);
    expect((error as CannotRun).message).not.toContain("s3cret");
  });

  test.each(["ep-cool-darkness-123456.eu-central-1.aws.neon.tech", "pooler.example.com", "127.0.0.1"])(
    "is not refused for its host: %s",
    (host) => {
      expect(() => requireDirectHost(new URL(`postgres://user@${host}/db`))).not.toThrow();
    },
  );
});

function runMigrate(
  databaseUrl: string | undefined,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = fileURLToPath(new URL("../../../ops/database/migrate.ts", import.meta.url));
  const { DATABASE_URL: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--no-warnings", script],
      { env: databaseUrl === undefined ? env : { ...env, DATABASE_URL: databaseUrl } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe("npm run db:migrate", () => {
  test("refuses to guess a database", async () => {
    const { code, stderr } = await runMigrate(undefined);
    expect(code).toBe(1);
    expect(stderr).toContain("DATABASE_URL is not set");
  });

  test.each([
    ["an address it cannot read", "mysql://user:s3cret@127.0.0.1/db"],
    ["an address the driver cannot read", "postgres://user:s3cret@a%20b.neon.tech/db"],
    ["a server that is not there", "postgres://user:s3cret@127.0.0.1:1/db"],
  ])("fails on %s without showing the password", async (_name, databaseUrl) => {
    const { code, stdout, stderr } = await runMigrate(databaseUrl);
    expect(code).toBe(1);
    expect(stderr).toMatch(/✗ \w+/);
    expect(stdout + stderr).not.toContain("s3cret");
  });
});

describeWithPostgres("npm run db:migrate on a real Postgres", () => {
  test("prints what it applies, then that there is nothing left, then what differs", async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const tags = readMigrations().map(({ tag }) => tag);
    expect(await runMigrate(url)).toEqual({
      code: 0,
      stdout: tags.map((tag) => `applied ${tag}\n`).join(""),
      stderr: "",
    });
    expect(await runMigrate(url)).toMatchObject({
      code: 0,
      stdout: "nothing to apply: the database is up to date\n",
    });

    const client = new pg.Client(url);
    await client.connect();
    await client.query("UPDATE drizzle.__drizzle_migrations SET hash = 'other' WHERE id = 1");
    await client.end();
    const differing = await runMigrate(url);
    expect(differing.code).toBe(1);
    expect(differing.stderr).toContain(
      `journal and database differ: ${tags[0]} was changed after it was applied`,
    );
  });
});

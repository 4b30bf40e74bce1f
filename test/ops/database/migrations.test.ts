/** Migrations: whole or not at all, in the journal's order, and never over a history that differs. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { neon } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import { migrate as drizzleMigrate } from "drizzle-orm/neon-http/migrator";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { pendingMigrations, readMigrations } from "../../../ops/database/journal.ts";
import { migrate } from "../../../ops/database/migrations.ts";
import type { Backend } from "../../../ops/database/neon-endpoint/backend.ts";
import { type NeonEndpoint, startNeonEndpoint } from "../../../ops/database/neon-endpoint/endpoint.ts";
import { openPostgres } from "../../../ops/database/neon-endpoint/postgres.ts";
import { createPostgresDatabase, describeWithPostgres } from "../../support/database.ts";
import { databaseUrlOf, useEndpointAtAddress } from "../../support/endpoint-address.ts";
import { openMigratedPglite } from "../../support/migrated-pglite.ts";

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

test("the project's journal is in order, and every file in it is there", async () => {
  const migrations = await readMigrations();
  expect(migrations.length).toBeGreaterThan(0);
  expect(pendingMigrations(migrations, [])).toMatchObject({ ok: true });
});

interface Opened {
  readonly backend: Backend;
  readonly drop: () => Promise<void>;
}

function describeMigrating(
  name: string,
  describeIt: (name: string, body: () => void) => void,
  open: () => Promise<Opened>,
) {
  describeIt(`migrating ${name}`, () => {
    let opened: Opened;
    let endpoint: NeonEndpoint;
    let url: string;

    beforeAll(async () => {
      opened = await open();
      endpoint = await startNeonEndpoint({ backend: opened.backend });
      useEndpointAtAddress();
      url = databaseUrlOf(endpoint.url);
    });
    beforeEach(async () => {
      const sql = neon(url);
      await sql.transaction([
        sql`DROP SCHEMA IF EXISTS drizzle CASCADE`,
        sql`DROP SCHEMA public CASCADE`,
        sql`CREATE SCHEMA public`,
      ]);
    });
    afterAll(async () => {
      await endpoint.close();
      await opened.backend.close();
      await opened.drop();
    });

    test("goes through its life: empty, up to date, extended, broken, mended", async () => {
      const things = () => neon(url)`SELECT * FROM thing ORDER BY id`;

      expect(await migrate({ url }, await folderOf(create))).toEqual({ ok: true, applied: ["0000_create"] });
      expect(await migrate({ url }, await folderOf(create))).toEqual({ ok: true, applied: [] });
      expect(await things()).toEqual([{ id: 1 }]);

      // What precedes the broken one stays; of the broken one, nothing.
      expect(await migrate({ url }, await folderOf(create, extend, broken))).toEqual({
        ok: false,
        applied: ["0001_extend"],
        reason: expect.stringMatching(/^0002_broken failed and changed nothing: duplicate key .* \(23505\)$/),
      });
      expect(await things()).toEqual([{ id: 1, name: null }]);

      const mended = { ...broken, text: "INSERT INTO thing VALUES (2, 'two');" };
      expect(await migrate({ url }, await folderOf(create, extend, mended))).toEqual({
        ok: true,
        applied: ["0002_broken"],
      });
      expect(await things()).toEqual([
        { id: 1, name: null },
        { id: 2, name: "two" },
      ]);

      const edited = { ...create, text: `${create.text}\n` };
      expect(await migrate({ url }, await folderOf(edited, extend, mended))).toEqual({
        ok: false,
        applied: [],
        reason: "journal and database differ: 0000_create was changed after it was applied",
      });
      expect(await migrate({ url }, await folderOf(create))).toMatchObject({ ok: false });

      // drizzle's own migrator reads our record and finds nothing to do.
      await drizzleMigrate(drizzle({ client: neon(url) }), {
        migrationsFolder: await folderOf(create, extend, mended),
      });
      expect(await neon(url)`SELECT created_at FROM drizzle.__drizzle_migrations ORDER BY id`).toHaveLength(
        3,
      );
    });

    test("applies each migration once when two run at the same time", async () => {
      const folder = await folderOf(create, extend);
      const outcomes = await Promise.all([migrate({ url }, folder), migrate({ url }, folder)]);
      expect(outcomes.flatMap(({ applied }) => applied).toSorted()).toEqual(["0000_create", "0001_extend"]);
      for (const outcome of outcomes) {
        if (!outcome.ok) expect(outcome.reason).toContain("another migration ran at the same time (40001)");
      }
      expect(await migrate({ url }, folder)).toEqual({ ok: true, applied: [] });
    });
  });
}

test("rejects when the database does not answer", async () => {
  useEndpointAtAddress();
  const nowhere = { url: "postgres://test@127.0.0.1:1/test" };
  await expect(migrate(nowhere, await folderOf(create))).rejects.toThrow("Error connecting to database");
});

describeMigrating("embedded Postgres", describe, async () => ({
  backend: await openMigratedPglite(),
  drop: async () => {},
}));

describeMigrating("a real Postgres", describeWithPostgres, async () => {
  const { url, drop } = await createPostgresDatabase();
  return { backend: await openPostgres(url), drop };
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
    const tags = (await readMigrations()).map(({ tag }) => tag);
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

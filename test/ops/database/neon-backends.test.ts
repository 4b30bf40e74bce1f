/** The real driver and drizzle through the local endpoint: one table of cases, the same answers from both back ends. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NeonQueryFunction, neon, type types } from "@neondatabase/serverless";
import { sql as drizzleSql, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { bigint, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../ops/database/neon-endpoint/backend.ts";
import { type NeonEndpoint, startNeonEndpoint } from "../../../ops/database/neon-endpoint/endpoint.ts";
import { openPglite } from "../../../ops/database/neon-endpoint/pglite.ts";
import { openPostgres } from "../../../ops/database/neon-endpoint/postgres.ts";
import { createPostgresDatabase, describeWithPostgres } from "../../support/database.ts";
import { databaseUrlOf, useEndpointAtAddress } from "../../support/endpoint-address.ts";
import { openMigratedPglite } from "../../support/migrated-pglite.ts";
import { PATIENCE_MS } from "../../support/patience.ts";

type Sql = NeonQueryFunction<false, false>;

const setup = [
  `CREATE TABLE account (
     id int PRIMARY KEY,
     email varchar(40) NOT NULL CONSTRAINT account_email_unique UNIQUE,
     age int CONSTRAINT account_age_positive CHECK (age > 0),
     nickname text CONSTRAINT account_nickname_unique UNIQUE DEFERRABLE INITIALLY DEFERRED)`,
  `CREATE TABLE event (id bigint PRIMARY KEY, kind text NOT NULL, at timestamptz NOT NULL, data jsonb NOT NULL)`,
  `CREATE FUNCTION refuse(epoch bigint) RETURNS void LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'epoch moved' USING ERRCODE = 'CM001', DETAIL = 'now ' || epoch, HINT = 'reload'; END $$`,
];

const event = pgTable("event", {
  id: bigint({ mode: "bigint" }).primaryKey(),
  kind: text().notNull(),
  at: timestamp({ withTimezone: true }).notNull(),
  data: jsonb().notNull(),
});

/** A parameter as the application passes it, its Postgres type, and what the driver hands back. */
const values: readonly (readonly [name: string, type: string, parameter: unknown, expected: unknown])[] = [
  ["true", "boolean", true, true],
  ["false", "boolean", false, false],
  ["a small integer", "int", -2147483648, -2147483648],
  ["the largest bigint", "bigint", 9223372036854775807n, "9223372036854775807"],
  ["a numeric beyond doubles", "numeric", "12345678901234567890.123456789", "12345678901234567890.123456789"],
  ["a double", "float8", 0.1, 0.1],
  ["not a number", "float8", "NaN", Number.NaN],
  ["infinity", "float8", "-Infinity", Number.NEGATIVE_INFINITY],
  ["an empty text", "text", "", ""],
  ["a text of quotes, backslashes and lines", "text", `'"\\\n\t$1{},`, `'"\\\n\t$1{},`],
  ["a text beyond the basic plane", "text", "žluťoučký 🐎", "žluťoučký 🐎"],
  ["a text that says null", "text", "null", "null"],
  ["a uuid", "uuid", "0190C0DE-0000-7000-8000-000000000001", "0190c0de-0000-7000-8000-000000000001"],
  ["bytes", "bytea", Buffer.from([0, 1, 127, 128, 255]), Buffer.from([0, 1, 127, 128, 255])],
  ["no bytes", "bytea", Buffer.alloc(0), Buffer.alloc(0)],
  ["an object", "jsonb", { b: [1, null, { c: "d" }], a: 1e21 }, { a: 1e21, b: [1, null, { c: "d" }] }],
  ["a JSON string", "jsonb", '"x"', "x"],
  [
    "a number of many digits in JSON, as text",
    "text",
    '{"n":12345678901234567890}',
    '{"n":12345678901234567890}',
  ],
  ["integers", "int[]", [1, 2, 3], [1, 2, 3]],
  ["no elements", "int[]", [], []],
  ["bigints", "bigint[]", ["9223372036854775807"], ["9223372036854775807"]],
  [
    "texts with commas, quotes and nulls",
    "text[]",
    ["a,b", '"q"', "{}", "\\", null, "null", ""],
    ["a,b", '"q"', "{}", "\\", null, "null", ""],
  ],
  [
    "an array of arrays",
    "int[]",
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["null", "text", null, null],
  ["undefined", "int", undefined, null],
  ["a null array", "text[]", null, null],
];

/** The text that Postgres answers, which the driver passes on untouched where a type has no parser. */
const texts: readonly (readonly [type: string, literal: string, expected: string])[] = [
  ["timestamptz", "2026-11-21T12:00:00.123456+02:00", "2026-11-21 10:00:00.123456+00"],
  ["timestamp", "2026-11-21T12:00:00", "2026-11-21 12:00:00"],
  ["date", "2026-11-21", "2026-11-21"],
  ["timestamptz", "infinity", "infinity"],
  ["interval", "1 day 2 hours", "1 day 02:00:00"],
  ["bytea", "\\x00ff", "\\x00ff"],
  ["jsonb", '{"b": 1, "a": 12345678901234567890}', '{"a": 12345678901234567890, "b": 1}'],
  ["json", '{"b": 1,  "a": 2}', '{"b": 1,  "a": 2}'],
  ["boolean", "yes", "t"],
  ["float8", "1e300", "1e+300"],
  ["int[]", "{1,NULL,3}", "{1,NULL,3}"],
];

/** A statement that fails, and what the error says of it. */
const errors: readonly (readonly [name: string, statement: string, expected: Record<string, string>])[] = [
  [
    "a syntax error, with its place",
    "SELEC 1",
    { code: "42601", severity: "ERROR", position: "1", message: 'syntax error at or near "SELEC"' },
  ],
  ["an unknown table", "SELECT * FROM nowhere", { code: "42P01", position: "15" }],
  [
    "a column almost named right, with the hint",
    "SELECT emial FROM account",
    { code: "42703", hint: 'Perhaps you meant to reference the column "account.email".' },
  ],
  [
    "a duplicate, with its constraint",
    "INSERT INTO account VALUES (2, 'ada@example.com')",
    {
      code: "23505",
      constraint: "account_email_unique",
      schema: "public",
      table: "account",
      detail: "Key (email)=(ada@example.com) already exists.",
    },
  ],
  [
    "a failed check",
    "INSERT INTO account VALUES (2, 'b@example.com', 0)",
    { code: "23514", constraint: "account_age_positive", table: "account" },
  ],
  [
    "a missing value, with its column",
    "INSERT INTO account (id) VALUES (2)",
    { code: "23502", table: "account", column: "email" },
  ],
  ["a text too long", "INSERT INTO account VALUES (2, repeat('x', 41))", { code: "22001" }],
  ["text where a number belongs", "SELECT 'x'::int", { code: "22P02" }],
  ["a division by zero", "SELECT 1 / 0", { code: "22012" }],
  [
    "our own SQLSTATE, raised in plpgsql",
    "SELECT refuse(7)",
    {
      code: "CM001",
      message: "epoch moved",
      detail: "now 7",
      hint: "reload",
      where: "PL/pgSQL function refuse(bigint) line 2 at RAISE",
    },
  ],
  [
    "two statements in one text",
    "SELECT 1; SELECT 2",
    { code: "42601", message: "cannot insert multiple commands into a prepared statement" },
  ],
  ["a missing parameter", "SELECT $1::int", { code: "08P01" }],
];

const commands: readonly (readonly [statement: string, command: string, rowCount: number | null])[] = [
  ["SELECT generate_series(1, 3)", "SELECT", 3],
  ["SELECT 1 WHERE false", "SELECT", 0],
  ["INSERT INTO account VALUES (11, 'k@example.com'), (12, 'l@example.com')", "INSERT", 2],
  ["UPDATE account SET age = 40 WHERE id IN (11, 12)", "UPDATE", 2],
  ["DELETE FROM account WHERE id IN (11, 12)", "DELETE", 2],
  ["CREATE TABLE short_lived ()", "CREATE", null],
  ["DROP TABLE short_lived", "DROP", null],
  ["", "", null],
];

interface Opened {
  readonly backend: Backend;
  readonly drop: () => Promise<void>;
}

function describeBackend(
  name: string,
  describeIt: (name: string, body: () => void) => void,
  open: () => Promise<Opened>,
) {
  describeIt(`the driver over ${name}`, () => {
    let opened: Opened;
    let endpoint: NeonEndpoint;
    let url: string;
    let sql: Sql;

    beforeAll(async () => {
      opened = await open();
      endpoint = await startNeonEndpoint({ backend: opened.backend });
      useEndpointAtAddress();
      url = databaseUrlOf(endpoint.url);
      sql = neon(url);
      for (const statement of setup) await sql.query(statement);
      await sql`INSERT INTO account VALUES (1, 'ada@example.com', 36)`;
    });
    afterAll(async () => {
      await endpoint.close();
      await opened.backend.close();
      await opened.drop();
    });

    test.each(values)("carries %s as %s", async (_name, type, parameter, expected) => {
      const [row] = await sql.query(`SELECT $1::${type} AS value`, [parameter]);
      expect(row?.["value"]).toEqual(expected);
    });

    test.each(texts)("answers %s %s as Postgres writes it", async (type, literal, expected) => {
      const raw = { getTypeParser: () => (value: string) => value } as unknown as typeof types;
      const [row] = await sql.query(`SELECT $1::${type} AS value`, [literal], { types: raw });
      expect(row?.["value"]).toBe(expected);
    });

    test("reads a timestamptz as a moment, to the millisecond", async () => {
      const at = new Date("2026-11-21T10:00:00.123Z");
      const [row] =
        await sql`SELECT ${at}::timestamptz = '2026-11-21 12:00:00.123+02' AS same, ${at}::timestamptz AS at`;
      expect(row?.["same"]).toBe(true);
      expect(new Date(row?.["at"])).toEqual(at);
    });

    test("inserts a thousand rows of every kind through unnest in one statement", async () => {
      const ids = Array.from({ length: 1_000 }, (_, index) => index + 1_000);
      const data = ids.map((id) => JSON.stringify({ id, note: `"${"ž".repeat(100)}, {${id}}`, none: null }));
      const inserted = await sql`
        INSERT INTO event SELECT id, 'bulk', '2026-11-21T10:00:00Z', data
        FROM unnest(${ids}::bigint[], ${data}::jsonb[]) AS rows (id, data) RETURNING data`;
      expect(inserted).toHaveLength(1_000);
      expect(inserted.map((row) => row["data"])).toEqual(data.map((text) => JSON.parse(text)));
    });

    test.each(commands)("reports the command and row count of %j", async (statement, command, rowCount) => {
      const result = await sql.query(statement, [], { fullResults: true });
      expect(result).toMatchObject({ command, rowCount, rowAsArray: false });
    });

    test("describes each column", async () => {
      const { fields } = await sql.query("SELECT id, email, 1.5::numeric(4, 1) AS n FROM account", [], {
        fullResults: true,
      });
      const [id, email, n] = fields;
      expect(id).toMatchObject({
        name: "id",
        dataTypeID: 23,
        columnID: 1,
        dataTypeSize: 4,
        dataTypeModifier: -1,
        format: "text",
      });
      expect(email).toMatchObject({
        name: "email",
        dataTypeID: 1043,
        columnID: 2,
        dataTypeSize: -1,
        dataTypeModifier: 44,
      });
      expect(n).toMatchObject({
        name: "n",
        dataTypeID: 1700,
        tableID: 0,
        columnID: 0,
        dataTypeModifier: 262149,
      });
      expect(id?.tableID).toBeGreaterThan(0);
      expect(email?.tableID).toBe(id?.tableID);
    });

    test("answers arrays in array mode, where columns of one name stay apart", async () => {
      const arrays = neon(url, { arrayMode: true });
      expect(await arrays`SELECT 1 AS a, 'x' AS a, NULL AS b`).toEqual([[1, "x", null]]);
      expect(await sql`SELECT 1 AS a, 'x' AS a`).toEqual([{ a: "x" }]);
    });

    test.each(errors)("fails on %s", async (_name, statement, expected) => {
      await expect(sql.query(statement)).rejects.toMatchObject({ name: "NeonDbError", ...expected });
    });

    describe("a batch", () => {
      test("takes effect as a whole, later statements seeing earlier ones", async () => {
        const [, , count] = await sql.transaction([
          sql`INSERT INTO account VALUES (21, 'u@example.com')`,
          sql`UPDATE account SET age = 50 WHERE id = 21`,
          sql`SELECT age FROM account WHERE id = 21`,
        ]);
        expect(count).toEqual([{ age: 50 }]);
        expect(await sql`SELECT age FROM account WHERE id = 21`).toEqual([{ age: 50 }]);
      });

      test("is undone by a statement that fails, and leaves the session clean", async () => {
        const batch = sql.transaction([
          sql`INSERT INTO account VALUES (31, 'v@example.com')`,
          sql`SELECT 1 / 0`,
        ]);
        await expect(batch).rejects.toMatchObject({ code: "22012" });
        expect(await sql`SELECT id FROM account WHERE id = 31`).toEqual([]);
      });

      test("is undone by a constraint that speaks up at commit", async () => {
        const batch = sql.transaction([
          sql`INSERT INTO account VALUES (41, 'w@example.com', NULL, 'same')`,
          sql`INSERT INTO account VALUES (42, 'x@example.com', NULL, 'same')`,
        ]);
        await expect(batch).rejects.toMatchObject({ code: "23505", constraint: "account_nickname_unique" });
        expect(await sql`SELECT id FROM account WHERE id IN (41, 42)`).toEqual([]);
      });

      test.each([
        ["ReadUncommitted", "read uncommitted"],
        ["ReadCommitted", "read committed"],
        ["RepeatableRead", "repeatable read"],
        ["Serializable", "serializable"],
      ] as const)("runs at %s", async (isolationLevel, expected) => {
        const [[row] = []] = await sql.transaction([sql`SHOW transaction_isolation`], { isolationLevel });
        expect(row).toEqual({ transaction_isolation: expected });
      });

      test("may write by default, and not when read-only", async () => {
        const [[row] = []] = await sql.transaction([sql`SHOW transaction_read_only`]);
        expect(row).toEqual({ transaction_read_only: "off" });
        const batch = sql.transaction([sql`DELETE FROM account`], { readOnly: true });
        await expect(batch).rejects.toMatchObject({ code: "25006" });
      });

      test("is deferrable when asked to be", async () => {
        const options = { isolationLevel: "Serializable", readOnly: true, deferrable: true } as const;
        const [[row] = []] = await sql.transaction([sql`SHOW transaction_deferrable`], options);
        expect(row).toEqual({ transaction_deferrable: "on" });
      });

      test("of no statements answers no results", async () => {
        expect(await sql.transaction([])).toEqual([]);
      });
    });

    test("takes back a transaction that a single query left open", async () => {
      await sql`BEGIN`;
      await expect(sql`SAVEPOINT here`).rejects.toMatchObject({ code: "25P01" });
    });

    test("answers many requests at once, each its own", async () => {
      const numbers = Array.from({ length: 100 }, (_, index) => index);
      const answers = await Promise.all(
        numbers.map((n) =>
          n % 3 === 0
            ? sql`SELECT 1 / 0`.catch((error: { code: string }) => error.code)
            : sql
                .transaction([sql`SELECT ${n}::int AS n`, sql`SELECT pg_sleep(0.001)`])
                .then(([rows]) => rows?.[0]),
        ),
      );
      expect(answers).toEqual(numbers.map((n) => (n % 3 === 0 ? "22012" : { n })));
    });

    describe("drizzle", () => {
      const row = (id: bigint) => ({
        id,
        kind: "purchase",
        at: new Date("2026-11-21T10:00:00.123Z"),
        data: { items: [{ sku: "A1", qty: 2 }], coupon: null },
      });

      test("writes and reads rows", async () => {
        const db = drizzle({ client: neon(url) });
        const stored = await db
          .insert(event)
          .values(row(2n ** 62n))
          .returning();
        expect(stored).toEqual([row(2n ** 62n)]);
        expect(
          await db
            .select()
            .from(event)
            .where(eq(event.id, 2n ** 62n)),
        ).toEqual([row(2n ** 62n)]);
      });

      test("executes SQL of its own", async () => {
        const db = drizzle({ client: neon(url) });
        const result = await db.execute<{ n: number }>(drizzleSql`SELECT ${7}::int AS n`);
        expect(result).toMatchObject({ rows: [{ n: 7 }], rowCount: 1, command: "SELECT" });
      });

      test("runs a batch, with the isolation level of its driver", async () => {
        const db = drizzle({ client: neon(url, { isolationLevel: "RepeatableRead" }) });
        const [inserted, selected, level] = await db.batch([
          db.insert(event).values(row(1n)).returning({ id: event.id }),
          db.select({ kind: event.kind, at: event.at }).from(event).where(eq(event.id, 1n)),
          db.execute<{ transaction_isolation: string }>(drizzleSql`SHOW transaction_isolation`),
        ]);
        expect(inserted).toEqual([{ id: 1n }]);
        expect(selected).toEqual([{ kind: "purchase", at: row(1n).at }]);
        expect(level.rows).toEqual([{ transaction_isolation: "repeatable read" }]);
      });

      test("undoes a batch that fails, and says why", async () => {
        const db = drizzle({ client: neon(url) });
        const batch = db.batch([db.insert(event).values(row(2n)), db.execute(drizzleSql`SELECT refuse(3)`)]);
        await expect(batch).rejects.toMatchObject({ code: "CM001" });
        expect(await db.select().from(event).where(eq(event.id, 2n))).toEqual([]);
      });

      test("wraps the error of a single query", async () => {
        const db = drizzle({ client: neon(url) });
        await db.insert(event).values(row(3n));
        await expect(db.insert(event).values(row(3n))).rejects.toMatchObject({
          cause: { code: "23505", constraint: "event_pkey" },
        });
      });
    });
  });
}

describeBackend("embedded Postgres", describe, async () => ({
  backend: await openMigratedPglite(),
  drop: async () => {},
}));

describeBackend("a real Postgres", describeWithPostgres, async () => {
  const { url, drop } = await createPostgresDatabase();
  return { backend: await openPostgres(url), drop };
});

test("an embedded database keeps its data between runs", async () => {
  const root = await mkdtemp(join(tmpdir(), "pglite-"));
  const dataDir = join(root, "made", "when", "missing");
  const run = async (query: string) => {
    const backend = await openPglite({ dataDir });
    const outcome = await backend.withSession(AbortSignal.timeout(PATIENCE_MS), (session) =>
      session.run({ query, params: [] }),
    );
    await backend.close();
    return outcome;
  };
  await run("CREATE TABLE kept AS SELECT 42 AS n");
  expect(await run("SELECT n FROM kept")).toMatchObject({ ok: true, result: { rows: [["42"]] } });
  await rm(root, { recursive: true });
});

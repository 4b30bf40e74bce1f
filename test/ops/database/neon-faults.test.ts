/** The faults that tests script are the faults that the driver meets. */
import { neon } from "@neondatabase/serverless";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../support/database.ts";
import { databaseUrlOf, useDriverAsItIs } from "../../support/endpoint-address.ts";
import { type FaultyEndpoint, startFaultyEndpoint } from "../../support/faulty-endpoint.ts";

beforeAll(useDriverAsItIs);

let database: TestDatabase;
let faulty: FaultyEndpoint;
let sql: TestDatabase["sql"];

beforeAll(async () => {
  database = await openTestDatabase();
  await database.sql`CREATE TABLE note (body text)`;
});
afterAll(() => database.close());
beforeEach(async () => {
  faulty = await startFaultyEndpoint(database.endpointUrl);
  sql = neon(databaseUrlOf(faulty.url));
});
afterEach(() => faulty.close());

const stored = async (body: string) => (await database.sql`SELECT FROM note WHERE body = ${body}`).length;

test("forwards everything while nothing is scripted", async () => {
  const options = { isolationLevel: "Serializable", readOnly: true } as const;
  const results = await sql.transaction(
    [sql`SHOW transaction_isolation`, sql`SHOW transaction_read_only`],
    options,
  );
  expect(results).toEqual([[{ transaction_isolation: "serializable" }], [{ transaction_read_only: "on" }]]);
  await expect(sql`SELECT 1 / 0`).rejects.toMatchObject({ code: "22012" });
});

test.each([500, 507])("answers %i in the database's place", async (status) => {
  const fault = faulty.fail({ kind: "answer", status });
  await expect(sql`INSERT INTO note VALUES ('answered')`).rejects.toThrow(`HTTP status ${status}`);
  expect(fault.hits).toBe(1);
  expect(await stored("answered")).toBe(0);
});

test("breaks the connection before the database sees the request", async () => {
  faulty.fail({ kind: "drop" });
  await expect(sql`INSERT INTO note VALUES ('dropped')`).rejects.toThrow("Error connecting to database");
  expect(await stored("dropped")).toBe(0);
});

test("hangs until the caller gives up, and the request never arrives", async () => {
  const fault = faulty.fail({ kind: "hold" }, { times: 1 });
  const caller = new AbortController();
  const fetchOptions = { signal: caller.signal };
  const hung = expect(sql.query("INSERT INTO note VALUES ('hung')", [], { fetchOptions })).rejects.toThrow(
    /given up/,
  );
  await fault.struck;
  caller.abort(new Error("given up"));
  await hung;
  expect(fault.hits).toBe(1);
  expect(await sql`SELECT 1 AS alive`).toEqual([{ alive: 1 }]);
  expect(await stored("hung")).toBe(0);
});

test("holds a request until it is released", async () => {
  const fault = faulty.fail({ kind: "hold" }, { when: (body) => body.includes("held") });
  const request = sql`INSERT INTO note VALUES ('held') RETURNING body`;
  const answer = request.then((rows) => rows);
  await fault.struck;
  expect(await stored("held")).toBe(0);
  fault.release();
  expect(await answer).toEqual([{ body: "held" }]);
});

test.each([
  ["by a broken connection", { kind: "lose-reply" }, "Error connecting to database"],
  ["behind a 500", { kind: "lose-reply", status: 500 }, "HTTP status 500"],
] as const)("loses the reply after the commit, %s", async (name, fault, message) => {
  faulty.fail(fault);
  await expect(sql.transaction([sql`INSERT INTO note VALUES (${name})`])).rejects.toThrow(message);
  expect(await stored(name)).toBe(1);
});

test("strikes only the requests chosen, by body and by count, as often as asked", async () => {
  const byBody = faulty.fail(
    { kind: "answer", status: 500 },
    { when: (body) => body.includes("chosen"), times: 2 },
  );
  const byCount = faulty.fail({ kind: "answer", status: 503 }, { when: (_body, count) => count === 5 });
  const statuses: string[] = [];
  for (const text of ["chosen", "other", "chosen", "chosen", "fifth", "sixth"]) {
    const outcome = await sql`SELECT ${text}::text`.then(
      () => "ok",
      (error: Error) => /\d{3}/.exec(error.message)?.[0] ?? "?",
    );
    statuses.push(outcome);
  }
  expect(statuses).toEqual(["500", "ok", "500", "ok", "503", "ok"]);
  expect([byBody.hits, byCount.hits]).toEqual([2, 1]);
});

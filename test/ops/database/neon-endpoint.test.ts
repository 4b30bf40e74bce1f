/** The protocol itself, without the driver: what the endpoint refuses, its limits, and callers that hang up. */
import { neon } from "@neondatabase/serverless";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../ops/database/neon-endpoint/backend.ts";
import { type NeonEndpoint, startNeonEndpoint } from "../../../ops/database/neon-endpoint/endpoint.ts";
import { openPostgres } from "../../../ops/database/neon-endpoint/postgres.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../../support/database.ts";
import { databaseUrlOf, useDriverAsItIs, useEndpointAtAddress } from "../../support/endpoint-address.ts";
import { openMigratedPglite } from "../../support/migrated-pglite.ts";
import { PATIENCE_MS } from "../../support/patience.ts";

beforeAll(useDriverAsItIs);

const headers = {
  "Neon-Connection-String": "postgres://local@127.0.0.1/test",
  "Neon-Raw-Text-Output": "true",
  "Neon-Array-Mode": "true",
};

describe("the endpoint", () => {
  let backend: Backend;
  let endpoint: NeonEndpoint;
  let sql: TestDatabase["sql"];
  const post = (body: unknown, extra: Record<string, string> = {}) =>
    fetch(endpoint.url, {
      method: "POST",
      headers: { ...headers, ...extra },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    backend = await openMigratedPglite();
    endpoint = await startNeonEndpoint({ backend });
    useEndpointAtAddress();
    sql = neon(databaseUrlOf(endpoint.url));
    await sql`CREATE TABLE note (body text)`;
  });
  afterAll(async () => {
    await endpoint.close();
    await backend.close();
  });

  test("answers a single query with its result alone", async () => {
    const response = await post({ query: "SELECT $1::int AS a, NULL AS b", params: ["5"] });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({
      fields: [{ name: "a", dataTypeID: 23, format: "text" }, { name: "b" }],
      rows: [["5", null]],
      command: "SELECT",
      rowCount: 1,
      rowAsArray: true,
    });
  });

  test("answers a batch with a list of results, even of one", async () => {
    const response = await post({ queries: [{ query: "SELECT true AS a" }] });
    expect(await response.json()).toMatchObject({ results: [{ rows: [["t"]], rowCount: 1 }] });
  });

  test.each([
    ["in the header", { query: "SELECT 1 AS a, 'x' AS b" }, { "Neon-Array-Mode": "false" }],
    [
      "with the query, which goes before the header",
      { query: "SELECT 1 AS a, 'x' AS b", arrayMode: false },
      {},
    ],
  ])("answers rows as objects when array mode is off %s", async (_where, body, extra) => {
    expect(await (await post(body, extra)).json()).toMatchObject({
      rows: [{ a: "1", b: "x" }],
      rowAsArray: false,
    });
  });

  test("names every field of an error, absent ones as null", async () => {
    const response = await post({ query: "SELECT 1 / 0" });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      ...{ message: "division by zero", severity: "ERROR", code: "22012", detail: null, hint: null },
      ...{
        position: null,
        internalPosition: null,
        internalQuery: null,
        where: null,
        schema: null,
        table: null,
      },
      ...{
        column: null,
        dataType: null,
        constraint: null,
        file: "int.c",
        line: expect.any(String),
        routine: "int4div",
      },
    });
  });

  test.each([
    ["no JSON", "SELECT 1"],
    ["no query", "{}"],
    ["a query that is no text", '{"query": 1}'],
    ["parameters that are no list", '{"query": "SELECT 1", "params": "x"}'],
    ["a parameter that is neither text nor null", '{"query": "SELECT $1", "params": [1]}'],
    ["a batch with a bad query", '{"queries": [{"query": "SELECT 1"}, {}]}'],
    ["nothing", ""],
  ])("refuses a body of %s", async (_name, body) => {
    const response = await fetch(endpoint.url, { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: "could not parse the HTTP request body" });
  });

  test.each([
    ["an unknown isolation level", { "Neon-Batch-Isolation-Level": "Snapshot" }, "invalid isolation level"],
    ["no connection string", { "Neon-Connection-String": "" }, "invalid header: neon-connection-string"],
    ["parsed output, which it does not offer", { "Neon-Raw-Text-Output": "false" }, /raw text only/],
  ])("refuses %s", async (_name, extra, message) => {
    const response = await post({ queries: [{ query: "SELECT 1" }] }, extra);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringMatching(message) });
  });

  test("refuses other paths, other methods, and browsers", async () => {
    expect((await fetch(new URL("/other", endpoint.url), { method: "POST", headers })).status).toBe(404);
    expect((await fetch(endpoint.url)).status).toBe(405);
    expect((await post({ query: "SELECT 1" }, { Origin: "https://example.com" })).status).toBe(403);
  });

  describe("limits", () => {
    const limits = { request: 2_000, response: 1_000 };
    const tooLarge = `SELECT repeat('x', ${limits.response})`;
    let limited: NeonEndpoint;
    const postLimited = (body: unknown) =>
      fetch(limited.url, { method: "POST", headers, body: JSON.stringify(body) });
    const notes = async (body: string) => (await sql`SELECT FROM note WHERE body = ${body}`).length;

    beforeAll(async () => {
      limited = await startNeonEndpoint({ backend, limits });
    });
    afterAll(() => limited.close());

    test("answers 413 to a request over the limit, and reads it to its end", async () => {
      const response = await postLimited({ query: "SELECT length($1)", params: ["x".repeat(1_000_000)] });
      expect(response.status).toBe(413);
      expect(await response.json()).toEqual({ message: "request is too large (max is 2000 bytes)" });
    });

    test("answers 507 to a batch that returns too much, and undoes it", async () => {
      const response = await postLimited({
        queries: [{ query: "INSERT INTO note VALUES ('batch')" }, { query: tooLarge }],
      });
      expect(response.status).toBe(507);
      expect(await response.json()).toEqual({ message: "response is too large (max is 1000 bytes)" });
      expect(await notes("batch")).toBe(0);
    });

    test("counts the results of a batch together", async () => {
      const half = { query: "SELECT repeat('x', 400)" };
      expect((await postLimited({ queries: [half] })).status).toBe(200);
      expect((await postLimited({ queries: [half, half] })).status).toBe(507);
    });

    test("answers 507 to a single query that returns too much, though it took effect", async () => {
      const response = await postLimited({
        query: `INSERT INTO note VALUES ('single') RETURNING (${tooLarge})`,
      });
      expect(response.status).toBe(507);
      expect(await notes("single")).toBe(1);
    });
  });

  test("goes on after callers that hang up, before and while they are served", async () => {
    const callers = Array.from({ length: 20 }, async (_, index) => {
      const signal = AbortSignal.timeout(index * 5);
      const body = JSON.stringify({ queries: [{ query: "SELECT pg_sleep(0.02)" }] });
      await fetch(endpoint.url, { method: "POST", headers, body, signal }).catch(() => {});
    });
    await Promise.all(callers);
    expect(await sql`SELECT 1 AS alive`).toEqual([{ alive: 1 }]);
  });

  test("answers 500 while no database can be reached", async () => {
    const backend = await openPostgres("postgres://nobody@127.0.0.1:1/none");
    const endpoint = await startNeonEndpoint({ backend });
    const response = await fetch(endpoint.url, { method: "POST", headers, body: '{"query": "SELECT 1"}' });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: expect.stringMatching(/^database unavailable/) });
    await endpoint.close();
    await backend.close();
  });

  test("lets go of its port when closed", async () => {
    const backend = await openPostgres("postgres://nobody@127.0.0.1:1/none");
    const first = await startNeonEndpoint({ backend });
    const port = Number(new URL(first.url).port);
    await expect(startNeonEndpoint({ backend, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.close();
    const second = await startNeonEndpoint({ backend, port });
    expect(second.url).toBe(first.url);
    await second.close();
    await backend.close();
  });
});

describeWithPostgres("the endpoint over a real Postgres", () => {
  const LOCK = 4711;
  let database: TestDatabase;
  let direct: pg.Client;

  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
    direct = new pg.Client(database.postgresUrl);
    await direct.connect();
  });
  afterAll(async () => {
    await direct.end();
    await database.close();
  });

  /** Sessions that wait for the lock, once there are as many as expected. */
  async function waiting(expected: number): Promise<void> {
    const query = "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await expect
      .poll(async () => (await direct.query(query)).rows[0].n, { timeout: PATIENCE_MS })
      .toBe(expected);
  }

  test("runs requests in parallel: some wait for a lock while others are served", async () => {
    await direct.query("SELECT pg_advisory_lock($1)", [LOCK]);
    const blocked = [1, 2, 3].map(() =>
      database.sql.transaction([database.sql`SELECT pg_advisory_xact_lock(${LOCK})`]),
    );
    await waiting(3);
    expect(await database.sql`SELECT 1 AS served`).toEqual([{ served: 1 }]);
    await direct.query("SELECT pg_advisory_unlock($1)", [LOCK]);
    expect(await Promise.all(blocked)).toHaveLength(3);
  });

  test("ends what a caller that hung up was waiting for", async () => {
    await direct.query("SELECT pg_advisory_lock($1)", [LOCK]);
    const caller = new AbortController();
    const fetchOptions = { signal: caller.signal };
    const failure = database.sql
      .query("SELECT pg_advisory_xact_lock($1)", [LOCK], { fetchOptions })
      .catch((error: Error) => error.message);
    await waiting(1);
    caller.abort();
    expect(await failure).toMatch(/abort/i);
    await waiting(0);
    await direct.query("SELECT pg_advisory_unlock($1)", [LOCK]);
    expect(await database.sql`SELECT 1 AS alive`).toEqual([{ alive: 1 }]);
  });

  test("reports a serialisation failure by its code", async () => {
    await database.sql`CREATE TABLE metricBuffer (n int)`;
    await database.sql`INSERT INTO metricBuffer VALUES (0)`;
    await direct.query("BEGIN");
    await direct.query("UPDATE metricBuffer SET n = 1");
    const late = database.sql.transaction(
      [database.sql`SELECT n FROM metricBuffer`, database.sql`UPDATE metricBuffer SET n = 2`],
      {
        isolationLevel: "RepeatableRead",
      },
    );
    await expect
      .poll(
        async () =>
          (await direct.query("SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted")).rows[0].n,
      )
      .toBe(1);
    await direct.query("COMMIT");
    await expect(late).rejects.toMatchObject({ code: "40001" });
  });

  test("uses no connection again that the server has cut", async () => {
    const cut = database.sql`SELECT pg_terminate_backend(pg_backend_pid())`;
    await expect(cut).rejects.toMatchObject({ code: "57P01", severity: "FATAL" });
    expect(await database.sql`SELECT 1 AS alive`).toEqual([{ alive: 1 }]);
  });

  test("answers times in UTC whatever the server's own zone", async () => {
    await direct.query(
      `ALTER DATABASE ${new URL(database.postgresUrl ?? "").pathname.slice(1)} SET timezone = 'Asia/Tokyo'`,
    );
    const backend = await openPostgres(database.postgresUrl ?? "");
    const endpoint: NeonEndpoint = await startNeonEndpoint({ backend });
    useEndpointAtAddress();
    expect(
      await neon(databaseUrlOf(endpoint.url))`SELECT '2026-11-21T12:00:00+02:00'::timestamptz::text AS at`,
    ).toEqual([{ at: "2026-11-21 10:00:00+00" }]);
    await endpoint.close();
    await backend.close();
  });
});

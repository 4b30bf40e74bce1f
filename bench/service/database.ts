import pg from "pg";
import { type CreatedDatabase, createDatabase } from "../../dev/postgres-server.ts";
import { CannotRun } from "../../ops/command.ts";
import { migratePostgres } from "../../ops/database/migrations.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { type Child, startChild } from "./child.ts";

const ENDPOINT = new URL("./endpoint-process.ts", import.meta.url);
const LOCAL = "postgres://postgres@127.0.0.1:5432/postgres";

/** A Postgres database of this run's own, with an endpoint in front of it that speaks Neon's protocol. */
export interface BenchDatabase {
  /** As the Workers are given it. */
  readonly values: { readonly DATABASE_URL: string; readonly NEON_FETCH_ENDPOINT: string };
  readonly endpoint: Child;
  /** Through the endpoint, as the Workers. */
  readonly db: Database;
  /** Straight to Postgres, to set up and look around. */
  readonly client: pg.Client;
  /** As `select version()` says. */
  readonly version: string;
  drop(): Promise<void>;
}

/**
 * Makes it on the server of TEST_DATABASE_URL, or else on the one of this machine.
 * @throws CannotRun when no Postgres answers there
 */
export async function openBenchDatabase(cores: string | undefined): Promise<BenchDatabase> {
  const serverUrl = process.env["TEST_DATABASE_URL"] || LOCAL;
  const { url, drop: dropOnServer } = await createOnServer(serverUrl);
  const undo: (() => Promise<void>)[] = [dropOnServer];
  const drop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const endpoint = await startChild(ENDPOINT, [url], cores);
    undo.push(endpoint.stop);
    const values = {
      DATABASE_URL: "postgres://local:local@127.0.0.1/local",
      NEON_FETCH_ENDPOINT: `http://127.0.0.1:${endpoint.port}/sql`,
    };
    const address = { url: values.DATABASE_URL, fetchEndpoint: values.NEON_FETCH_ENDPOINT };
    await migratePostgres(url);
    const client = new pg.Client(url);
    client.on("error", () => {});
    await client.connect();
    undo.push(() => client.end());
    const { rows } = await client.query<{ version: string }>("select version()");
    const db = openDatabase({ ...address, timeoutMs: 60_000 });
    return { values, endpoint, db, client, version: rows[0]?.version ?? "", drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** @throws CannotRun when no Postgres answers there */
async function createOnServer(serverUrl: string): Promise<CreatedDatabase> {
  try {
    return await createDatabase(serverUrl, "bench");
  } catch (error) {
    throw new CannotRun(
      `This benchmark needs a real Postgres: set TEST_DATABASE_URL (${(error as Error).message || "no answer"})`,
    );
  }
}

import { randomUUID } from "node:crypto";
import pg from "pg";
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
  const name = `campaign_manager_bench_${randomUUID().replaceAll("-", "")}`;
  await onServer(serverUrl, `create database ${name}`);
  const dropOnServer = () => onServer(serverUrl, `drop database ${name} with (force)`);
  const undo: (() => Promise<void>)[] = [dropOnServer];
  const drop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const url = new URL(serverUrl);
    url.pathname = name;
    const endpoint = await startChild(ENDPOINT, [url.href], cores);
    undo.push(endpoint.stop);
    const values = {
      DATABASE_URL: "postgres://local:local@127.0.0.1/local",
      NEON_FETCH_ENDPOINT: `http://127.0.0.1:${endpoint.port}/sql`,
    };
    const address = { url: values.DATABASE_URL, fetchEndpoint: values.NEON_FETCH_ENDPOINT };
    await migratePostgres(url.href);
    const client = new pg.Client(url.href);
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

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  try {
    await client.connect();
  } catch (error) {
    throw new CannotRun(
      `This benchmark needs a real Postgres: set TEST_DATABASE_URL (${(error as Error).message || "no answer"})`,
    );
  }
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

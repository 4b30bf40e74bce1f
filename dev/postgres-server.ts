/** Databases of their own for tests, benchmarks and chaos, on a Postgres server that is there. */
import { randomUUID } from "node:crypto";
import pg from "pg";

export interface CreatedDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database, named after what it is for: `campaign_manager_<purpose>_<random>`. */
export async function createDatabase(serverUrl: string, purpose: string): Promise<CreatedDatabase> {
  const name = `campaign_manager_${purpose}_${randomUUID().replaceAll("-", "")}`;
  await runOnServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return { url: url.href, drop: () => runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Runs one statement in a session of its own. */
export async function runOnServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

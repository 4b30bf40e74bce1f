import { type NeonQueryFunction, neon } from "@neondatabase/serverless";
import { describe } from "vitest";
import { type CreatedDatabase, createDatabase } from "../../dev/postgres-server.ts";
import { migratePostgres } from "../../ops/database/migrations.ts";
import type { Backend } from "../../ops/database/neon-endpoint/backend.ts";
import { startNeonEndpoint } from "../../ops/database/neon-endpoint/endpoint.ts";
import { openPostgres } from "../../ops/database/neon-endpoint/postgres.ts";
import { databaseUrlOf, useEndpointAtAddress } from "./endpoint-address.ts";
import { openMigratedPglite } from "./migrated-pglite.ts";

export interface TestDatabase {
  /**
   * What the Workers get as `DATABASE_URL`. Its host and port are the endpoint's, so in a test that opens several
   * databases it is enough: a fixed endpoint given to the driver would hold for all of them.
   */
  readonly url: string;
  /** Where the driver posts its SQL. */
  readonly endpointUrl: string;
  readonly sql: NeonQueryFunction<false, false>;
  /** The Postgres behind the endpoint, for tests that need a connection of their own. With `real` only. */
  readonly postgresUrl: string | undefined;
  close(): Promise<void>;
}

/**
 * A fresh, migrated database behind a local Neon endpoint: embedded and in memory, or with `real` a new one on the
 * server of `TEST_DATABASE_URL`, dropped at close.
 */
export async function openTestDatabase({ real = false } = {}): Promise<TestDatabase> {
  if (!real) return behindEndpoint(await openMigratedPglite(), undefined, async () => {});

  const created = await createPostgresDatabase();
  await migratePostgres(created.url);
  return behindEndpoint(await openPostgres(created.url), created.url, created.drop);
}

/** `describe` for what only a real Postgres can show, such as waiting for a lock. Skipped aloud without one. */
export function describeWithPostgres(name: string, body: () => void): void {
  if (process.env["TEST_DATABASE_URL"]) {
    describe(name, body);
    return;
  }
  process.stderr.write(`SKIPPED, needs TEST_DATABASE_URL: ${name}\n`);
  describe.skip(`${name} (needs TEST_DATABASE_URL)`, body);
}

/** An empty database of its own on the server of `TEST_DATABASE_URL`. */
export async function createPostgresDatabase(): Promise<CreatedDatabase> {
  const serverUrl = process.env["TEST_DATABASE_URL"];
  if (!serverUrl) throw new Error("TEST_DATABASE_URL is not set");
  return createDatabase(serverUrl, "test");
}

async function behindEndpoint(
  backend: Backend,
  postgresUrl: string | undefined,
  drop: () => Promise<void>,
): Promise<TestDatabase> {
  const endpoint = await startNeonEndpoint({ backend });
  const url = databaseUrlOf(endpoint.url);
  useEndpointAtAddress();
  return {
    url,
    endpointUrl: endpoint.url,
    sql: neon(url),
    postgresUrl,
    close: async () => {
      await endpoint.close();
      await backend.close();
      await drop();
    },
  };
}

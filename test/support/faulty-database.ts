import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";
import type { DatabaseFaults } from "./database-faults.ts";
import { databaseUrlOf } from "./endpoint-address.ts";
import { startFaultyEndpoint } from "./faulty-endpoint.ts";
import { PATIENCE_MS } from "./patience.ts";

/** A migrated database, and the way to it on which faults may be put. */
export interface FaultyDatabase {
  readonly database: TestDatabase;
  readonly faults: Pick<DatabaseFaults, "fail">;
  /** Through the faults. */
  readonly db: Database;
  close(): Promise<void>;
}

/** @param options.real on the Postgres of TEST_DATABASE_URL instead of the embedded one */
export async function openFaultyDatabase({
  real = false,
  timeoutMs = PATIENCE_MS,
}: {
  real?: boolean;
  timeoutMs?: number;
} = {}): Promise<FaultyDatabase> {
  const database = await openTestDatabase({ real });
  const faults = await startFaultyEndpoint(database.endpointUrl);
  return {
    database,
    faults,
    db: openDatabase({ url: databaseUrlOf(faults.url), timeoutMs }),
    async close() {
      await faults.close();
      await database.close();
    },
  };
}

import pg from "pg";
import { CannotRun } from "../command.ts";
import { parseDatabaseUrl } from "./address.ts";

/**
 * A connection of its own to a database: one session, which Neon's HTTP protocol does not give. Values of times and
 * bytes are then written in forms that no setting of the server changes.
 * @throws CannotRun when the address is no Postgres address, or nothing answers there
 */
export async function connect(databaseUrl: string): Promise<pg.Client> {
  parseDatabaseUrl(databaseUrl);
  const client = new pg.Client({
    connectionString: databaseUrl,
    options:
      "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex -c search_path=public",
  });
  client.on("error", () => {}); // a lost connection fails the query that runs on it
  try {
    await client.connect();
  } catch (error) {
    throw databaseFault("The database does not answer", error);
  }
  return client;
}

/**
 * The failure of a database or of the way to it as what may be shown: its code and where, never its message, which
 * can hold a row's values. Anything else stays what it was.
 */
export function databaseFault(what: string, error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    const { code, table, constraint } = error;
    return new CannotRun(`${what}: ${[code, table, constraint].filter(Boolean).join(", ")}.`);
  }
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new CannotRun(`${what}: ${code}.`);
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

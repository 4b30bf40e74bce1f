/** The database that commands on this machine work on, reached as production reaches its own. */
import { DATABASE_TIMEOUT_MS } from "../../src/limits.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { CannotRun } from "../command.ts";
import { givenDatabaseUrl, isNeon, isThisMachine, parseDatabaseUrl } from "./address.ts";
import { migratePglite } from "./migrations.ts";
import type { Backend } from "./neon-endpoint/backend.ts";
import { startNeonEndpoint } from "./neon-endpoint/endpoint.ts";
import { openPglite } from "./neon-endpoint/pglite.ts";
import { openPostgres } from "./neon-endpoint/postgres.ts";
import { OPENER } from "./neon-endpoint/request.ts";

const ANSWERS_WITHIN_MS = 5_000;

export interface DatabaseAddress {
  /** What the driver is given as `DATABASE_URL`. */
  readonly url: string;
  /** Where the driver posts its SQL; none when the database is at Neon. */
  readonly fetchEndpoint: string | undefined;
}

export interface OpenedDatabase extends DatabaseAddress {
  readonly kind: "embedded" | "postgres" | "neon";
  /** Whether it is this machine's own, so that nobody else depends on what is in it. */
  readonly isLocal: boolean;
  readonly close: () => Promise<void>;
}

/** The driver wants an address; the endpoint, which knows its own database, reads nothing in it but the user. */
const endpointUrl = (user: string) => `postgres://${user}:local@127.0.0.1/local`;

/**
 * Opens what `databaseUrl` names: a database at Neon itself, any other Postgres behind an endpoint that speaks Neon's
 * protocol.
 * @param port of the endpoint; any free one when left out
 * @throws CannotRun when the URL is no Postgres URL, or nothing answers there
 */
export async function openAt(databaseUrl: string, port?: number): Promise<OpenedDatabase> {
  const { hostname } = parseDatabaseUrl(databaseUrl);
  if (isNeon(hostname)) {
    return {
      kind: "neon",
      url: databaseUrl,
      fetchEndpoint: undefined,
      isLocal: false,
      close: async () => {},
    };
  }
  const backend = await openPostgres(databaseUrl);
  try {
    await backend.withSession(AbortSignal.timeout(ANSWERS_WITHIN_MS), (session) =>
      session.run({ query: "select 1", params: [] }),
    );
  } catch (error) {
    await backend.close();
    throw new CannotRun(
      `No Postgres answers at ${hostname}: ${(error as Error).message || "connection refused"}`,
    );
  }
  return behindEndpoint("postgres", isThisMachine(hostname), backend, port);
}

/**
 * Opens an embedded Postgres whose files are in `folder`, migrated before anybody can reach it.
 * @param port of the endpoint; any free one when left out
 * @throws CannotRun when it cannot be migrated
 */
export async function openEmbedded(folder: string, port?: number): Promise<OpenedDatabase> {
  const backend = await openPglite({ dataDir: folder });
  try {
    await migratePglite(backend.database);
  } catch (error) {
    await backend.close();
    throw error;
  }
  return behindEndpoint("embedded", true, backend, port);
}

/**
 * How a Worker reaches that database, known before it is open. Without a URL it is an embedded one.
 * @param user whose rights it has; at Neon always those of the URL's
 */
export function addressOf(
  databaseUrl: string | undefined,
  port: number,
  user: string = OPENER,
): DatabaseAddress {
  return databaseUrl !== undefined && isNeon(parseDatabaseUrl(databaseUrl).hostname)
    ? { url: databaseUrl, fetchEndpoint: undefined }
    : { url: endpointUrl(user), fetchEndpoint: `http://127.0.0.1:${port}/sql` };
}

/** The database as the storage layer takes it. */
export function openThrough({ url, fetchEndpoint }: DatabaseAddress): Database {
  const timeoutMs = DATABASE_TIMEOUT_MS;
  return openDatabase({ url, timeoutMs, ...(fetchEndpoint !== undefined && { fetchEndpoint }) });
}

/**
 * Does `work` with the database that `DATABASE_URL` names.
 * @throws CannotRun when the variable is not set or nothing answers there
 */
export async function withGivenDatabase<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
  const database = await openAt(givenDatabaseUrl());
  try {
    return await work(openThrough(database));
  } finally {
    await database.close();
  }
}

async function behindEndpoint(
  kind: "embedded" | "postgres",
  isLocal: boolean,
  backend: Backend,
  port: number | undefined,
): Promise<OpenedDatabase> {
  const endpoint = await startNeonEndpoint({ backend, ...(port !== undefined && { port }) });
  return {
    kind,
    url: endpointUrl(OPENER),
    fetchEndpoint: endpoint.url,
    isLocal,
    close: async () => {
      await endpoint.close();
      await backend.close();
    },
  };
}

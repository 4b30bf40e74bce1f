/**
 * Brings a database up to date with the project's migrations, by drizzle's own migrator: all that are pending and their
 * records in one transaction, so that a failure leaves the database as it was. Before it runs, the database is compared
 * with the journal, which drizzle does not do.
 */
import type { PGlite } from "@electric-sql/pglite";
import { DrizzleQueryError } from "drizzle-orm";
import { drizzle as drizzleOnPostgres } from "drizzle-orm/node-postgres";
import { migrate as migrateOnPostgres } from "drizzle-orm/node-postgres/migrator";
import { drizzle as drizzleOnPglite } from "drizzle-orm/pglite";
import { migrate as migrateOnPglite } from "drizzle-orm/pglite/migrator";
import { CannotRun } from "../command.ts";
import { parseDatabaseUrl, requireDirectHost } from "./address.ts";
import { connect, databaseFault } from "./connect.ts";
import {
  type AppliedMigration,
  MIGRATIONS_FOLDER,
  type Migration,
  pendingMigrations,
  readMigrations,
} from "./journal.ts";
import type { PostgresError } from "./neon-endpoint/backend.ts";

const TABLE = "drizzle.__drizzle_migrations"; // drizzle's own name for it
const LOCK = `select pg_advisory_lock(hashtext('${TABLE}'))`;

/**
 * Migrates a Postgres, over a connection of its own. Safe to run twice at once: a lock of the session lets the second
 * begin when the first is done, and it finds nothing left.
 * @param folder of the migrations; the project's by default
 * @returns the names of those applied now
 * @throws CannotRun when there is no database there, when it holds other migrations than the journal, and when one fails
 */
export async function migratePostgres(
  databaseUrl: string,
  folder: string = MIGRATIONS_FOLDER,
): Promise<string[]> {
  requireDirectHost(parseDatabaseUrl(databaseUrl));
  const client = await connect(databaseUrl);
  try {
    await client.query(LOCK); // until the connection ends
    return await applyPending(folder, {
      query: async (text) => (await client.query(text)).rows,
      apply: () => migrateOnPostgres(drizzleOnPostgres({ client }), { migrationsFolder: folder }),
    });
  } catch (error) {
    throw databaseFault("The database cannot be migrated", error);
  } finally {
    await client.end();
  }
}

/**
 * Migrates an embedded Postgres, which has one session: nobody else may use it meanwhile.
 * @throws CannotRun as `migratePostgres`
 */
export function migratePglite(database: PGlite, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  return applyPending(folder, {
    query: async (text) => (await database.query<Row>(text)).rows,
    apply: () => migrateOnPglite(drizzleOnPglite({ client: database }), { migrationsFolder: folder }),
  });
}

type Row = Readonly<Record<string, unknown>>;

interface Session {
  query(text: string): Promise<Row[]>;
  /** Runs drizzle's migrator. */
  apply(): Promise<void>;
}

async function applyPending(folder: string, session: Session): Promise<string[]> {
  const pending = pendingMigrations(readMigrations(folder), await readApplied(session));
  if (!pending.ok) throw new CannotRun(`The database cannot be migrated: ${pending.reason}`);
  if (pending.migrations.length === 0) return [];
  try {
    await session.apply();
  } catch (error) {
    throw failureOf(error, pending.migrations);
  }
  return pending.migrations.map(({ tag }) => tag);
}

async function readApplied({ query }: Session): Promise<AppliedMigration[]> {
  const [found] = await query(`select to_regclass('${TABLE}') is not null as exists`);
  if (found?.["exists"] !== true) return [];
  const rows = await query(`select hash, created_at from ${TABLE} order by id`);
  return rows.map(({ hash, created_at }) => ({ hash: String(hash), when: Number(created_at) }));
}

/** Which migration failed and why, where Postgres said so; anything else as whoever made it put it. */
function failureOf(error: unknown, migrations: readonly Migration[]): unknown {
  if (!(error instanceof DrizzleQueryError)) return error;
  const cause = error.cause as PostgresError | undefined;
  if (cause?.severity === undefined) return cause; // the way to the database failed
  const failed = migrations.find(({ statements }) => statements.includes(error.query));
  const what = `${failed?.tag ?? "the record of a migration"} failed and nothing was applied`;
  return new CannotRun(`The database cannot be migrated: ${what}: ${cause.message} (${cause.code})`);
}

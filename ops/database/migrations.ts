import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { type AppliedMigration, type Migration, pendingMigrations, readMigrations } from "./journal.ts";

export interface MigrationTarget {
  /** `postgres://…`, as the driver takes it. */
  readonly url: string;
  /** Where the driver posts its SQL when the database is not at Neon. */
  readonly fetchEndpoint?: string | undefined;
}

export type MigrationOutcome =
  /** `applied` names what this call applied; empty when the database was up to date. */
  | { readonly ok: true; readonly applied: readonly string[] }
  | { readonly ok: false; readonly applied: readonly string[]; readonly reason: string };

type Sql = NeonQueryFunction<false, false>;

const LOCK = "SELECT pg_advisory_xact_lock(hashtext('drizzle.__drizzle_migrations'))";

/**
 * Brings a database up to date with `folder` (default: the project's), each migration in one transaction together
 * with its record. drizzle's migrator for this driver would run every statement alone and record all of them at the
 * end, so a failure in the middle would leave a database that it can neither continue nor start again; we keep its
 * table, so its tools can still read what is applied.
 *
 * Safe to run twice at once: the second finds the first's work, or fails and leaves it alone. Rejects when the
 * database cannot be reached.
 */
export async function migrate(target: MigrationTarget, folder?: string): Promise<MigrationOutcome> {
  const { url, fetchEndpoint } = target;
  if (fetchEndpoint !== undefined) neonConfig.fetchEndpoint = () => fetchEndpoint;
  const sql = neon(url);
  const alreadyApplied = await readApplied(sql);
  const pending = pendingMigrations(await readMigrations(folder), alreadyApplied);
  if (!pending.ok) return { ok: false, applied: [], reason: pending.reason };

  const applied: string[] = [];
  for (const migration of pending.migrations) {
    try {
      await apply(sql, migration, alreadyApplied.length + applied.length);
    } catch (error) {
      if (!(error instanceof NeonDbError) || error.code === undefined) throw error;
      const reason = `${migration.tag} failed and changed nothing: ${error.message} (${error.code})`;
      return { ok: false, applied, reason };
    }
    applied.push(migration.tag);
  }
  return { ok: true, applied };
}

async function readApplied(sql: Sql): Promise<AppliedMigration[]> {
  const results = await sql.transaction([
    sql.query(LOCK),
    sql`CREATE SCHEMA IF NOT EXISTS drizzle`,
    sql`CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations
          (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
    sql`SELECT hash, created_at FROM drizzle.__drizzle_migrations ORDER BY id`,
  ]);
  return (results.at(-1) ?? []).map((row) => ({
    hash: String(row["hash"]),
    when: Number(row["created_at"]),
  }));
}

async function apply(sql: Sql, { statements, hash, when }: Migration, countBefore: number): Promise<void> {
  await sql.transaction([
    sql.query(LOCK),
    sql.query(`DO $$ BEGIN
      IF (SELECT count(*) FROM drizzle.__drizzle_migrations) <> ${countBefore} THEN
        RAISE EXCEPTION 'another migration ran at the same time' USING ERRCODE = 'serialization_failure';
      END IF;
    END $$`),
    ...statements.map((statement) => sql.query(statement)),
    sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${hash}, ${when})`,
  ]);
}

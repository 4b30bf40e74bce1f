import { type SQL, sql } from "drizzle-orm";
import { countOverLimit } from "./campaigns.ts";
import type { Database } from "./core/client.ts";
import { rowsOf } from "./core/sql.ts";

/** The two roles that Workers' users are members of, one each (docs/security/database-roles.md). */
export type WorkerRole = "campaign_manager_api" | "campaign_manager_consumer";

/**
 * Whether the database's user has rights that a Worker with this role should not have: it owns the tables, is the other
 * Worker too, or may do what only an administrator does.
 */
export const tooPowerful = (role: WorkerRole): SQL => sql`(
  select acts_as_owner() or u.rolsuper or u.rolcreaterole or u.rolcreatedb or u.rolbypassrls or u.rolreplication
    or exists (
      select from unnest(array['campaign_manager_api', 'campaign_manager_consumer']) as other (name)
      where other.name <> ${role} and pg_has_role(u.rolname, other.name, 'USAGE'))
  from pg_roles u where u.rolname = current_user)`;

/** What the database tells of itself when it answers. */
export interface DatabaseState {
  /** Whether the Worker may do more there than it should. */
  readonly tooPowerful: boolean;
  /** How many active campaigns have a rule over a limit that is newer than they are. */
  readonly campaignsOverLimit: number;
}

/** @throws what a query throws when the database does not answer */
export async function readDatabaseState(db: Database, role: WorkerRole): Promise<DatabaseState> {
  const [row] = rowsOf<{ too_powerful: boolean; over_limit: number }>(
    await db.execute(sql`select ${tooPowerful(role)} as too_powerful, (${countOverLimit}) as over_limit`),
  );
  if (row === undefined) throw new Error("a query without FROM answers one row");
  return { tooPowerful: row.too_powerful, campaignsOverLimit: row.over_limit };
}

/** @throws what a query throws when the database does not answer */
export async function isTooPowerful(db: Database, role: WorkerRole): Promise<boolean> {
  const [found] = rowsOf<{ is: boolean }>(await db.execute(sql`select ${tooPowerful(role)} as is`));
  return found?.is ?? false;
}

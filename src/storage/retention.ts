/** Deletes what is older than a time, oldest first, up to `rows` rows of the kind: one short statement a call. */
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./core/client.ts";
import { type Row, rowsOf } from "./core/sql.ts";
import { awaitDeleting } from "./erasures.ts";
import { deletedEvents } from "./events.ts";

/** How many rows a call deleted: of the kind itself, and with events of what depends on them. */
export interface Deleted {
  readonly rows: number;
  readonly matches?: number;
  readonly conflicts?: number;
}

export const deleteEvents = (db: Database, receivedBefore: string, rows: number): Promise<Deleted> =>
  run(
    db,
    sql`
      with ${deletedEvents(sql`
        select source, id from events where received_at < ${receivedBefore}::timestamptz
        order by received_at limit ${rows}`)}
      select (select count(*) from deleted_events)::int as rows,
             (select count(*) from deleted_matches)::int as matches,
             (select count(*) from deleted_conflicts)::int as conflicts`,
  );

export const deleteDeadLetters = (db: Database, lastBefore: string, rows: number): Promise<Deleted> =>
  run(
    db,
    sql`
      with d as (
        delete from dead_letters where id in (
          select id from dead_letters where last_at < ${lastBefore}::timestamptz order by last_at limit ${rows})
        returning 1
      )
      select count(*)::int as rows from d`,
  );

/** Through a function of the database: the consumer has no right to read sessions. */
export const deleteSessions = (db: Database, endedBefore: string, rows: number): Promise<Deleted> =>
  run(db, sql`select forget_sessions(${endedBefore}::timestamptz, ${rows}) as rows`);

export const deleteErasures = (db: Database, erasedBefore: string, rows: number): Promise<Deleted> =>
  run(
    db,
    sql`
      with x as (
        delete from erasures where subject_hash in (
          select subject_hash from erasures where erased_at < ${erasedBefore}::timestamptz
          order by erased_at limit ${rows})
        returning 1
      )
      select count(*)::int as rows from x`,
  );

async function run(db: Database, statement: SQL): Promise<Deleted> {
  const [, result] = await db.batch([db.execute(awaitDeleting), db.execute(statement)]);
  const [deleted] = rowsOf<Row & Deleted>(result);
  if (deleted === undefined) throw new Error("an aggregate answered no row");
  return deleted;
}

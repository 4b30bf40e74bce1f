/** What was accepted and has not come to an end, as far as the database knows of it. Cheap at any table size. */
import { sql } from "drizzle-orm";
import { STUCK_COUNT_MAX, STUCK_LETTER_SECONDS } from "../limits.ts";
import { formatTime } from "../time.ts";
import type { Database } from "./core/client.ts";
import { iso, type Row, rowsOf } from "./core/sql.ts";
import { awaitSettling, isDecided } from "./dead-letters.ts";

/** Counts go up to `STUCK_COUNT_MAX`, which then means that many or more. */
export interface Stuck extends Row {
  /** Dead letters that wait for an operator, and since when the oldest does. */
  readonly open: number;
  readonly oldest_open_at: string | null;
  /** Of these, those that have waited longer than `STUCK_LETTER_SECONDS`. */
  readonly overdue: number;
  /** Dead letters replayed and neither decided nor open again, and since when the oldest is under way. */
  readonly replayed: number;
  readonly oldest_replayed_at: string | null;
}

/** @param now milliseconds since 1970 */
export async function readStuck(db: Database, now: number): Promise<Stuck> {
  const overdueBefore = formatTime(now - STUCK_LETTER_SECONDS * 1000);
  const [stuck] = rowsOf<Stuck>(
    await db.execute(sql`
      select
        (select count(*)::int from (select from dead_letters where status = 'open' limit ${STUCK_COUNT_MAX}) d)
          as open,
        (select ${iso("min(last_at)")} from dead_letters where status = 'open') as oldest_open_at,
        (select count(*)::int from (
           select from dead_letters where status = 'open' and last_at < ${overdueBefore}::timestamptz
           limit ${STUCK_COUNT_MAX}) d) as overdue,
        (select count(*)::int from (select from dead_letters where status = 'replayed' limit ${STUCK_COUNT_MAX}) d)
          as replayed,
        (select ${iso("min(replayed_at)")} from dead_letters where status = 'replayed') as oldest_replayed_at`),
  );
  if (stuck === undefined) throw new Error("an aggregate answered no row");
  return stuck;
}

/** Where the settling of replays has got to: `replayed_at` and id of a letter. */
type ReplayPosition = readonly [replayedAt: string, id: string];

export interface SettledReplays {
  /** Their event is decided. */
  readonly resolved: number;
  /** Sent before `lostBefore`, and not decided: open again. */
  readonly reopened: number;
  /** Where to go on; null when that was all. */
  readonly next: ReplayPosition | null;
}

/**
 * Looks what became of up to `rows` replayed letters, oldest replay first.
 * @param lostBefore RFC 3339: what was replayed before and is not decided is in no queue any more
 */
export async function settleReplays(
  db: Database,
  lostBefore: string,
  rows: number,
  from: ReplayPosition | null,
): Promise<SettledReplays> {
  const [, result] = await db.batch([
    db.execute(awaitSettling),
    db.execute(sql`
      with chosen as (
        select d.id, d.replayed_at, ${isDecided(sql`d.source`, sql`d.event_id`, sql`d.body`)} as decided
        from dead_letters d
        where d.status = 'replayed'
          and ${from === null ? sql`true` : sql`(d.replayed_at, d.id) > (${from[0]}::timestamptz, ${from[1]}::uuid)`}
        order by d.replayed_at, d.id limit ${rows}
      ), settled as (
        update dead_letters d set
          status = case when c.decided then 'resolved' else 'open' end,
          resolved_at = case when c.decided then now() end
        from chosen c
        -- Replayed again or come again meanwhile: no longer what was looked at.
        where d.id = c.id and d.status = 'replayed' and d.replayed_at = c.replayed_at
          and (c.decided or c.replayed_at < ${lostBefore}::timestamptz)
        returning d.status
      )
      select (select count(*) from settled where status = 'resolved')::int as resolved,
             (select count(*) from settled where status = 'open')::int as reopened,
             (select count(*) from chosen)::int as seen,
             (select jsonb_build_array(${iso("replayed_at")}, id) from chosen order by replayed_at desc, id desc limit 1)
               as last`),
  ]);
  const [settled] = rowsOf<Row & { resolved: number; reopened: number; seen: number; last: ReplayPosition }>(
    result,
  );
  if (settled === undefined) throw new Error("an aggregate answered no row");
  const { resolved, reopened, seen, last } = settled;
  return { resolved, reopened, next: seen === rows ? last : null };
}

/** What unusual use of the product shows in, read from tables that are kept for other reasons. */
import { sql } from "drizzle-orm";
import {
  ANOMALY_COUNT_MAX,
  ANOMALY_HISTORY_DAYS,
  ANOMALY_HISTORY_DAYS_MIN,
  ANOMALY_READING_DAYS,
  ANOMALY_WINDOW_MINUTES,
} from "../limits.ts";
import { formatTime } from "../time.ts";
import type { Database } from "./core/client.ts";
import { rowsOf } from "./core/sql.ts";

export interface Observed {
  /** Users whose password was tried and not found within the last hour from one network: of the busiest network. */
  readonly users_tried: number;
  /** Requests answered 403 in the last ten minutes; null when nothing was read before. */
  readonly forbidden: number | null;
  /** Admins and keys made in the last ten minutes, at an hour of the day at which people have changed nothing lately. */
  readonly made_at_odd_hours: number;
  /** Subjects exported in the last hour by the one who exported most. */
  readonly exports: number;
  /** Conflicts of the last hour under the source that has most. */
  readonly conflicts: number;
  /** Events accepted in the last hour, and in the same hour of each day before, as far as is known. */
  readonly accepted: { readonly now: number | null; readonly before: readonly number[] };
}

/**
 * Keeps what the counters are now, forgets what they were long ago, and reads what is watched. Counts go up to
 * `ANOMALY_COUNT_MAX`.
 * @param now milliseconds since 1970
 */
export async function observe(db: Database, now: number): Promise<Observed> {
  const at = sql`${formatTime(now)}::timestamptz`;
  const window = sql`${at} - make_interval(mins => ${ANOMALY_WINDOW_MINUTES})`;
  /** What a counter was at a time: the last reading of the quarter of an hour before. */
  const reading = (name: string, time: ReturnType<typeof sql>) => sql`(
    select value from counter_readings
    where name = ${name} and at <= ${time} and at > ${time} - interval '15 minutes' order by at desc limit 1)`;
  const growth = (name: string, from: ReturnType<typeof sql>, to: ReturnType<typeof sql>) =>
    sql`(${reading(name, to)} - ${reading(name, from)})`;
  const [, , result] = await db.batch([
    db.execute(sql`
      delete from counter_readings where at < ${at} - make_interval(days => ${ANOMALY_READING_DAYS})`),
    db.execute(sql`
      insert into counter_readings (name, at, value)
      select 'accepted', ${at}, coalesce(sum(value), 0) from metric_counters where name = 'events_accepted_total'
      union all
      select 'forbidden', ${at}, coalesce(sum(value), 0) from metric_counters
      where name = 'security_refusals_total' and starts_with(labels, 'kind="forbidden"')
      on conflict do nothing`),
    db.execute(sql`
      with made as (
        select date_part('hour', at at time zone 'UTC') as hour from audit_log
        where at > ${window} and at <= ${at}
          and (action = 'api_key.create'
               or (target_type = 'user' and after->>'role' = 'admin' and before->>'role' is distinct from 'admin'))
      ), worked as (
        select distinct date_part('hour', at at time zone 'UTC') as hour from audit_log
        where at > ${at} - make_interval(days => ${ANOMALY_HISTORY_DAYS}) and at <= ${at} - interval '1 day'
          and actor_type = 'user' and target_type <> 'session'
      ), known as (
        select exists (
          select from audit_log where at < ${at} - make_interval(days => ${ANOMALY_HISTORY_DAYS_MIN})) as long_enough
      )
      select
        coalesce((select max(users) from (
          select count(*)::int as users from login_throttle
          where network is not null and failures > 0 and last_at > ${at} - interval '1 hour' group by network
        ) as networks), 0) as users_tried,
        ${growth("forbidden", window, at)} as forbidden,
        (select count(*)::int from made, known
         where known.long_enough and not exists (
           select from worked where (worked.hour - made.hour + 25)::int % 24 <= 2)) as made_at_odd_hours,
        coalesce((select max(exports) from (
          select count(*)::int as exports from (
            select actor_id, at from audit_log where action = 'subject.export' order by seq desc
            limit ${ANOMALY_COUNT_MAX}) as latest
          where at > ${at} - interval '1 hour' group by actor_id
        ) as actors), 0) as exports,
        coalesce((select max(conflicts) from (
          select count(*)::int as conflicts from (
            select source from event_conflicts where recorded_at > ${at} - interval '1 hour'
            order by recorded_at desc limit ${ANOMALY_COUNT_MAX}) as latest
          group by source
        ) as sources), 0) as conflicts,
        (select jsonb_build_object(
            'now', max(growth) filter (where days = 0),
            'before', coalesce(jsonb_agg(growth) filter (where days > 0 and growth is not null), '[]'))
         from generate_series(0, 7) as days,
           lateral (select ${at} - make_interval(days => days) as until) as day,
           lateral (select ${growth("accepted", sql`day.until - interval '1 hour'`, sql`day.until`)} as growth) as g
        ) as accepted`),
  ]);
  const [observed] = rowsOf<Observed & Record<string, unknown>>(result);
  if (observed === undefined) throw new Error("a query without FROM answers one row");
  return observed;
}

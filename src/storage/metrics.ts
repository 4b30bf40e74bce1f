import { type SQL, sql } from "drizzle-orm";
import { STUCK_COUNT_MAX } from "../limits.ts";
import { CATALOGUE } from "../telemetry/catalogue.ts";
import type { Increment } from "../telemetry/metric-buffer.ts";
import type { Sample } from "../telemetry/prometheus.ts";
import { countOverLimit, sumActiveSteps } from "./campaigns.ts";
import type { Database } from "./core/client.ts";
import { rowsOf } from "./core/sql.ts";
import { tooPowerful } from "./health.ts";

/**
 * Adds to counters, as the last thing a transaction does: from there until it commits, others that count in the same
 * shard wait. `increments` is jsonb, a list of `{name, labels, value}`, each name with the same labels once.
 */
export const countMetrics = (increments: SQL): SQL => sql`count_metrics(${increments})`;

/** An increment of `countMetrics`; `name` and `labels` are code, `value` is an expression. */
export const increment = (name: string, value: SQL, labels = ""): SQL =>
  sql`jsonb_build_object('name', ${name}::text, 'labels', ${labels}::text, 'value', ${value})`;

/** Adds what an isolate has gathered. Called again after its answer was lost, it counts twice. */
export async function addMetrics(db: Database, increments: readonly Increment[]): Promise<void> {
  if (increments.length === 0) return;
  await db.execute(sql`select ${countMetrics(sql`${JSON.stringify(increments)}::jsonb`)}`);
}

/** Everything counted so far. As many rows as there are names and labels, whatever happened how often. */
export async function readCounters(db: Database): Promise<Sample[]> {
  return samples(await db.execute(counters));
}

const CAUSES = CATALOGUE.dead_letters_open.always.map(({ cause }) => cause);

const counters = sql`
  select name, labels, sum(value) as value from metric_counters group by name, labels order by name, labels`;

/**
 * What metrics show that lies in the database. No part of it reads more when tables grow, but for the campaigns that
 * are active, which are counted in an index.
 */
export async function readMetrics(db: Database): Promise<Sample[]> {
  const [counted, state] = await db.batch([
    db.execute(counters),
    db.execute(sql`
      with open as (
        select cause, letters.*
        from unnest(${sql.param(CAUSES)}::text[]) as c (cause),
          lateral (
            select count(*) as letters, extract(epoch from now() - min(first_at)) as age
            from (select first_at from dead_letters d where d.cause = c.cause and d.status = 'open'
                  order by first_at limit ${STUCK_COUNT_MAX}) as oldest
          ) as letters
      )
      select 'dead_letters_open' as name, format('cause="%s"', cause) as labels, letters as value from open
      union all
      select 'dead_letter_oldest_open_age_seconds', '', greatest(max(age), 0) from open
      union all
      select 'campaigns_active', '', count(*) from campaigns where status = 'active'
      union all
      select 'campaigns_over_limit', '', (${countOverLimit})
      union all
      select 'active_set_steps', '', (${sumActiveSteps})
      union all
      select 'campaign_epoch', '', epoch from campaign_epoch
      union all
      select 'database_role_too_powerful', '', ${tooPowerful("campaign_manager_api")}::int`),
  ]);
  return [...samples(counted), ...samples(state)];
}

const samples = (result: { rows: Record<string, unknown>[] }): Sample[] =>
  rowsOf<{ name: string; labels: string; value: unknown }>(result).map(({ name, labels, value }) => ({
    name,
    labels,
    value: Number(value),
  }));

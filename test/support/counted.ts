import type { Database } from "../../src/storage/core/client.ts";
import { readCounters } from "../../src/storage/metrics.ts";
import type { TestDatabase } from "./database.ts";

/** Counters that tell of rows, as `name{labels}`; those that are 0 are left out. */
type Counts = Readonly<Record<string, number>>;

const OF_ROWS = ["events_decided_total", "matches_total", "event_conflicts_total", "dead_letters_total"];

/** What the metrics say of rows. */
export async function counted(db: Database): Promise<Counts> {
  return Object.fromEntries(
    (await readCounters(db))
      .filter(({ name }) => OF_ROWS.includes(name))
      .map(({ name, labels, value }) => [`${name}{${labels}}`, value]),
  );
}

/** What the tables hold, in the same form. */
export async function truth({ sql }: TestDatabase): Promise<Counts> {
  const rows = await sql`
    select 'events_decided_total{}' as counter, count(*)::int as value from events
    union all select format('matches_total{outcome="%s"}', outcome), count(*)::int from matches group by outcome
    union all select 'event_conflicts_total{}', count(*)::int from event_conflicts
    union all select format('dead_letters_total{cause="%s"}', cause), count(*)::int from dead_letters group by cause`;
  return Object.fromEntries(rows.flatMap(({ counter, value }) => (value === 0 ? [] : [[counter, value]])));
}

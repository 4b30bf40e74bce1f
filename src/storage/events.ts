import { type SQL, sql } from "drizzle-orm";
import type { Outcome } from "../decisions/outcome.ts";
import { EVENTS_OF_ID_READ_MAX } from "../limits.ts";
import type { Sender } from "../messages.ts";
import type { Database } from "./core/client.ts";
import { type Page, type Position, page } from "./core/page.ts";
import { after, all, iso, type Row, rowsOf, sender } from "./core/sql.ts";

/** An event with its decision. Times are RFC 3339 in UTC with milliseconds. */
export interface StoredEvent extends Row {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  readonly sender: Sender | null;
  readonly time: string;
  readonly received_at: string;
  readonly processed_at: string;
  readonly data: Record<string, unknown>;
  readonly matches: {
    readonly campaign_id: string;
    readonly campaign_version: number;
    readonly outcome: Outcome;
  }[];
}

const columns = sql`
  e.id, e.source, e.type, e.subject, ${sender("e")}, ${iso("e.time")} as time, ${iso("e.received_at")} as received_at,
  ${iso("e.processed_at")} as processed_at, e.data,
  coalesce((
    select jsonb_agg(jsonb_build_object('campaign_id', m.campaign_id, 'campaign_version', m.campaign_version,
                                        'outcome', m.outcome)
                     order by m.campaign_id)
    from matches m where m.source = e.source and m.event_id = e.id
  ), '[]') as matches`;

export interface EventFilter {
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  /** Of the event's time: from included, to excluded. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Newest first, by the time the events happened. */
export async function listEvents(
  db: Database,
  filter: EventFilter,
  limit: number,
  from: Position | undefined,
): Promise<Page<StoredEvent>> {
  const rows = rowsOf<StoredEvent>(
    await db.execute(sql`
      select ${columns} from events e
      where ${all([
        filter.type === undefined ? undefined : sql`e.type = ${filter.type}`,
        filter.subject === undefined ? undefined : sql`e.subject = ${filter.subject}`,
        filter.from === undefined ? undefined : sql`e.time >= ${filter.from}::timestamptz`,
        filter.to === undefined ? undefined : sql`e.time < ${filter.to}::timestamptz`,
        after(sql`(e.time, e.source, e.id)`, from, ["timestamptz", "text", "text"]),
      ])}
      order by e.time desc, e.source desc, e.id desc
      limit ${limit + 1}`),
  );
  return page(rows, limit, (row) => [row.time, row.source, row.id]);
}

/** The events with this id: at most one a source; at most two are read, enough to know that it is ambiguous. */
export async function readEvents(
  db: Database,
  id: string,
  source: string | undefined,
): Promise<StoredEvent[]> {
  return rowsOf<StoredEvent>(
    await db.execute(sql`
      select ${columns} from events e
      where e.id = ${id} and ${source === undefined ? sql`true` : sql`e.source = ${source}`}
      limit ${EVENTS_OF_ID_READ_MAX}`),
  );
}

/**
 * Parts of a `with` that delete events and what depends on them: each answers a row for every row it deleted.
 * @param chosen selects `source` and `id` of the events
 */
export const deletedEvents = (chosen: SQL): SQL => sql`
  chosen as (${chosen}), deleted_matches as (
    delete from matches m using chosen where (m.source, m.event_id) = (chosen.source, chosen.id) returning 1
  ), deleted_conflicts as (
    delete from event_conflicts c using chosen where (c.source, c.event_id) = (chosen.source, chosen.id) returning 1
  ), deleted_events as (
    delete from events e using chosen where (e.source, e.id) = (chosen.source, chosen.id) returning 1
  )`;

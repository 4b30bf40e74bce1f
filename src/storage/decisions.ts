import { sql } from "drizzle-orm";
import type { AcceptedEvent } from "../messages.ts";
import type { Database } from "./core/client.ts";
import { failureOf } from "./core/failure.ts";
import { rowsOf } from "./core/sql.ts";
import { holdOffErasures, isErased } from "./erasures.ts";
import { countMetrics, increment } from "./metrics.ts";

const FOREIGN_KEY_VIOLATION = "23503";

/** A setting of the transaction: what one statement of a batch leaves for the next. */
const RECORDED = "campaign_manager.recorded";

/** An event and its content: events of one `(source, id)` that differ are told apart by their hash. */
export type EventContent = Pick<AcceptedEvent, "source" | "id" | "hash">;

/** A campaign, at its version, that an event matched. */
export interface Decision {
  readonly event: EventContent;
  readonly campaignId: string;
  readonly campaignVersion: number;
}

export interface Committed {
  /** Events that this call inserted; the others were there before. */
  readonly inserted: number;
  readonly matched: number;
  /** Events whose `(source, id)` is taken by other content. */
  readonly conflicts: EventContent[];
  /** Events about a subject that was erased after they were received: nothing of them is kept. */
  readonly erased: number;
}

/**
 * Records events and what they matched in one transaction, or nothing, and counts them. An event that is already
 * there keeps its first decision, so the same call may be made any number of times.
 *
 * @param epoch the active set that decided; when it is no longer the current one the query fails with
 *   `epoch_moved` (failure.ts) and nothing is written
 * @param events each content once; of several with the same `(source, id)` the first is recorded
 * @param copies how many more of them came, the same again: counted as duplicates, and nothing else
 */
export async function commitDecisions(
  db: Database,
  epoch: number,
  events: readonly AcceptedEvent[],
  decisions: readonly Decision[],
  copies = 0,
): Promise<Committed> {
  // One order for all writers: two consumers that hold overlapping batches cannot deadlock.
  const ordered = [...events].sort(byKey);
  const [, , recorded, conflicting] = await db.batch([
    db.execute(holdOffErasures),
    db.execute(sql`select assert_campaign_epoch(${epoch})`),
    db.execute(sql`
      with incoming as (
        select e.*, ${isErased(sql`e.subject`, sql`e.received_at`)} as erased
        from jsonb_to_recordset(${JSON.stringify(ordered)}::jsonb) as e (
          source text, id text, type text, subject text, time timestamptz, received_at timestamptz, data jsonb,
          hash text)
      ), inserted as (
        insert into events (source, id, type, subject, time, received_at, epoch, data, data_hash)
        select source, id, type, subject, time, received_at, ${epoch}, data, decode(hash, 'hex')
        from incoming where not erased
        on conflict do nothing
        returning source, id, subject, data_hash
      ), matched as (
        insert into matches (campaign_id, source, event_id, campaign_version, subject)
        select d.campaign_id, i.source, i.id, d.campaign_version, i.subject
        from unnest(
          ${sql.param(decisions.map((d) => d.event.source))}::text[],
          ${sql.param(decisions.map((d) => d.event.id))}::text[],
          ${sql.param(decisions.map((d) => d.event.hash))}::text[],
          ${sql.param(decisions.map((d) => d.campaignId))}::uuid[],
          ${sql.param(decisions.map((d) => d.campaignVersion))}::int[]
        ) as d (source, id, hash, campaign_id, campaign_version)
        join inserted i on (i.source, i.id, i.data_hash) = (d.source, d.id, decode(d.hash, 'hex'))
        returning 1
      ), recorded as (
        select (select count(*) from inserted)::int as inserted, (select count(*) from matched)::int as matched,
               (select coalesce(jsonb_agg(jsonb_build_object('source', source, 'id', id, 'hash', hash)), '[]')
                from incoming where erased) as erased
      )
      -- The counting below wants these numbers, and no statement of a batch sees another's answer.
      select recorded.*, set_config(${RECORDED}, to_jsonb(recorded)::text, true) from recorded`),
    // A statement of its own, for its snapshot: the insert above may have waited for, and then yielded to,
    // a row that its own snapshot cannot see.
    db.execute(sql`
      with recorded as materialized (
        select r.* from jsonb_to_record(current_setting(${RECORDED})::jsonb) as r (
          inserted int, matched int, erased jsonb)
      ), conflicting as (
        select n.source, n.id, n.hash
        from unnest(
          ${sql.param(ordered.map((e) => e.source))}::text[],
          ${sql.param(ordered.map((e) => e.id))}::text[],
          ${sql.param(ordered.map((e) => e.hash))}::text[]
        ) as n (source, id, hash)
        join events e using (source, id)
        where e.data_hash <> decode(n.hash, 'hex') and not exists (
          select from recorded, jsonb_to_recordset(erased) as x (source text, id text, hash text)
          where (x.source, x.id, x.hash) = (n.source, n.id, n.hash))
      ), found as (
        select coalesce(jsonb_agg(to_jsonb(conflicting)), '[]') as conflicts, count(*) as conflicting
        from conflicting
      )
      select conflicts, ${countMetrics(sql`jsonb_build_array(
        ${increment("events_decided_total", sql`inserted`)},
        ${increment("matches_total", sql`matched`)},
        ${increment("events_erased_total", sql`jsonb_array_length(erased)`)},
        ${increment(
          "event_duplicates_total",
          sql`${events.length + copies}::int - inserted - jsonb_array_length(erased) - conflicting`,
        )})`)}
      from recorded, found`),
  ]);
  const [counts] = rowsOf<{ inserted: number; matched: number; erased: EventContent[] }>(recorded);
  const [found] = rowsOf<{ conflicts: EventContent[] }>(conflicting);
  if (counts === undefined || found === undefined) throw new Error("an aggregate answered no row");
  const { inserted, matched, erased } = counts;
  return { inserted, matched, conflicts: found.conflicts, erased: erased.length };
}

/**
 * Keeps events whose `(source, id)` is taken by other content. Keeping the same one again changes nothing.
 *
 * @returns false, and nothing is kept, when one of the events they conflict with is there no more, erased or too
 *   old: its place is then free
 */
export async function recordConflicts(db: Database, events: readonly AcceptedEvent[]): Promise<boolean> {
  try {
    await db.batch([
      db.execute(holdOffErasures),
      db.execute(sql`
        with kept as (
          insert into event_conflicts (source, event_id, data_hash, type, subject, time, received_at, data)
          select source, id, decode(hash, 'hex'), type, subject, time, received_at, data
          from jsonb_to_recordset(${JSON.stringify([...events].sort(byKey))}::jsonb) as e (
            source text, id text, type text, subject text, time timestamptz, received_at timestamptz, data jsonb,
            hash text)
          where not ${isErased(sql`e.subject`, sql`e.received_at`)}
          on conflict do nothing
          returning 1
        )
        select ${countMetrics(sql`jsonb_build_array(
          ${increment("event_conflicts_total", sql`(select count(*) from kept)`)})`)}`),
    ]);
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === "refused" && failure.code === FOREIGN_KEY_VIOLATION) return false;
    throw error;
  }
}

/** Tells contents apart, as text. */
export const contentKey = ({ source, id, hash }: EventContent): string => JSON.stringify([source, id, hash]);

/** By `(source, id)` alone: a stable sort then leaves events that share one in the order they came. */
function byKey(a: AcceptedEvent, b: AcceptedEvent): number {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

import { sql } from "drizzle-orm";
import type { AcceptedEvent } from "../messages.ts";
import type { Database } from "./client.ts";
import { holdOffErasures, isErased } from "./erasures.ts";
import { failureOf } from "./failure.ts";
import { type Row, rowsOf } from "./sql.ts";

const FOREIGN_KEY_VIOLATION = "23503";

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
 * Records events and what they matched in one transaction, or nothing. An event that is already there keeps
 * its first decision, so the same call may be made any number of times.
 *
 * @param epoch the active set that decided; when it is no longer the current one the query fails with
 *   `epoch_moved` (failure.ts) and nothing is written
 * @param events each content once; of several with the same `(source, id)` the first is recorded
 */
export async function commitDecisions(
  db: Database,
  epoch: number,
  events: readonly AcceptedEvent[],
  decisions: readonly Decision[],
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
      )
      select (select count(*) from inserted)::int as inserted, (select count(*) from matched)::int as matched,
             (select coalesce(jsonb_agg(jsonb_build_object('source', source, 'id', id, 'hash', hash)), '[]')
              from incoming where erased) as erased`),
    // A statement of its own, for its snapshot: the insert above may have waited for, and then yielded to,
    // a row that its own snapshot cannot see.
    db.execute(sql`
      select n.source, n.id, n.hash
      from unnest(
        ${sql.param(ordered.map((e) => e.source))}::text[],
        ${sql.param(ordered.map((e) => e.id))}::text[],
        ${sql.param(ordered.map((e) => e.hash))}::text[]
      ) as n (source, id, hash)
      join events e using (source, id)
      where e.data_hash <> decode(n.hash, 'hex')`),
  ]);
  const [counts] = rowsOf<{ inserted: number; matched: number; erased: EventContent[] }>(recorded);
  const { inserted = 0, matched = 0, erased = [] } = counts ?? {};
  const dropped = new Set(erased.map(contentKey));
  const conflicts = rowsOf<Row & EventContent>(conflicting).filter((e) => !dropped.has(contentKey(e)));
  return { inserted, matched, conflicts, erased: erased.length };
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
        insert into event_conflicts (source, event_id, data_hash, type, subject, time, received_at, data)
        select source, id, decode(hash, 'hex'), type, subject, time, received_at, data
        from jsonb_to_recordset(${JSON.stringify([...events].sort(byKey))}::jsonb) as e (
          source text, id text, type text, subject text, time timestamptz, received_at timestamptz, data jsonb,
          hash text)
        where not ${isErased(sql`e.subject`, sql`e.received_at`)}
        on conflict do nothing`),
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

/**
 * The ceiling: the same rows through the same endpoint into the tables as they are today, and nothing else. One
 * transaction of two multi-row inserts a batch; no epoch, no duplicates, no conflicts, no counting.
 */
import { neon } from "@neondatabase/serverless";
import type { AcceptedEvent } from "../../src/messages.ts";

export interface MatchRow {
  readonly campaign_id: string;
  readonly campaign_version: number;
  readonly source: string;
  readonly event_id: string;
  readonly subject: string | null;
}

export type Insert = (events: readonly AcceptedEvent[], matches: readonly MatchRow[]) => Promise<void>;

export function bareInserts(url: string): Insert {
  const sql = neon(url);
  return async (events, matches) => {
    const of = <Row, Value>(rows: readonly Row[], column: (row: Row) => Value) => rows.map(column);
    await sql.transaction([
      sql.query(
        `insert into events (source, id, type, subject, time, received_at, epoch, data)
         select source, id, type, subject, time, received_at, 1, data
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::jsonb[])
           as e (source, id, type, subject, time, received_at, data)`,
        [
          of(events, (e) => e.source),
          of(events, (e) => e.id),
          of(events, (e) => e.type),
          of(events, (e) => e.subject),
          of(events, (e) => e.time),
          of(events, (e) => e.received_at),
          of(events, (e) => JSON.stringify(e.data)),
        ],
      ),
      sql.query(
        `insert into matches (campaign_id, campaign_version, source, event_id, subject)
         select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[])`,
        [
          of(matches, (m) => m.campaign_id),
          of(matches, (m) => m.campaign_version),
          of(matches, (m) => m.source),
          of(matches, (m) => m.event_id),
          of(matches, (m) => m.subject),
        ],
      ),
    ]);
  };
}

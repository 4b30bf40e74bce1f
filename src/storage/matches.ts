import { sql } from "drizzle-orm";
import type { Evidence, Outcome } from "../decisions/outcome.ts";
import type { Database } from "./core/client.ts";
import { type Page, type Position, page } from "./core/page.ts";
import { after, all, iso, type Row, rowsOf } from "./core/sql.ts";

export interface StoredMatch extends Row {
  readonly campaign_id: string;
  readonly campaign_version: number;
  readonly event_id: string;
  readonly source: string;
  readonly subject: string | null;
  readonly outcome: Outcome;
  /** Why it was not granted; null when it was. */
  readonly evidence: Evidence | null;
  /** RFC 3339 in UTC with milliseconds. */
  readonly matched_at: string;
}

export interface MatchFilter {
  readonly campaign_id?: string | undefined;
  readonly subject?: string | undefined;
  readonly event_id?: string | undefined;
  readonly outcome?: Outcome | undefined;
  /** Of `matched_at`: from included, to excluded. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export async function listMatches(
  db: Database,
  filter: MatchFilter,
  limit: number,
  from: Position | undefined,
): Promise<Page<StoredMatch>> {
  const rows = rowsOf<StoredMatch>(
    await db.execute(sql`
      select m.campaign_id, m.campaign_version, m.event_id, m.source, m.subject, m.outcome, m.evidence,
             ${iso("m.matched_at")} as matched_at
      from matches m
      where ${all([
        filter.campaign_id === undefined ? undefined : sql`m.campaign_id = ${filter.campaign_id}::uuid`,
        filter.subject === undefined ? undefined : sql`m.subject = ${filter.subject}`,
        filter.event_id === undefined ? undefined : sql`m.event_id = ${filter.event_id}`,
        filter.outcome === undefined ? undefined : sql`m.outcome = ${filter.outcome}`,
        filter.from === undefined ? undefined : sql`m.matched_at >= ${filter.from}::timestamptz`,
        filter.to === undefined ? undefined : sql`m.matched_at < ${filter.to}::timestamptz`,
        after(sql`(m.matched_at, m.campaign_id, m.source, m.event_id)`, from, [
          "timestamptz",
          "uuid",
          "text",
          "text",
        ]),
      ])}
      order by m.matched_at desc, m.campaign_id desc, m.source desc, m.event_id desc
      limit ${limit + 1}`),
  );
  return page(rows, limit, (row) => [row.matched_at, row.campaign_id, row.source, row.event_id]);
}

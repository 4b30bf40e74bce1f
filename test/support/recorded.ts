import type { TestDatabase } from "./database.ts";

/** What became of events, as the tables hold it; each list in the order of its columns. */
export interface Recorded {
  readonly events: readonly { source: string; id: string; type: string }[];
  readonly matches: readonly { source: string; event_id: string; campaign_id: string; version: number }[];
  readonly conflicts: readonly { source: string; event_id: string; type: string }[];
  readonly deadLetters: readonly {
    cause: string;
    error_code: string | null;
    source: string | null;
    event_id: string | null;
    attempts: number;
    body: string;
  }[];
}

export async function recorded({ sql }: TestDatabase): Promise<Recorded> {
  return {
    events: (await sql`select source, id, type from events order by 1, 2`) as never,
    matches: (await sql`
      select source, event_id, campaign_id, campaign_version as version from matches order by 1, 2, 3`) as never,
    conflicts: (await sql`
      select source, event_id, type from event_conflicts order by 1, 2, 3`) as never,
    deadLetters: (await sql`
      select cause, error_code, source, event_id, attempts, body from dead_letters order by 1, 2, 3, 4`) as never,
  };
}

/** Empties what tests fill. Campaigns leave the active set as they do in life, so that nobody keeps a stale one. */
export async function forgetAll({ sql }: TestDatabase): Promise<void> {
  await sql`update campaigns set status = 'paused' where status = 'active'`;
  await sql`truncate events, event_conflicts, matches, dead_letters, metric_counters`;
}

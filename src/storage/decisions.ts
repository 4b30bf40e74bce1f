import { sql } from "drizzle-orm";
import type { Evidence, Outcome } from "../decisions/outcome.ts";
import type { SentEvent } from "../messages.ts";
import type { Database } from "./core/client.ts";
import { type Row, rowsOf } from "./core/sql.ts";

/** A campaign, at its version, that an event matched. */
export interface Decision {
  /** The event's position among those committed. */
  readonly event: number;
  readonly campaign_id: string;
  readonly campaign_version: number;
  /** Granted where nothing is said. */
  readonly outcome?: Outcome;
  readonly evidence?: Evidence | null;
}

/** What became of events. Those that are none of these were there already, and took no effect. */
export interface Committed {
  readonly inserted: number;
  readonly matched: number;
  /** Kept as conflicts: their `(source, id)` is taken by other content. */
  readonly conflicts: number;
  /** About a subject that was erased after they were received: nothing of them is kept. */
  readonly erased: number;
}

/**
 * Records events, what they matched, and conflicts in one transaction, or nothing, and counts them. An event that is
 * already there keeps its first decision, so the same call may be made any number of times.
 *
 * @param epoch the active set that decided; when it is no longer the current one the query fails with
 *   `epoch_moved` (failure.ts) and nothing is written
 * @param events in the order they came: of several with the same `(source, id)` the first is recorded
 */
export async function commitDecisions(
  db: Database,
  epoch: number,
  events: readonly SentEvent[],
  decisions: readonly Decision[],
): Promise<Committed> {
  const [committed] = rowsOf<Row & Committed>(
    await db.execute(sql`
      select * from commit_decisions(${epoch}, ${JSON.stringify(events)}::jsonb, ${JSON.stringify(decisions)}::jsonb)`),
  );
  if (committed === undefined) throw new Error("a function answered no row");
  return committed;
}

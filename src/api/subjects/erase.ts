import { ERASE_BATCH_ROWS, ERASE_STATEMENTS_MAX } from "../../limits.ts";
import type { Actor } from "../../storage/audit.ts";
import type { Database } from "../../storage/core/client.ts";
import { type ErasedRows, type Erasure, eraseRows, markErased } from "../../storage/subjects.ts";

/**
 * Erases a subject as far as one request may go; asked for again, it goes on. Events that are still in the queues are
 * dropped when they arrive, even before the erasure is complete.
 */
export async function eraseSubject(
  db: Database,
  subject: string,
  erasure: Erasure,
  actor: Actor,
  limits = { rows: ERASE_BATCH_ROWS, statements: ERASE_STATEMENTS_MAX },
): Promise<{ readonly complete: boolean; readonly erased: ErasedRows }> {
  await markErased(db, subject, erasure, actor);
  let erased: ErasedRows = { events: 0, matches: 0, event_conflicts: 0, dead_letters: 0 };
  for (let statements = 0; statements < limits.statements; statements++) {
    const batch = await eraseRows(db, subject, erasure, limits.rows, actor);
    erased = add(erased, batch.erased);
    if (!batch.more) return { complete: true, erased };
  }
  return { complete: false, erased };
}

const add = (a: ErasedRows, b: ErasedRows): ErasedRows => ({
  events: a.events + b.events,
  matches: a.matches + b.matches,
  event_conflicts: a.event_conflicts + b.event_conflicts,
  dead_letters: a.dead_letters + b.dead_letters,
});

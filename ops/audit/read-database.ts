import type { SignedCheckpoint } from "../../src/audit/end.ts";
import type { AuditEntry } from "../../src/audit/record.ts";
import { PAGE_ROWS_MAX } from "../../src/limits.ts";
import { listAudit } from "../../src/storage/audit.ts";
import { listCheckpoints } from "../../src/storage/audit-checkpoints.ts";
import { withGivenDatabase } from "../database/open.ts";

/**
 * The audit and its checkpoints as the database of `DATABASE_URL` holds them, newest first.
 * @throws CannotRun when the variable is not set or nothing answers there
 */
export function readDatabase(): Promise<{
  readonly entries: AuditEntry[];
  readonly checkpoints: SignedCheckpoint[];
}> {
  return withGivenDatabase(async (db) => {
    const entries = await readPages((before) => listAudit(db, {}, PAGE_ROWS_MAX, before));
    const checkpoints = await readPages((before) => listCheckpoints(db, PAGE_ROWS_MAX, before));
    return { entries, checkpoints };
  });
}

async function readPages<Row extends { readonly seq: number }>(
  list: (before: number | undefined) => Promise<{ readonly rows: Row[]; readonly next: unknown }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await list(rows.at(-1)?.seq);
    rows.push(...page.rows);
    if (page.next === null) return rows;
  }
}

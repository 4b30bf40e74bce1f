import type { AuditEntry } from "../../src/audit/record.ts";
import { PAGE_ROWS_MAX } from "../../src/limits.ts";
import { listAudit } from "../../src/storage/audit.ts";
import { listCheckpoints } from "../../src/storage/audit-checkpoints.ts";
import { openLocalDatabase, openThrough } from "../database/open.ts";

/** The audit and its checkpoints' signatures as a database holds them, newest first. */
export async function readDatabase(
  databaseUrl: string,
): Promise<{ readonly entries: AuditEntry[]; readonly signatures: string[] }> {
  const database = await openLocalDatabase(databaseUrl, "");
  try {
    const db = openThrough(database);
    const entries = await readPages((before) => listAudit(db, {}, PAGE_ROWS_MAX, before));
    const checkpoints = await readPages((before) => listCheckpoints(db, PAGE_ROWS_MAX, before));
    return { entries, signatures: checkpoints.map(({ signature }) => signature) };
  } finally {
    await database.close();
  }
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

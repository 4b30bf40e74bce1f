import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { type Row, rowsOf } from "./sql.ts";

/** Answers 401, 403, those to input that is not acceptable (400, 413, 415, 422), and 429. */
export type RefusalName = "unauthenticated" | "forbidden" | "invalid" | "throttled";

export interface RefusalCount extends Row {
  readonly name: RefusalName;
  /** A name of ours, such as `token_expired`: nothing that a client sent. */
  readonly reason: string;
  readonly count: number;
}

export async function addRefusals(db: Database, counts: readonly RefusalCount[]): Promise<void> {
  if (counts.length === 0) return;
  await db.execute(sql`
    insert into security_counters (name, reason, count)
    select name, reason, count
    from jsonb_to_recordset(${JSON.stringify(counts)}::jsonb) as c (name text, reason text, count bigint)
    order by name, reason -- one order for all isolates: no deadlock
    on conflict (name, reason) do update
      set count = security_counters.count + excluded.count, updated_at = now()`);
}

/** How often each kind of refusal happened since the beginning. */
export async function readRefusals(db: Database): Promise<RefusalCount[]> {
  const rows = rowsOf<RefusalCount>(
    await db.execute(sql`select name, reason, count from security_counters order by name, reason`),
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

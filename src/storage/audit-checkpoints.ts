import { sql } from "drizzle-orm";
import type { Checkpoint } from "../audit/chain.ts";
import type { Database } from "./core/client.ts";
import { type Page, page } from "./core/page.ts";
import { iso, type Row, rowsOf } from "./core/sql.ts";

export interface SignedCheckpoint extends Checkpoint, Row {
  /** Compact JWS (auth/checkpoints.ts). */
  readonly signature: string;
}

/** Where the audit ends now, and whether that is after the last checkpoint. */
export interface AuditEnd {
  readonly seq: number;
  readonly hash: string;
  /**
   * - `unmoved`: nothing was written since the last checkpoint
   * - `broken`: the row that the last checkpoint signed is gone or another
   */
  readonly state: "moved" | "unmoved" | "broken";
}

/** Undefined while the audit is empty and always was. */
export async function readAuditEnd(db: Database): Promise<AuditEnd | undefined> {
  const [row] = rowsOf<{ seq: string; hash: string; checkpoint: string | null; intact: boolean | null }>(
    await db.execute(sql`
      select coalesce(l.seq, 0) as seq, encode(l.hash, 'hex') as hash, c.seq as checkpoint,
             (select a.hash = c.hash from audit_log a where a.seq = c.seq) as intact
      from (select 1) one
        left join lateral (select seq, hash from audit_log order by seq desc limit 1) l on true
        left join lateral (select seq, hash from audit_checkpoints order by seq desc limit 1) c on true
      where l.seq is not null or c.seq is not null`),
  );
  if (!row) return undefined;
  const seq = Number(row.seq);
  const state =
    row.checkpoint === null || (row.intact && seq > Number(row.checkpoint))
      ? "moved"
      : row.intact
        ? "unmoved"
        : "broken";
  return { seq, hash: row.hash, state };
}

/** Keeps a checkpoint; false when somebody else has kept one over this row. */
export async function recordCheckpoint(db: Database, checkpoint: SignedCheckpoint): Promise<boolean> {
  const { seq, hash, at, signature } = checkpoint;
  const recorded = await db.execute(sql`
    insert into audit_checkpoints (seq, hash, at, signature)
    values (${seq}, decode(${hash}, 'hex'), ${at}, ${signature})
    on conflict do nothing
    returning seq`);
  return recorded.rows.length > 0;
}

/** Newest first. */
export async function listCheckpoints(
  db: Database,
  limit: number,
  before: number | undefined,
): Promise<Page<SignedCheckpoint>> {
  const rows = rowsOf<SignedCheckpoint>(
    await db.execute(sql`
      select seq, encode(hash, 'hex') as hash, ${iso("at")} as at, signature
      from audit_checkpoints
      where ${before === undefined ? sql`true` : sql`seq < ${before}`}
      order by seq desc
      limit ${limit + 1}`),
  );
  return page(
    rows.map((row) => ({ ...row, seq: Number(row.seq) })),
    limit,
    ({ at, seq }) => [at, String(seq)],
  );
}

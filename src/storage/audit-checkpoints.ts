import { type SQL, sql } from "drizzle-orm";
import type { Checkpoint } from "../audit/chain.ts";
import type { RowState, SignedCheckpoint } from "../audit/end.ts";
import { CHECKPOINTS_INSPECTED } from "../limits.ts";
import type { Database } from "./core/client.ts";
import { type Page, page } from "./core/page.ts";
import { iso, type Row, rowsOf } from "./core/sql.ts";

/** A checkpoint as the database has it, and what the audit has under its number. */
export interface KeptCheckpoint extends SignedCheckpoint {
  readonly row: RowState;
}

/** How the audit ends. */
export interface AuditEnd {
  /** Undefined while the audit is empty. */
  readonly last: { readonly seq: number; readonly hash: string } | undefined;
  /** The newest, at most `CHECKPOINTS_INSPECTED`. */
  readonly checkpoints: readonly KeptCheckpoint[];
  /** What the database has of the checkpoint that is kept outside: the row, and the checkpoint itself. */
  readonly witnessed: { readonly row: RowState; readonly kept: boolean };
  /** When the first row was written that is younger than it; null when there is none. */
  readonly unwitnessedSince: string | null;
}

/** @param witness the checkpoint that is kept outside the database, if any */
export async function readAuditEnd(db: Database, witness: Checkpoint | undefined): Promise<AuditEnd> {
  const { seq = 0, hash = "" } = witness ?? {};
  const [ends] = rowsOf<{
    last: AuditEnd["last"] | null;
    checkpoints: KeptCheckpoint[];
    row: RowState;
    kept: boolean;
    since: string | null;
  }>(
    await db.execute(sql`
      with newest as (
        select seq, hash, at, signature from audit_checkpoints order by seq desc limit ${CHECKPOINTS_INSPECTED}
      ), inspected as (
        select seq, encode(hash, 'hex') as hash, ${iso("at")} as at, signature,
               ${rowState(sql`newest.seq`, sql`newest.hash`)} as row
        from newest
      )
      select (select jsonb_build_object('seq', seq, 'hash', encode(hash, 'hex'))
              from audit_log order by seq desc limit 1) as last,
             (select coalesce(jsonb_agg(i order by seq desc), '[]') from inspected i) as checkpoints,
             ${rowState(sql`${seq}::bigint`, sql`decode(${hash}, 'hex')`)} as row,
             exists (select from audit_checkpoints
                     where seq = ${seq}::bigint and hash = decode(${hash}, 'hex')) as kept,
             (select ${iso("at")} from audit_log where seq > ${seq}::bigint order by seq limit 1) as since`),
  );
  if (ends === undefined) throw new Error("a query without FROM answers one row");
  const { last, checkpoints, row, kept, since } = ends;
  return { last: last ?? undefined, checkpoints, witnessed: { row, kept }, unwitnessedSince: since };
}

/** What the audit has under a number: the row of this hash, another, or none. */
const rowState = (seq: SQL, hash: SQL): SQL => sql`coalesce(
  (select case when a.hash = ${hash} then 'same' else 'differs' end from audit_log a where a.seq = ${seq}),
  'missing')`;

/** Keeps a checkpoint, unless there is one over this row already. */
export async function recordCheckpoint(db: Database, checkpoint: SignedCheckpoint): Promise<void> {
  const { seq, hash, at, signature } = checkpoint;
  await db.execute(sql`
    insert into audit_checkpoints (seq, hash, at, signature)
    values (${seq}, decode(${hash}, 'hex'), ${at}, ${signature})
    on conflict do nothing`);
}

/** Newest first. */
export async function listCheckpoints(
  db: Database,
  limit: number,
  before: number | undefined,
): Promise<Page<SignedCheckpoint>> {
  const rows = rowsOf<Row & SignedCheckpoint>(
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

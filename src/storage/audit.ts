import { type SQL, sql } from "drizzle-orm";
import type { AuditEntry } from "../audit/record.ts";
import { AUDIT_PAGE_BYTES } from "../limits.ts";
import type { Database } from "./core/client.ts";
import { type Page, type Position, page } from "./core/page.ts";
import { all, iso, type Row, rowsOf } from "./core/sql.ts";

/** Who asked for a change, and in which request. */
export interface Actor {
  readonly type: "user" | "api_key" | "operator";
  /** Of the user or API key; null for an operator at the command line. */
  readonly id: string | null;
  readonly requestId: string | null;
  /** The network that the request came from (api/http/client-address.ts), never the whole address. */
  readonly addressPrefix?: string | undefined;
}

/**
 * The last CTE of a statement that changes something: records one audit row for every row of `changed`, which
 * must have the columns `id`, `before` and `after` (jsonb). In the same statement, so no change goes unrecorded.
 * The database numbers and chains the rows, so that their ids need no order. Numbers in `before` and `after` must be such as a double holds, without trailing
 * zeros: an export loses others, and its hash would no longer fit.
 */
export function audited(actor: Actor, action: string, targetType: string, changed: SQL): SQL {
  return sql`audited as (
    insert into audit_log (id, actor_type, actor_id, actor_address, action, target_type, target_id, before, after,
                           request_id)
    select gen_random_uuid(), ${actor.type}, ${actor.id}, ${actor.addressPrefix ?? null}, ${action}, ${targetType},
           id::text, before, after, ${actor.requestId}
    from ${changed}
  )`;
}

export interface AuditFilter {
  /** A user's or API key's id, or a type of actor. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: { readonly type: string; readonly id?: string | undefined } | undefined;
  /** Of `at`: from included, to excluded. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const ACTOR_TYPES = ["user", "api_key", "operator"];

/** Newest first. A page ends early, at `AUDIT_PAGE_BYTES`: a row holds two images of a campaign at most. */
export async function listAudit(
  db: Database,
  filter: AuditFilter,
  limit: number,
  before: number | undefined,
): Promise<Page<AuditEntry>> {
  const { actor, action, target, from, to } = filter;
  const rows = rowsOf<Row & Omit<AuditEntry, "seq"> & { seq: string; fits: boolean }>(
    await db.execute(sql`
      select a.seq, a.id, ${iso("a.at")} as at, a.actor_type, a.actor_id, a.actor_address, a.action, a.target_type,
             a.target_id, a.request_id, encode(a.prev_hash, 'hex') as prev_hash, encode(a.hash, 'hex') as hash,
             fits, case when fits then a.before end as before, case when fits then a.after end as after
      from (
        select *, sum(coalesce(octet_length(before::text), 0) + coalesce(octet_length(after::text), 0))
                    over (order by seq desc) <= ${AUDIT_PAGE_BYTES} or row_number() over (order by seq desc) = 1
                  as fits
        from audit_log
        where ${all([
          actor === undefined
            ? undefined
            : ACTOR_TYPES.includes(actor)
              ? sql`actor_type = ${actor}`
              : sql`actor_id = ${actor}`,
          action === undefined ? undefined : sql`action = ${action}`,
          target === undefined ? undefined : sql`target_type = ${target.type}`,
          target?.id === undefined ? undefined : sql`target_id = ${target.id}`,
          from === undefined ? undefined : sql`at >= ${from}::timestamptz`,
          to === undefined ? undefined : sql`at < ${to}::timestamptz`,
          before === undefined ? undefined : sql`seq < ${before}`,
        ])}
        order by seq desc
        limit ${limit + 1}
      ) a
      order by a.seq desc`),
  );
  const entries = rows
    .filter(({ fits }) => fits)
    .map(({ fits: _, seq, ...row }) => ({ ...row, seq: Number(seq) }));
  const { rows: kept, next } = page<AuditEntry>(entries, limit, positionOf);
  const last = kept.at(-1);
  const more = next !== null || entries.length < rows.length;
  return { rows: kept, next: more && last !== undefined ? positionOf(last) : null };
}

const positionOf = ({ at, seq }: { at: string; seq: number }): Position => [at, String(seq)];

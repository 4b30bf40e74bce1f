import { type SQL, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

/** Who asked for a change, and in which request. */
export interface Actor {
  readonly type: "user" | "api_key" | "operator";
  /** Of the user or API key; null for an operator at the command line. */
  readonly id: string | null;
  readonly requestId: string | null;
}

/**
 * The last CTE of a statement that changes something: records one audit row for every row of `changed`, which
 * must have the columns `id`, `before` and `after` (jsonb). In the same statement, so no change goes unrecorded.
 */
export function audited(actor: Actor, action: string, targetType: string, changed: SQL): SQL {
  return sql`audited as (
    insert into audit_log (id, actor_type, actor_id, action, target_type, target_id, before, after, request_id)
    select ${uuidv7()}::uuid, ${actor.type}, ${actor.id}, ${action}, ${targetType}, id::text, before, after,
           ${actor.requestId}
    from ${changed}
  )`;
}

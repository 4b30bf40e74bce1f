import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { holdOffErasures, isErased } from "./erasures.ts";
import { rowsOf } from "./sql.ts";

export type DeadLetterCause = "malformed_message" | "refused_by_database" | "retries_exhausted";

export interface DeadLetterInput {
  readonly id: string;
  readonly cause: DeadLetterCause;
  /** SQLSTATE or a code of ours. */
  readonly errorCode: string | null;
  readonly source: string | null;
  readonly eventId: string | null;
  readonly type: string | null;
  readonly subject: string | null;
  /** Whom it may be about: the subject, or where there is none to be read, every string in the body. */
  readonly about: readonly string[];
  /** JSON text of what could not be processed, free of NUL. */
  readonly body: string;
  /** SHA-256 of `body` in hex: a letter recorded again only counts its attempts. */
  readonly bodyHash: string;
  /** Of an event that could be read, what tells its content apart (messages.ts). */
  readonly hash: string | null;
  readonly attempts: number;
  /** RFC 3339. */
  readonly firstAt: string;
}

/** What became of letters. Those neither kept nor erased are about events that are decided. */
export interface RecordedLetters {
  readonly kept: number;
  readonly erased: number;
}

/**
 * Keeps letters, except about a subject erased since they were received, and about an event that is decided after
 * all: its last attempt took effect, and only the reply or the acknowledgement was lost.
 */
export async function recordDeadLetters(
  db: Database,
  letters: readonly DeadLetterInput[],
): Promise<RecordedLetters> {
  if (letters.length === 0) return { kept: 0, erased: 0 };
  const [, recorded] = await db.batch([
    db.execute(holdOffErasures),
    db.execute(sql`
      with incoming as (
        select l.*, exists (
          select from jsonb_array_elements_text(l."about") as a (subject)
          where ${isErased(sql`a.subject`, sql`l."firstAt"`)}
        ) as erased, exists (
          select from events e
          where (e.source, e.id, e.data_hash) = (l."source", l."eventId", decode(l."hash", 'hex'))
        ) or exists (
          select from event_conflicts c
          where (c.source, c.event_id, c.data_hash) = (l."source", l."eventId", decode(l."hash", 'hex'))
        ) as decided
        from jsonb_to_recordset(${JSON.stringify(letters)}::jsonb) as l (
          "id" uuid, "cause" text, "errorCode" text, "source" text, "eventId" text, "type" text, "subject" text,
          "about" jsonb, "body" text, "bodyHash" text, "hash" text, "attempts" int, "firstAt" timestamptz)
      ), recorded as (
        insert into dead_letters
          (id, cause, error_code, source, event_id, type, subject, body, body_hash, attempts, first_at)
        select "id", "cause", "errorCode", "source", "eventId", "type", "subject", "body",
               decode("bodyHash", 'hex'), "attempts", "firstAt"
        from incoming where not erased and not decided
        on conflict (body_hash) do update
          set attempts = dead_letters.attempts + excluded.attempts, last_at = now()
      )
      select count(*) filter (where erased)::int as erased,
             count(*) filter (where not erased and not decided)::int as kept
      from incoming`),
  ]);
  const [counts] = rowsOf<{ kept: number; erased: number }>(recorded);
  return { kept: counts?.kept ?? 0, erased: counts?.erased ?? 0 };
}

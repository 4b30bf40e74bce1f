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
  readonly attempts: number;
  /** RFC 3339. */
  readonly firstAt: string;
}

/** Keeps letters, except about a subject erased since they were received; answers how many those were. */
export async function recordDeadLetters(db: Database, letters: readonly DeadLetterInput[]): Promise<number> {
  if (letters.length === 0) return 0;
  const [, recorded] = await db.batch([
    db.execute(holdOffErasures),
    db.execute(sql`
      with incoming as (
        select l.*, exists (
          select from jsonb_array_elements_text(l."about") as a (subject)
          where ${isErased(sql`a.subject`, sql`l."firstAt"`)}
        ) as erased
        from jsonb_to_recordset(${JSON.stringify(letters)}::jsonb) as l (
          "id" uuid, "cause" text, "errorCode" text, "source" text, "eventId" text, "type" text, "subject" text,
          "about" jsonb, "body" text, "bodyHash" text, "attempts" int, "firstAt" timestamptz)
      ), recorded as (
        insert into dead_letters
          (id, cause, error_code, source, event_id, type, subject, body, body_hash, attempts, first_at)
        select "id", "cause", "errorCode", "source", "eventId", "type", "subject", "body",
               decode("bodyHash", 'hex'), "attempts", "firstAt"
        from incoming where not erased
        on conflict (body_hash) do update
          set attempts = dead_letters.attempts + excluded.attempts, last_at = now()
      )
      select count(*)::int as erased from incoming where erased`),
  ]);
  return rowsOf<{ erased: number }>(recorded)[0]?.erased ?? 0;
}

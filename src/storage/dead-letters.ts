import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";

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
  /** JSON text of what could not be processed, free of NUL. */
  readonly body: string;
  /** SHA-256 of `body` in hex: a letter recorded again only counts its attempts. */
  readonly bodyHash: string;
  readonly attempts: number;
  /** RFC 3339. */
  readonly firstAt: string;
}

export async function recordDeadLetters(db: Database, letters: readonly DeadLetterInput[]): Promise<void> {
  if (letters.length === 0) return;
  await db.execute(sql`
    insert into dead_letters
      (id, cause, error_code, source, event_id, type, subject, body, body_hash, attempts, first_at)
    select "id", "cause", "errorCode", "source", "eventId", "type", "subject", "body", decode("bodyHash", 'hex'),
           "attempts", "firstAt"
    from jsonb_to_recordset(${JSON.stringify(letters)}::jsonb) as l (
      "id" uuid, "cause" text, "errorCode" text, "source" text, "eventId" text, "type" text, "subject" text,
      "body" text, "bodyHash" text, "attempts" int, "firstAt" timestamptz)
    on conflict (body_hash) do update
      set attempts = dead_letters.attempts + excluded.attempts, last_at = now()`);
}

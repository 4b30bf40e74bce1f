import { type SQL, sql } from "drizzle-orm";
import type { Sender } from "../messages.ts";
import { type Actor, audited } from "./audit.ts";
import type { Database } from "./core/client.ts";
import { type Page, type Position, page } from "./core/page.ts";
import { after, all, iso, type Row, rowsOf, sender } from "./core/sql.ts";
import { blockErasures, isErased } from "./erasures.ts";
import { countMetrics, increment } from "./metrics.ts";

export const DEAD_LETTER_CAUSES = [
  "malformed_message",
  "refused_by_database",
  "retries_exhausted",
  "too_costly",
] as const;
export type DeadLetterCause = (typeof DEAD_LETTER_CAUSES)[number];

/** `open` → `replayed` → `resolved`, or `open` → `discarded`. A letter that comes again is `open` again. */
export const DEAD_LETTER_STATUSES = ["open", "replayed", "resolved", "discarded"] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

export interface DeadLetterInput {
  readonly id: string;
  readonly cause: DeadLetterCause;
  /** Undefined where it is not known. */
  readonly sender: Sender | undefined;
  /** Of one that was too costly: the campaign that took most of the work, where one is to blame. */
  readonly campaign: { readonly id: string; readonly version: number } | null;
  /** SQLSTATE or a code of ours. */
  readonly errorCode: string | null;
  readonly source: string | null;
  readonly eventId: string | null;
  readonly type: string | null;
  readonly subject: string | null;
  /** The subject, or where there is none to be read, every string in the body that could be one. */
  readonly possibleSubjects: readonly string[];
  /** JSON text of what could not be processed, free of NUL. */
  readonly body: string;
  /** SHA-256 of `body` in hex: a letter recorded again only counts its attempts. */
  readonly bodyHash: string;
  readonly attempts: number;
  /** RFC 3339. */
  readonly firstAt: string;
}

/** What became of letters. Those neither kept nor erased are about events that are decided. */
export interface RecordedLetters {
  readonly kept: number;
  readonly erased: number;
}

/** Whether the event in a letter is processed, or kept as a conflict: found by its identity, told by its content. */
export const isDecided = (source: SQL, eventId: SQL, body: SQL): SQL =>
  sql`holds_decided_event(${source}, ${eventId}, ${body})`;

/**
 * Keeps letters, except about a subject erased since they were received, and about an event that is decided after
 * all: its last attempt took effect, and only the reply or the acknowledgement was lost. A letter that is there
 * already is open again, whatever had become of it: replayed, it failed again; discarded, somebody sent it again.
 */
export async function recordDeadLetters(
  db: Database,
  letters: readonly DeadLetterInput[],
): Promise<RecordedLetters> {
  if (letters.length === 0) return { kept: 0, erased: 0 };
  const [, recorded] = await db.batch([
    db.execute(blockErasures),
    db.execute(sql`
      with incoming as (
        select l.*, exists (
          select from jsonb_array_elements_text(l."possibleSubjects") as s (subject)
          where ${isErased(sql`s.subject`, sql`l."firstAt"`)}
        ) as erased, ${isDecided(sql`l."source"`, sql`l."eventId"`, sql`l."body"`)} as decided
        from jsonb_to_recordset(${JSON.stringify(letters)}::jsonb) as l (
          "id" uuid, "cause" text, "campaign" jsonb, "errorCode" text, "source" text, "eventId" text, "type" text, "subject" text,
          "possibleSubjects" jsonb, "sender" jsonb, "body" text, "bodyHash" text, "attempts" int, "firstAt" timestamptz)
      ), recorded as (
        insert into dead_letters
          (id, cause, campaign_id, campaign_version, error_code, source, event_id, type, subject, sender_kind, sender_id, body, body_hash, attempts,
           first_at)
        -- Two copies in one statement are one letter: a row cannot conflict with another that is not there yet.
        select distinct on ("bodyHash") "id", "cause", ("campaign"->>'id')::uuid, ("campaign"->>'version')::int,
               "errorCode", "source", "eventId", "type", "subject",
               "sender" ->> 'kind', ("sender" ->> 'id')::uuid, "body", decode("bodyHash", 'hex'), "attempts", "firstAt"
        from incoming where not erased and not decided
        order by "bodyHash"
        on conflict (body_hash) do update
          set cause = excluded.cause, campaign_id = excluded.campaign_id,
              campaign_version = excluded.campaign_version, error_code = excluded.error_code, last_at = now(),
              attempts = dead_letters.attempts + excluded.attempts,
              status = 'open', resolved_at = null, discarded_at = null, discard_reason = null
        returning cause, xmax = 0 as is_new -- no transaction has locked or replaced what was not there before
      ), counts as (
        select count(*) filter (where erased)::int as erased,
               count(*) filter (where not erased and not decided)::int as kept
        from incoming
      ), counted as (
        select coalesce(jsonb_agg(jsonb_build_object(
                 'name', 'dead_letters_total', 'labels', format('cause="%s"', cause), 'value', letters)), '[]') as kept
        from (select cause, count(*) as letters from recorded where is_new group by cause) as by_cause
      )
      select counts.*, ${countMetrics(sql`counted.kept || ${increment("events_erased_total", sql`counts.erased`)}`)}
      from counts, counted`),
  ]);
  const [counts] = rowsOf<{ kept: number; erased: number }>(recorded);
  return { kept: counts?.kept ?? 0, erased: counts?.erased ?? 0 };
}

/** A letter without its body. Times are RFC 3339 in UTC with milliseconds. */
export interface DeadLetter extends Row {
  readonly id: string;
  readonly cause: DeadLetterCause;
  /** Of one that was too costly: the campaign, at its version, that took most of the work. */
  readonly campaign_id: string | null;
  readonly campaign_version: number | null;
  readonly error_code: string | null;
  readonly source: string | null;
  readonly event_id: string | null;
  readonly type: string | null;
  readonly subject: string | null;
  readonly sender: Sender | null;
  readonly attempts: number;
  /** When it was received, and when it last came. */
  readonly first_at: string;
  readonly last_at: string;
  readonly status: DeadLetterStatus;
  readonly replayed_at: string | null;
  readonly resolved_at: string | null;
  readonly discarded_at: string | null;
  readonly discard_reason: string | null;
}

export interface DeadLetterWithBody extends DeadLetter {
  /** JSON text of what could not be processed. */
  readonly body: string;
}

/** A letter as a replay needs it. */
export interface LetterToReplay extends DeadLetterWithBody {
  /** Its event is decided after all: sent again by its client, or by a replay whose end was not recorded. */
  readonly decided: boolean;
}

export interface DeadLetterFilter {
  readonly status?: DeadLetterStatus | undefined;
  readonly cause?: DeadLetterCause | undefined;
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly event_id?: string | undefined;
  readonly subject?: string | undefined;
  /** Of `last_at`: from included, to excluded. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const columns = sql`
  d.id, d.cause, d.campaign_id, d.campaign_version, d.error_code, d.source, d.event_id, d.type, d.subject, ${sender("d")}, d.attempts, ${iso("d.first_at")} as first_at,
  ${iso("d.last_at")} as last_at, d.status, ${iso("d.replayed_at")} as replayed_at,
  ${iso("d.resolved_at")} as resolved_at, ${iso("d.discarded_at")} as discarded_at, d.discard_reason`;

const decided = isDecided(sql`d.source`, sql`d.event_id`, sql`d.body`);

const fits = (filter: DeadLetterFilter): SQL =>
  all([
    filter.status === undefined ? undefined : sql`d.status = ${filter.status}`,
    filter.cause === undefined ? undefined : sql`d.cause = ${filter.cause}`,
    filter.type === undefined ? undefined : sql`d.type = ${filter.type}`,
    filter.source === undefined ? undefined : sql`d.source = ${filter.source}`,
    filter.event_id === undefined ? undefined : sql`d.event_id = ${filter.event_id}`,
    filter.subject === undefined ? undefined : sql`d.subject = ${filter.subject}`,
    filter.from === undefined ? undefined : sql`d.last_at >= ${filter.from}::timestamptz`,
    filter.to === undefined ? undefined : sql`d.last_at < ${filter.to}::timestamptz`,
  ]);

const isAfter = (from: Position | undefined): SQL =>
  after(sql`(d.last_at, d.id)`, from, ["timestamptz", "uuid"]);
const positionOf = ({ last_at, id }: DeadLetter): Position => [last_at, id];

/** Newest first, by when they last came, without their bodies. */
export async function listDeadLetters(
  db: Database,
  filter: DeadLetterFilter,
  limit: number,
  from: Position | undefined,
): Promise<Page<DeadLetter>> {
  const rows = rowsOf<DeadLetter>(
    await db.execute(sql`
      select ${columns} from dead_letters d where ${fits(filter)} and ${isAfter(from)}
      order by d.last_at desc, d.id desc limit ${limit + 1}`),
  );
  return page(rows, limit, positionOf);
}

export async function readDeadLetter(db: Database, id: string): Promise<LetterToReplay | undefined> {
  return rowsOf<LetterToReplay>(
    await db.execute(sql`
      select ${columns}, d.body, ${decided} as decided from dead_letters d where d.id = ${id}`),
  )[0];
}

/**
 * Open letters to replay, newest first.
 * @param bytes of bodies: the page ends there, after one letter at least
 */
export async function listLettersToReplay(
  db: Database,
  filter: Omit<DeadLetterFilter, "status">,
  { rows, bytes }: { readonly rows: number; readonly bytes: number },
  from: Position | undefined,
): Promise<Page<LetterToReplay>> {
  const read = rowsOf<LetterToReplay & { fits: boolean }>(
    await db.execute(sql`
      select ${columns}, d.fits, case when d.fits then d.body end as body, ${decided} as decided
      from (
        select d.*, sum(octet_length(d.body)) over newest_first <= ${bytes}
                    or row_number() over newest_first = 1 as fits
        from dead_letters d where ${fits({ ...filter, status: "open" })} and ${isAfter(from)}
        window newest_first as (order by d.last_at desc, d.id desc rows unbounded preceding)
        order by d.last_at desc, d.id desc limit ${rows + 1}
      ) d
      order by d.last_at desc, d.id desc`),
  );
  const whole = read.filter((letter) => letter.fits);
  const kept = whole.slice(0, rows);
  const last = kept.at(-1);
  return { rows: kept, next: kept.length < read.length && last !== undefined ? positionOf(last) : null };
}

/** The first statement of a transaction that settles letters: such transactions take turns, and so never in a circle. */
export const awaitSettling = sql`select pg_advisory_xact_lock(hashtext('dead_letters'))`;

/** What a replay did with a letter. */
export interface ReplayedLetter {
  readonly id: string;
  /** Of the letter as it was read: one that has come again since is open, and stays so. */
  readonly attempts: number;
  /** Whether its event was sent; if not, it is decided. */
  readonly sent: boolean;
}

/**
 * Records that letters were put into the queue again, or found decided. To be called after the queue took them:
 * should it never be, they are still open, and replaying them again takes no effect twice. Letters that somebody
 * else replayed meanwhile are left as they are; of one discarded meanwhile it counts that it was sent.
 * @returns the letters it changed
 */
export async function markReplayed(
  db: Database,
  replayed: readonly ReplayedLetter[],
  actor: Actor,
): Promise<DeadLetter[]> {
  if (replayed.length === 0) return [];
  const [, changed] = await db.batch([
    db.execute(awaitSettling),
    db.execute(sql`
      with replayed as (
        select * from jsonb_to_recordset(${JSON.stringify(replayed)}::jsonb) as r (id uuid, attempts int, sent boolean)
      ), b as (
        select d.id, d.status from dead_letters d join replayed r using (id)
        where d.status = 'open' or (d.status = 'discarded' and r.sent)
        for update of d
      ), d as (
        update dead_letters d set
          status = case when not r.sent then 'resolved' when d.attempts = r.attempts then 'replayed' else 'open' end,
          replayed_at = case when r.sent then now() else d.replayed_at end,
          resolved_at = case when not r.sent then now() end,
          discarded_at = null, discard_reason = null
        from b join replayed r using (id) where d.id = b.id
        returning d.*
      ), changed as (
        select d.id, jsonb_build_object('status', b.status) as before, jsonb_build_object('status', d.status) as after
        from b join d using (id)
      ), ${audited(actor, "dead_letter.replay", "dead_letter", sql`changed`)}
      select ${columns} from d`),
  ]);
  return rowsOf<DeadLetter>(changed);
}

/**
 * Gives up open letters that fit, newest first, up to `rows`.
 * @returns how many it gave up; when it is `rows` there may be more
 */
export async function discardDeadLetters(
  db: Database,
  filter: Omit<DeadLetterFilter, "status"> & { readonly id?: string },
  reason: string,
  rows: number,
  actor: Actor,
): Promise<number> {
  const { id, ...others } = filter;
  const [, result] = await db.batch([
    db.execute(awaitSettling),
    db.execute(sql`
      with chosen as (
        select d.id from dead_letters d
        where ${fits({ ...others, status: "open" })} and ${id === undefined ? sql`true` : sql`d.id = ${id}`}
        order by d.last_at desc, d.id desc limit ${rows}
      ), d as (
        update dead_letters d set status = 'discarded', discarded_at = now(), discard_reason = ${reason}
        from chosen where d.id = chosen.id and d.status = 'open'
        returning d.*
      ), changed as (
        select d.id, jsonb_build_object('status', 'open') as before,
               jsonb_build_object('status', d.status, 'reason', d.discard_reason) as after
        from d
      ), ${audited(actor, "dead_letter.discard", "dead_letter", sql`changed`)}
      select count(*)::int as discarded from d`),
  ]);
  const [counts] = rowsOf<{ discarded: number }>(result);
  return counts?.discarded ?? 0;
}

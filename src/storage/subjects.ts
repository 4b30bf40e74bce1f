/** Everything held about one subject: read page by page, and deleted in batches. */
import { type SQL, sql } from "drizzle-orm";
import { EXPORT_PAGE_ROWS, EXPORT_RULES_SCANNED } from "../limits.ts";
import { type Actor, audited } from "./audit.ts";
import type { Database } from "./core/client.ts";
import { iso, type Row, rowsOf, sender } from "./core/sql.ts";

/** What is held about a subject, by the name that the export gives it. */
export const SUBJECT_STORES = [
  "events",
  "matches",
  "event_conflicts",
  "dead_letters",
  "named_in_rules",
] as const;
export type SubjectStore = (typeof SUBJECT_STORES)[number];

/** The sort key of the last row read, as text. */
type Key = readonly string[];

interface StorePage {
  readonly rows: Row[];
  /** Where the next page begins; null on the last one. */
  readonly next: Key | null;
}

/** The rows of a store that are about a subject, oldest first, from after `key` on. */
export async function readSubjectPage(
  db: Database,
  store: SubjectStore,
  subject: string,
  key: Key | null,
): Promise<StorePage> {
  if (store === "named_in_rules") return readNamedInRules(db, subject, key);
  const { columns, from, where, orderBy, types } = STORES[store];
  const order = sql.raw(orderBy.join(", "));
  const later =
    key === null
      ? sql`true`
      : sql`(${order}) > (${sql.join(
          key.map((value, i) => sql`${value}::${sql.raw(types[i] ?? "text")}`),
          sql`, `,
        )})`;
  const read = rowsOf<Row & { key: Key }>(
    await db.execute(sql`
      select ${columns}, jsonb_build_array(${sql.raw(orderBy.map((column) => `${column}::text`).join(", "))}) as key
      from ${from} where ${where(subject)} and ${later}
      order by ${order} limit ${EXPORT_PAGE_ROWS}`),
  );
  const last = read.at(-1);
  return {
    rows: read.map(({ key: _, ...row }) => row),
    next: read.length === EXPORT_PAGE_ROWS && last !== undefined ? last.key : null,
  };
}

interface Store {
  readonly columns: SQL;
  readonly from: SQL;
  readonly where: (subject: string) => SQL;
  readonly orderBy: readonly string[];
  readonly types: readonly string[];
}

const STORES: Record<Exclude<SubjectStore, "named_in_rules">, Store> = {
  events: {
    columns: sql`e.source, e.id, e.type, e.subject, ${sender("e")}, ${iso("e.time")} as time, ${iso("e.received_at")} as received_at,
      ${iso("e.processed_at")} as processed_at, e.data`,
    from: sql`events e`,
    where: (subject) => sql`e.subject = ${subject}`,
    orderBy: ["e.time", "e.source", "e.id"],
    types: ["timestamptz", "text", "text"],
  },
  matches: {
    columns: sql`m.campaign_id, m.campaign_version, m.source, m.event_id, m.subject, m.outcome, m.evidence,
      ${iso("m.matched_at")} as matched_at`,
    from: sql`matches m`,
    where: (subject) => sql`m.subject = ${subject}`,
    orderBy: ["m.matched_at", "m.campaign_id", "m.source", "m.event_id"],
    types: ["timestamptz", "uuid", "text", "text"],
  },
  event_conflicts: {
    columns: sql`c.source, c.event_id, c.type, c.subject, ${sender("c")}, ${iso("c.time")} as time,
      ${iso("c.received_at")} as received_at, ${iso("c.recorded_at")} as recorded_at, c.data`,
    from: sql`event_conflicts c`,
    where: (subject) => sql`c.subject = ${subject}`,
    orderBy: ["c.source", "c.event_id", "c.data_hash"],
    types: ["text", "text", "bytea"],
  },
  dead_letters: {
    columns: sql`d.id, d.cause, d.error_code, d.source, d.event_id, d.type, d.subject, ${sender("d")}, d.attempts,
      ${iso("d.first_at")} as first_at, ${iso("d.last_at")} as last_at, d.status,
      ${iso("d.replayed_at")} as replayed_at, ${iso("d.resolved_at")} as resolved_at,
      ${iso("d.discarded_at")} as discarded_at, d.discard_reason, d.body`,
    from: sql`dead_letters d`,
    where: aboutSubject,
    orderBy: ["d.id"],
    types: ["uuid"],
  },
};

/**
 * Letters about a subject: those that name it, and of those that name nobody, because what they hold could not be
 * read, those with the subject among their strings, as JSON has it or as JSON within a string of JSON.
 */
function aboutSubject(subject: string): SQL {
  const once = JSON.stringify(subject);
  const twice = JSON.stringify(once).slice(1, -1);
  return sql`(d.subject = ${subject}
    or (d.subject is null and (position(${once} in d.body) > 0 or position(${twice} in d.body) > 0)))`;
}

/** Versions of rules that hold the subject as a value. Other people may be in the same rule: it is not shown. */
async function readNamedInRules(db: Database, subject: string, key: Key | null): Promise<StorePage> {
  const [id = "00000000-0000-0000-0000-000000000000", version = "0"] = key ?? [];
  const [read] = rowsOf<{ scanned: number; last: Key | null; found: Row[] }>(
    await db.execute(sql`
      with scanned as (
        select campaign_id, version, position(to_jsonb(${subject}::text)::text in rule::text) > 0 as names
        from campaign_versions
        where (campaign_id, version) > (${id}::uuid, ${version}::int)
        order by campaign_id, version limit ${EXPORT_RULES_SCANNED}
      )
      select count(*)::int as scanned,
        (array_agg(jsonb_build_array(campaign_id::text, version::text) order by campaign_id desc, version desc))[1]
          as last,
        coalesce(jsonb_agg(jsonb_build_object('campaign_id', campaign_id, 'campaign_version', version)
                           order by campaign_id, version) filter (where names), '[]') as found
      from scanned`),
  );
  if (read === undefined) throw new Error("an aggregate answered no row");
  return { rows: read.found, next: read.scanned === EXPORT_RULES_SCANNED ? read.last : null };
}

/** Leaves in the audit that somebody was handed all that is held about one subject, without saying about whom. */
export async function recordExport(db: Database, exportId: string, actor: Actor): Promise<void> {
  await db.execute(sql`
    with changed as (select ${exportId}::uuid as id, null::jsonb as before, null::jsonb as after),
    ${audited(actor, "subject.export", "export", sql`changed`)}
    select 1`);
}

/** An erasure as its receipt names it. Nothing in it tells of the subject. */
export interface Erasure {
  readonly id: string;
  /** RFC 3339: what was received until then is erased. */
  readonly at: string;
}

/** How many rows were deleted. */
export interface ErasedRows {
  readonly events: number;
  readonly matches: number;
  readonly event_conflicts: number;
  readonly dead_letters: number;
}

/**
 * Marks a subject as erased: from here on, whatever was received about it until `erasure.at` is dropped instead
 * of recorded. When this returns, all that was recorded before is visible to be deleted.
 */
export async function markErased(
  db: Database,
  subject: string,
  erasure: Erasure,
  actor: Actor,
): Promise<void> {
  await db.execute(sql`
    select mark_erased(${erasure.id}::uuid, ${subject}, ${erasure.at}::timestamptz, ${askedBy(actor)})`);
}

/**
 * Deletes up to `rows` rows of each store that are about a subject, with what depends on them. An event takes its
 * matches with it, and the conflicts over its id.
 * @returns also whether there may be more
 */
export async function eraseRows(
  db: Database,
  subject: string,
  erasure: Erasure,
  rows: number,
  actor: Actor,
): Promise<{ readonly erased: ErasedRows; readonly more: boolean }> {
  const [counts] = rowsOf<Row & ErasedRows & { more: boolean }>(
    await db.execute(sql`
      select * from erase_rows(${erasure.id}::uuid, ${subject}, ${rows}::int, ${askedBy(actor)})`),
  );
  if (counts === undefined) throw new Error("a function answered no row");
  const { more, ...erased } = counts;
  return { erased, more };
}

const askedBy = ({ type, id, addressPrefix, requestId }: Actor): SQL =>
  sql`row(${type}, ${id}, ${addressPrefix ?? null}, ${requestId})::erasure_actor`;

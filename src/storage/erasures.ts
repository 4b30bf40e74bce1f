/**
 * What keeps an erased subject erased: the queues may deliver events about it for weeks. `erasures` holds the
 * subject's SHA-256 and the time; whoever records something about subjects looks there in the same transaction,
 * and leaves out what was received at that time or before. What is received later is new, and kept.
 */
import { type SQL, sql } from "drizzle-orm";

/**
 * The first statement of a transaction that records something about subjects: no subject is being marked as erased
 * until it commits. `isErased` belongs into a later statement, whose snapshot then sees every mark there is.
 */
export const blockErasures = sql`select pg_advisory_xact_lock_shared(hashtext('erasures'))`;

/**
 * The first statement of a transaction that deletes what others may be deleting too: they take turns. Subjects are marked
 * and erased by functions of the database (`mark_erased`, `erase_rows` in the migrations), which take these locks too.
 */
export const awaitDeleting = sql`select pg_advisory_xact_lock(hashtext('deleting'))`;

const subjectHash = (subject: SQL): SQL => sql`sha256(convert_to(${subject}, 'UTF8'))`;

/** Whether `subject` has been erased since `receivedAt`; false of a subject that is null. */
export const isErased = (subject: SQL, receivedAt: SQL): SQL => sql`exists (
  select from erasures x where x.subject_hash = ${subjectHash(subject)} and x.erased_at >= ${receivedAt})`;

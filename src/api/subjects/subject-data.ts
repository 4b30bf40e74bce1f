/** What the routes of one subject do with storage/subjects.ts: hand everything out as one document, or erase it. */
import { ERASE_BATCH_ROWS, ERASE_STATEMENTS_MAX } from "../../limits.ts";
import type { Actor } from "../../storage/audit.ts";
import type { Database } from "../../storage/core/client.ts";
import {
  type ErasedRows,
  type Erasure,
  eraseRows,
  markErased,
  readSubjectPage,
  SUBJECT_STORES,
} from "../../storage/subjects.ts";

/**
 * The JSON text of everything held about a subject, piece by piece: one page of rows is in memory at a time. Cut
 * short, it is not JSON.
 */
export async function* subjectDocument(db: Database, subject: string, at: string): AsyncGenerator<string> {
  let text = `{"subject":${JSON.stringify(subject)},"exported_at":${JSON.stringify(at)}`;
  for (const store of SUBJECT_STORES) {
    text += `,"${store}":[`;
    let separator = "";
    let key: readonly string[] | null = null;
    do {
      const { rows, next } = await readSubjectPage(db, store, subject, key);
      for (const row of rows) {
        text += separator + JSON.stringify(row);
        separator = ",";
      }
      key = next;
      yield text;
      text = "";
    } while (key !== null);
    text = "]";
  }
  yield `${text}}`;
}

/** `text` as bytes, made as fast as they are read. What fails after the first piece breaks the stream off. */
export async function streamOf(
  text: AsyncGenerator<string>,
  onFailure: (error: unknown) => void,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  let next: IteratorResult<string> | undefined = await text.next();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = next ?? (await text.next());
        next = undefined;
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        onFailure(error);
        // The runtime logs what it is given here, and a query's error holds the statement and its values.
        controller.error(new Error("broken off"));
      }
    },
    async cancel() {
      await text.return(undefined);
    },
  });
}

/**
 * Erases a subject as far as one request may go. What is not complete goes on when it is asked for again; whatever
 * is in flight is dropped later, complete or not.
 */
export async function eraseSubject(
  db: Database,
  subject: string,
  erasure: Erasure,
  actor: Actor,
  limits = { rows: ERASE_BATCH_ROWS, statements: ERASE_STATEMENTS_MAX },
): Promise<{ readonly complete: boolean; readonly erased: ErasedRows }> {
  await markErased(db, subject, erasure, actor);
  let erased: ErasedRows = { events: 0, matches: 0, event_conflicts: 0, dead_letters: 0 };
  for (let statements = 0; statements < limits.statements; statements++) {
    const batch = await eraseRows(db, subject, erasure, limits.rows, actor);
    erased = add(erased, batch.erased);
    if (!batch.more) return { complete: true, erased };
  }
  return { complete: false, erased };
}

const add = (a: ErasedRows, b: ErasedRows): ErasedRows => ({
  events: a.events + b.events,
  matches: a.matches + b.matches,
  event_conflicts: a.event_conflicts + b.event_conflicts,
  dead_letters: a.dead_letters + b.dead_letters,
});

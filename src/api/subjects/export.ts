import type { Database } from "../../storage/core/client.ts";
import { readSubjectPage, SUBJECT_STORES } from "../../storage/subjects.ts";

/**
 * The JSON text of everything stored about a subject, piece by piece: one page of rows is in memory at a time. If it
 * breaks off, the text is not valid JSON, so that nobody takes it for complete.
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

/** `text` as bytes, made as they are read. An error after the first piece breaks the stream off. */
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
        // The runtime logs an error that is passed on here, and a query's error holds the statement and its values.
        controller.error(new Error("broken off"));
      }
    },
    async cancel() {
      await text.return(undefined);
    },
  });
}

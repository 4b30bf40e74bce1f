import type { PostgresError, Session, StatementResult } from "./backend.ts";
import type { SqlRequest } from "./request.ts";

export type Execution =
  | { readonly kind: "done"; readonly json: string }
  | { readonly kind: "failed"; readonly error: PostgresError }
  | { readonly kind: "too-large" };

/**
 * Runs a request's statements, with the rights of its role, in their order and answers the JSON of the protocol. A
 * batch is all or nothing: the first failure, or a response over `responseBytesMax`, rolls it back. A single query
 * that returns too much has taken effect all the same, at Neon as here.
 */
export async function execute(
  session: Session,
  request: SqlRequest,
  responseBytesMax: number,
): Promise<Execution> {
  const { role, statements, begin } = request;
  if (role !== null) {
    const taken = await session.become(role);
    if (!taken.ok) return { kind: "failed", error: taken.error };
  }
  if (begin !== null) {
    const opened = await control(session, begin);
    if (opened !== null) return opened;
  }

  const results: string[] = [];
  let bytes = 0;
  for (const { query, params, arrayMode } of statements) {
    const outcome = await session.run({ query, params });
    // The session is taken back clean: what is open is rolled back there.
    if (!outcome.ok) return { kind: "failed", error: outcome.error };
    const json = resultJson(outcome.result, arrayMode);
    bytes += Buffer.byteLength(json);
    if (bytes > responseBytesMax) return { kind: "too-large" };
    results.push(json);
  }
  if (begin === null) return { kind: "done", json: results.join() };

  // Deferred constraints and serialisation failures are reported here.
  const closed = await control(session, "COMMIT");
  return closed ?? { kind: "done", json: `{"results":[${results.join()}]}` };
}

async function control(session: Session, query: string): Promise<Execution | null> {
  const outcome = await session.run({ query, params: [] });
  return outcome.ok ? null : { kind: "failed", error: outcome.error };
}

function resultJson({ fields, rows, command, rowCount }: StatementResult, rowAsArray: boolean): string {
  const names = fields.map(({ name }) => name);
  const shapedRows = rowAsArray
    ? rows
    : rows.map((row) => Object.fromEntries(row.map((value, column) => [names[column], value])));
  return JSON.stringify({ fields, rows: shapedRows, command, rowCount, rowAsArray });
}

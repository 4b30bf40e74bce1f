import { quoted } from "../connect.ts";

/** A statement as Neon's protocol carries it: parameters are Postgres text or null, types are Postgres's to infer. */
export interface Statement {
  readonly query: string;
  readonly params: readonly (string | null)[];
}

/** A column of a result, as in Postgres's RowDescription message. */
export interface Field {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
  readonly dataTypeSize: number;
  readonly dataTypeModifier: number;
  readonly format: "text";
}

export interface StatementResult {
  readonly fields: readonly Field[];
  /** Every value is Postgres text or null. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** First word of the command tag: `SELECT`, `INSERT`, `CREATE`, …; empty for an empty statement. */
  readonly command: string;
  /** Rows returned or changed, null for commands that count none. */
  readonly rowCount: number | null;
}

/** The fields of Postgres's ErrorResponse message. A broken connection has a message only, as at Neon. */
export interface PostgresError {
  readonly message: string;
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly internalPosition?: string | undefined;
  readonly internalQuery?: string | undefined;
  readonly where?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: string | undefined;
  readonly routine?: string | undefined;
}

export type StatementOutcome =
  | { readonly ok: true; readonly result: StatementResult }
  | { readonly ok: false; readonly error: PostgresError };

/** One Postgres session, ours alone while we hold it. */
export interface Session {
  /**
   * Goes on with the rights of `role` alone, until the session is given back. Fails where there is no such role, or the
   * user who opened the database may not become it.
   */
  become(role: string): Promise<StatementOutcome>;
  /** Runs exactly one statement over the extended query protocol, as Neon does. */
  run(statement: Statement): Promise<StatementOutcome>;
}

/** Where statements go: an embedded Postgres or a real one. */
export interface Backend {
  /**
   * Lends a session for the time of `work`, then takes it back clean: a transaction left open is rolled back, and a
   * role that was taken is laid down.
   * Rejects when no session can be had, or when `signal` aborts before there is one.
   */
  withSession<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const ROLLBACK: Statement = { query: "ROLLBACK", params: [] };
export const RESET_ROLE: Statement = { query: "RESET ROLE", params: [] };

/** Takes a role for whatever follows in the session; in a transaction, it would end with a rollback. */
export const setRole = (role: string): Statement => ({ query: `SET ROLE ${quoted(role)}`, params: [] });

/** Copies the named fields of a driver's error, so that nothing else in it (stack, connection) is passed on. */
export function postgresError(error: PostgresError): PostgresError {
  const { message, severity, code, detail, hint, position, internalPosition, internalQuery } = error;
  const { where, schema, table, column, dataType, constraint, file, line, routine } = error;
  return {
    ...{ message, severity, code, detail, hint, position, internalPosition, internalQuery },
    ...{ where, schema, table, column, dataType, constraint, file, line, routine },
  };
}

import pg from "pg";
import {
  type Backend,
  type PostgresError,
  postgresError,
  RESET_ROLE,
  type Session,
  type Statement,
  type StatementOutcome,
  setRole,
} from "./backend.ts";

const CONNECTIONS_MAX = 10;

/** What @types/pg leaves out. */
interface ExtendedQuery extends pg.QueryArrayConfig {
  /** Refuses several statements in one text even without parameters, as Neon does. */
  readonly queryMode: "extended";
}
interface Connection extends pg.PoolClient {
  readonly processID: number | null;
  getTransactionStatus(): "I" | "T" | "E" | null;
}

/** A real Postgres, over a pool: requests run in parallel. */
export async function openPostgres(connectionString: string): Promise<Backend> {
  // Times come back as text in the session's time zone; Neon's default is UTC, a server's own need not be.
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS_MAX, options: "-c TimeZone=UTC" });
  // A lost connection fails the statement that runs on it. Without a listener the event would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));

  return {
    async withSession(signal, work) {
      signal.throwIfAborted();
      const connection = (await pool.connect()) as Connection;
      const abandon = () => void terminate(connectionString, connection.processID);
      signal.addEventListener("abort", abandon, { once: true });
      let lost = false;
      let hasRole = false;
      const session: Session = {
        async become(role) {
          hasRole = true;
          return session.run(setRole(role));
        },
        async run(statement) {
          const outcome = await run(connection, statement);
          lost ||= !outcome.ok && endsSession(outcome.error);
          return outcome;
        },
      };
      try {
        signal.throwIfAborted();
        return await work(session);
      } finally {
        signal.removeEventListener("abort", abandon);
        // Given back to the pool only when clean; Neon, too, throws other connections away.
        const isClean = async () =>
          !lost &&
          !signal.aborted &&
          connection.getTransactionStatus() === "I" &&
          (!hasRole || (await session.run(RESET_ROLE)).ok);
        connection.release(!(await isClean()));
      }
    },
    close: () => pool.end(),
  };
}

async function run(connection: Connection, { query, params }: Statement): Promise<StatementOutcome> {
  const config: ExtendedQuery = {
    text: query,
    values: [...params],
    rowMode: "array",
    types: { getTypeParser: () => (text: string) => text },
    queryMode: "extended",
  };
  try {
    const { fields, rows, command, rowCount } = await connection.query<(string | null)[]>(config);
    const textFields = fields.map(
      ({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }) =>
        ({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format: "text" }) as const,
    );
    return { ok: true, result: { fields: textFields, rows, command: command ?? "", rowCount } };
  } catch (error) {
    if (error instanceof pg.DatabaseError) return { ok: false, error: postgresError(error) };
    // The connection broke: whether the statement took effect is unknown. Neon, too, answers without a code.
    return { ok: false, error: { message: `connection error: ${String(error)}` } };
  }
}

/** After FATAL and PANIC Postgres closes the connection; an error without a severity means that it was lost. */
function endsSession({ severity }: PostgresError): boolean {
  return severity !== "ERROR";
}

/** Ends the session of a caller that hung up, as Neon does, so that its statement does not go on waiting for a lock. */
async function terminate(connectionString: string, processID: number | null): Promise<void> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT pg_terminate_backend($1)", [processID]);
  } catch {
    // The server is gone, and the statement with it.
  } finally {
    await client.end();
  }
}

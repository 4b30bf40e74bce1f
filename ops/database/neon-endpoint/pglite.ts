import { mkdir } from "node:fs/promises";
import { messages, PGlite, protocol } from "@electric-sql/pglite";
import {
  type Backend,
  postgresError,
  RESET_ROLE,
  ROLLBACK,
  type Session,
  type Statement,
  type StatementOutcome,
  setRole,
} from "./backend.ts";

export interface PgliteOptions {
  /** Folder that keeps the data between runs, made when missing. Without it the data lives in memory. */
  readonly dataDir?: string;
  /** The folder of another one to start from (`dumpDataDir`): eight times faster than setting up an empty one. */
  readonly loadDataDir?: Blob;
}

export interface PgliteBackend extends Backend {
  /** For whoever needs more than statements, such as the migrator, and only while nobody else uses the backend. */
  readonly database: PGlite;
  /** The data folder as a tar archive, for `loadDataDir`. */
  dumpDataDir(): Promise<Blob>;
}

/**
 * Embedded Postgres. It has one session, so requests take turns.
 *
 * It is spoken to in the wire protocol, one level below PGlite's `query`, which would drop what Neon answers
 * (command, table and column of each field) and convert values that Neon leaves as text.
 */
export async function openPglite({ dataDir, loadDataDir }: PgliteOptions = {}): Promise<PgliteBackend> {
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  const database = await PGlite.create({
    ...(dataDir !== undefined && { dataDir }),
    ...(loadDataDir !== undefined && { loadDataDir }),
  });

  let hasRole = false;
  const session: Session = {
    async become(role) {
      hasRole = true;
      return session.run(setRole(role));
    },
    async run(statement) {
      return outcomeOf(await database.execProtocolStream(wireMessages(statement), { throwOnError: false }));
    },
  };
  const clean = async () => {
    if (database.isInTransaction()) await session.run(ROLLBACK);
    if (hasRole) await session.run(RESET_ROLE);
    hasRole = false;
  };

  return {
    database,
    withSession: (signal, work) =>
      database.runExclusive(async () => {
        signal.throwIfAborted();
        try {
          return await work(session);
        } finally {
          await clean();
        }
      }),
    dumpDataDir: () => database.dumpDataDir("none"),
    close: () => database.close(),
  };
}

function wireMessages({ query, params }: Statement): Uint8Array {
  const { parse, bind, describe, execute, sync } = protocol.serialize;
  return Buffer.concat([
    parse({ text: query }),
    bind({ values: [...params] }),
    describe({ type: "P" }),
    execute(),
    sync(),
  ]);
}

function outcomeOf(answer: readonly object[]): StatementOutcome {
  let fields: messages.Field[] = [];
  let tag = "";
  const rows: (string | null)[][] = [];
  for (const message of answer) {
    if (message instanceof messages.DatabaseError) return { ok: false, error: postgresError(message) };
    if (message instanceof messages.RowDescriptionMessage) fields = message.fields;
    else if (message instanceof messages.DataRowMessage) rows.push(message.fields);
    else if (message instanceof messages.CommandCompleteMessage) tag = message.text;
  }
  return {
    ok: true,
    result: { fields: fields.map((field) => ({ ...field, format: "text" })), rows, ...parseCommandTag(tag) },
  };
}

/** `INSERT 0 2` → INSERT, 2; `SELECT 3` → SELECT, 3; `CREATE TABLE` → CREATE, null. */
function parseCommandTag(tag: string): { command: string; rowCount: number | null } {
  const words = tag.split(" ");
  const count = words.at(-1) ?? "";
  return { command: words[0] ?? "", rowCount: /^\d+$/.test(count) ? Number(count) : null };
}

import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";

/**
 * The user in the connection string of a request that has the rights of whoever opened the database. Any other user
 * names the role whose rights the request has.
 */
export const OPENER = "local";

/** A request of Neon's SQL-over-HTTP protocol. */
export interface SqlRequest {
  /** Whose rights the statements have; null for those of the user who opened the database. */
  readonly role: string | null;
  /** Statements in their order; `arrayMode` asks for rows as arrays instead of objects. */
  readonly statements: readonly { query: string; params: (string | null)[]; arrayMode: boolean }[];
  /** The statement that opens the batch's transaction; null for a single query, which has none of its own. */
  readonly begin: string | null;
}

export type ParsedRequest = { ok: true; request: SqlRequest } | { ok: false; message: string };

const isolationLevels: ReadonlyMap<string, string> = new Map([
  ["ReadUncommitted", "READ UNCOMMITTED"],
  ["ReadCommitted", "READ COMMITTED"],
  ["RepeatableRead", "REPEATABLE READ"],
  ["Serializable", "SERIALIZABLE"],
]);

const statement = z.object({
  query: z.string(),
  params: z.array(z.string().nullable()).default([]),
  arrayMode: z.boolean().optional(),
});
const body = z.union([z.object({ queries: z.array(statement) }), statement]);

/** Checks headers and body. What Neon refuses is refused with a message; what we do not offer, too. */
export function parseRequest(headers: IncomingHttpHeaders, text: string): ParsedRequest {
  const user = userOf(headers["neon-connection-string"]);
  if (user === undefined) return { ok: false, message: "invalid header: neon-connection-string" };
  if (headers["neon-raw-text-output"] !== "true") {
    return { ok: false, message: "this endpoint answers with raw text only: set neon-raw-text-output: true" };
  }
  const begin = beginStatement(headers);
  if (begin === undefined) return { ok: false, message: "invalid isolation level" };

  const parsed = body.safeParse(parseJson(text));
  if (!parsed.success) return { ok: false, message: "could not parse the HTTP request body" };

  const arrayModeDefault = headers["neon-array-mode"] === "true";
  const isBatch = "queries" in parsed.data;
  const statements = "queries" in parsed.data ? parsed.data.queries : [parsed.data];
  return {
    ok: true,
    request: {
      role: user === OPENER ? null : user,
      statements: statements.map(({ query, params, arrayMode = arrayModeDefault }) => ({
        query,
        params,
        arrayMode,
      })),
      begin: isBatch ? begin : null,
    },
  };
}

function userOf(connectionString: string | string[] | undefined): string | undefined {
  if (typeof connectionString !== "string" || !/^postgres(ql)?:\/\//.test(connectionString)) return undefined;
  try {
    return decodeURIComponent(new URL(connectionString).username) || undefined;
  } catch {
    return undefined;
  }
}

function beginStatement(headers: IncomingHttpHeaders): string | undefined {
  const words = ["BEGIN"];
  const isolationLevel = headers["neon-batch-isolation-level"];
  if (isolationLevel !== undefined) {
    const level = isolationLevels.get(String(isolationLevel));
    if (level === undefined) return undefined;
    words.push("ISOLATION LEVEL", level);
  }
  if (headers["neon-batch-read-only"] === "true") words.push("READ ONLY");
  if (headers["neon-batch-deferrable"] === "true") words.push("DEFERRABLE");
  return words.join(" ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import {
  type FullQueryResults,
  type NeonQueryPromise,
  neon,
  neonConfig,
  types,
} from "@neondatabase/serverless";
import type { SQL } from "drizzle-orm";
import { CasingCache } from "drizzle-orm/casing";

/** The answer to one statement; `rowsOf` (sql.ts) gives its rows their shape. */
export type QueryResult = FullQueryResults<false>;

/** A statement that runs when it is awaited, or with others in `batch`. */
export type Query = NeonQueryPromise<false, true, QueryResult>;

/** A database over Neon's HTTP protocol. Throws what `failureOf` (failure.ts) sorts. */
export interface Database {
  /** One statement: one request, a transaction of its own. */
  execute(statement: SQL): Query;
  /** Several statements in one request and one transaction, with their answers in the same order. */
  batch<const Queries extends readonly Query[]>(
    queries: Queries,
  ): Promise<{ [Position in keyof Queries]: QueryResult }>;
}

export interface DatabaseConfig {
  /** `postgres://…` */
  readonly url: string;
  /** Where the driver posts SQL; only the local endpoint sets it. Neon's own is derived from `url`. */
  readonly fetchEndpoint?: string;
  /** A query that has not answered by then is given up; whether it took effect is then unknown. */
  readonly timeoutMs: number;
}

export function openDatabase({ url, fetchEndpoint, timeoutMs }: DatabaseConfig): Database {
  if (fetchEndpoint !== undefined) neonConfig.fetchEndpoint = () => fetchEndpoint;
  neonConfig.fetchFunction = async (input: string, init: RequestInit) => {
    // A redirect would take the connection string elsewhere: it is an answer like any other that is none.
    const response = await fetch(input, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    // Read whole in here, where the driver still takes a lost connection for a database that did not answer.
    return new Response(await response.arrayBuffer(), response);
  };
  const client = neon<false, true>(url, { fullResults: true });
  return {
    execute(statement) {
      const { sql, params } = statement.toQuery(POSTGRES);
      return client.query(sql, params, { types: TIMES_AS_TEXT });
    },
    async batch(queries) {
      return (await client.transaction([...queries])) as { [Position in keyof typeof queries]: QueryResult };
    },
  };
}

/**
 * How drizzle writes a statement for Postgres. Its own driver for Neon would bring the query builder, which nothing
 * here uses, into the bundles.
 */
const POSTGRES: Parameters<SQL["toQuery"]>[0] = {
  casing: new CasingCache(),
  escapeName: (name) => `"${name.replaceAll('"', '""')}"`,
  escapeParam: (position) => `$${position + 1}`,
  escapeString: (text) => `'${text.replaceAll("'", "''")}'`,
};

const { DATE, TIMESTAMP, TIMESTAMPTZ, INTERVAL } = types.builtins;
const TIMES = new Set([DATE, TIMESTAMP, TIMESTAMPTZ, INTERVAL]);

/** Times stay as Postgres writes them: a Date would cut their microseconds. */
const TIMES_AS_TEXT = {
  getTypeParser: (type: number, format?: "text" | "binary") =>
    TIMES.has(type) ? (text: string) => text : types.getTypeParser(type, format),
};

import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import * as schema from "./schema.ts";

export type Database = NeonHttpDatabase<typeof schema>;

export interface DatabaseConfig {
  /** `postgres://…` */
  readonly url: string;
  /** Where the driver posts SQL; only the local endpoint sets it. Neon's own is derived from `url`. */
  readonly fetchEndpoint?: string;
  /** A query that has not answered by then is given up; whether it took effect is then unknown. */
  readonly timeoutMs: number;
}

/**
 * A database over Neon's HTTP protocol: every call is one request and one transaction, `db.batch` included.
 * Throws what `failureOf` (failure.ts) sorts.
 */
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
  return drizzle({ client: neon(url), schema });
}

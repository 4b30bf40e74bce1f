import { neonConfig } from "@neondatabase/serverless";
import { OPENER } from "../../ops/database/neon-endpoint/request.ts";

/**
 * Sends the driver to the host and port of each database's own URL. Its endpoint is one setting for the whole process:
 * a fixed one would send the queries of every open database to the last.
 */
export function useEndpointAtAddress(): void {
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
}

/** Takes back what `openDatabase` has set for the whole process, a time-out in the place of the caller's signal. */
export function useDriverAsItIs(): void {
  neonConfig.fetchFunction = undefined;
}

/**
 * A URL whose host and port are the endpoint's. The database is there because the driver asks for one.
 * @param user whose rights statements have: by default, of whoever opened the database
 */
export function databaseUrlOf(endpointUrl: string, user: string = OPENER): string {
  return `postgres://${user}@${new URL(endpointUrl).host}/test`;
}

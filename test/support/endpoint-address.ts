import { neonConfig } from "@neondatabase/serverless";

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

/** A URL whose host and port are the endpoint's. User and database are there because the driver asks for them. */
export function databaseUrlOf(endpointUrl: string): string {
  return `postgres://test@${new URL(endpointUrl).host}/test`;
}

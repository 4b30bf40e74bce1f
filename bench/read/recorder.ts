import { text } from "node:stream/consumers";
import { startHttpServer } from "../../dev/http-server.ts";
import type { Database } from "../../src/storage/core/client.ts";
import { openDatabase } from "../../src/storage/core/client.ts";

export interface RecordedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Records the last request that the driver makes for a read, at the endpoint that would answer it.
 * @throws Error when the read makes no request
 */
export async function record(read: (db: Database) => Promise<unknown>): Promise<RecordedRequest> {
  let recorded: RecordedRequest | undefined;
  const server = await startHttpServer(async (request, response) => {
    const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("neon-"));
    recorded = { headers: Object.fromEntries(headers) as Record<string, string>, body: await text(request) };
    response.end(JSON.stringify({ fields: [], rows: [], command: "SELECT", rowCount: 0, rowAsArray: true }));
  });
  try {
    const fetchEndpoint = `${server.url}/sql`;
    await read(
      openDatabase({ url: "postgres://local:local@127.0.0.1/local", fetchEndpoint, timeoutMs: 60_000 }),
    );
  } finally {
    await server.close();
  }
  if (recorded === undefined) throw new Error("the read asked the database nothing");
  return recorded;
}

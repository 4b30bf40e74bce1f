import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("neon-"));
      recorded = {
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: Buffer.concat(chunks).toString(),
      };
      response.end(
        JSON.stringify({ fields: [], rows: [], command: "SELECT", rowCount: 0, rowAsArray: true }),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  try {
    const fetchEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`;
    await read(
      openDatabase({ url: "postgres://local:local@127.0.0.1/local", fetchEndpoint, timeoutMs: 5_000 }),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
  if (recorded === undefined) throw new Error("the read asked the database nothing");
  return recorded;
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { startHttpServer } from "../../dev/http-server.ts";
import { createDatabaseFaults, type DatabaseFaults } from "./database-faults.ts";

export interface FaultyEndpoint extends Pick<DatabaseFaults, "fail"> {
  /** Stands in for the URL of the endpoint behind it. */
  readonly url: string;
  close(): Promise<void>;
}

/** A proxy in front of a Neon endpoint that forwards everything, except where a fault is scripted. */
export async function startFaultyEndpoint(endpointUrl: string): Promise<FaultyEndpoint> {
  const { fail, pass } = createDatabaseFaults();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const hungUp = new AbortController();
    response.on("close", () => hungUp.abort());
    const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("neon-"));
    const reply = await pass(body, hungUp.signal, (signal) =>
      fetch(endpointUrl, {
        method: "POST",
        headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
        body,
        signal: signal ?? null,
      }),
    );
    if (reply === undefined || response.destroyed) response.destroy();
    else response.writeHead(reply.status, { "Content-Type": "application/json" }).end(await reply.text());
  }

  // Whoever hung up, on whichever side, the other sees a broken connection.
  const { url, close } = await startHttpServer(serve);
  return { url: `${url}/sql`, fail, close };
}

/** Between the Workers and the Neon endpoint: forwards every statement, except where a fault is drawn. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { startHttpServer } from "../http-server.ts";
import type { Fault, Injector } from "./faults.ts";

export interface DatabaseProxy {
  /** The `NEON_FETCH_ENDPOINT` for the Worker of this name. */
  urlFor(worker: string): string;
  /** Resolves when no statement is on its way to the database any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const OUTAGE_MS = 300;
const COMMIT = /\bcommit_decisions\b/;

/** @param kill ends the Worker of this name at once; resolves when it is gone */
export async function openDatabaseProxy(
  endpointUrl: string,
  injector: Injector,
  kill: (worker: string) => Promise<void>,
): Promise<DatabaseProxy> {
  const forwarding = new Set<Promise<unknown>>();
  let outageUntil = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const worker = (request.url ?? "").slice(1);
    const hungUp = new Promise<void>((resolve) => response.once("close", () => resolve()));
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");

    const fault = Date.now() < outageUntil ? "database outage" : draw(body);
    if (fault !== undefined) injector.struck(fault);
    switch (fault) {
      case undefined: {
        const gone = new AbortController();
        void hungUp.then(() => gone.abort());
        const reply = await forward(request, body, gone.signal);
        response.writeHead(reply.status, { "Content-Type": "application/json" }).end(reply.text);
        return;
      }
      case "database answers 500":
      case "database answers 507":
        response.writeHead(Number(fault.slice(-3))).end("scripted fault");
        return;
      case "database outage":
        if (Date.now() >= outageUntil) outageUntil = Date.now() + OUTAGE_MS;
        response.destroy();
        return;
      case "database drops the connection":
        response.destroy();
        return;
      case "database hangs":
        return hungUp;
      case "database hangs, then commits":
        await hungUp;
        await forward(request, body);
        return;
      case "database commits, connection breaks":
        await forward(request, body);
        response.destroy();
        return;
      case "database commits, reply cut short": {
        const { status, text } = await forward(request, body);
        response.writeHead(status, { "Content-Length": Buffer.byteLength(text) });
        response.write(text.slice(0, text.length / 2), () => response.destroy());
        return;
      }
      case "database commits, answers 500":
        await forward(request, body);
        response.writeHead(500).end("scripted fault");
        return;
      case "consumer killed before commit":
        return kill(worker);
      case "consumer killed during commit":
        await Promise.all([forward(request, body), kill(worker)]);
        return;
      case "consumer killed after commit":
        await forward(request, body);
        return kill(worker);
      default:
        throw new Error(`no such fault of the database: ${fault}`);
    }
  }

  function draw(body: string): Fault | undefined {
    return injector.draw(COMMIT.test(body) ? "commit" : "statement");
  }

  async function forward(
    request: IncomingMessage,
    body: string,
    signal: AbortSignal | null = null,
  ): Promise<{ status: number; text: string }> {
    const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("neon-"));
    const replying = fetch(endpointUrl, {
      method: "POST",
      headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
      body,
      signal,
    }).then(async (reply) => ({ status: reply.status, text: await reply.text() }));
    const settled = replying.catch(() => {});
    forwarding.add(settled);
    void settled.then(() => forwarding.delete(settled));
    return replying;
  }

  // When one side closes the connection, the other side must see it break.
  const { url, close } = await startHttpServer(serve);

  return {
    urlFor: (worker) => `${url}/${worker}`,
    async idle() {
      while (forwarding.size > 0) await Promise.all(forwarding);
    },
    close,
  };
}

/** Where the API Worker's queue binding ends: workerd's protocol for `send`, `sendBatch` and `metrics`, over HTTP. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { startHttpServer } from "../http-server.ts";
import type { Injector } from "./faults.ts";

export interface QueueProxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  close(): Promise<void>;
}

interface SentBatch {
  readonly messages: readonly { readonly body: string; readonly contentType: string }[];
}

/** @param put takes one message's body into the queue */
export async function openQueueProxy(injector: Injector, put: (body: unknown) => void): Promise<QueueProxy> {
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET") {
      response.writeHead(200, { "Content-Type": "application/json" }).end(EMPTY);
      return;
    }
    const bodies = await readBatch(request);
    const fault = injector.draw("send");
    if (fault !== undefined) injector.struck(fault);
    switch (fault) {
      case undefined:
        bodies.forEach(put);
        response.writeHead(200, { "Content-Type": "application/json" }).end(TAKEN);
        return;
      case "queue send refused":
        response.writeHead(500).end("scripted fault");
        return;
      case "queue send dropped":
        response.destroy();
        return;
      case "queue send taken, reply lost":
        bodies.forEach(put);
        response.destroy();
        return;
      case "queue send taken in part":
        bodies.slice(0, Math.floor(bodies.length / 2)).forEach(put);
        response.writeHead(500).end("scripted fault");
        return;
      default:
        throw new Error(`no such fault of the queue: ${fault}`);
    }
  }

  const { port, close } = await startHttpServer(serve);
  return { address: `127.0.0.1:${port}`, close };
}

const NO_BACKLOG = { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 };
/** The answer to `metrics()`: an empty queue, because the harness looks at its queue itself. */
const EMPTY = JSON.stringify(NO_BACKLOG);
const TAKEN = JSON.stringify({ metadata: { metrics: NO_BACKLOG } });

/** Reads a request's body whole. Rejects when it breaks off: the queue takes a batch whole or not at all. */
async function readBatch(request: IncomingMessage): Promise<unknown[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { messages } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as SentBatch;
  return messages.map(({ body, contentType }) => {
    const text = Buffer.from(body, "base64").toString("utf8");
    return contentType === "text" ? text : JSON.parse(text);
  });
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with a request. */
export type Fault =
  /** It is answered in the database's place, and never reaches it. */
  | { readonly kind: "answer"; readonly status: number; readonly body?: string }
  /** The connection breaks before the database sees it. */
  | { readonly kind: "drop" }
  /** It waits for `release`, then goes on to the database; never released, it hangs. */
  | { readonly kind: "hold" }
  /** The database does its work at once, but the reply waits for `release`. */
  | { readonly kind: "hold-reply" }
  /** The database does its work, but the reply is lost: the connection breaks, or `status` is answered instead. */
  | { readonly kind: "lose-reply"; readonly status?: number };

export interface FaultOptions {
  /** Which requests: given the JSON body, and how many requests (from 1) came so far. Default: all. */
  readonly when?: (body: string, count: number) => boolean;
  /** How many of them. Default: every one. */
  readonly times?: number;
}

export interface ScriptedFault {
  /** How many requests it has struck: a test that expects a fault asserts that it happened. */
  readonly hits: number;
  /** Resolves when it strikes first. */
  readonly struck: Promise<void>;
  /** Lets held requests go on, and strikes no more. */
  release(): void;
}

export interface FaultyEndpoint {
  /** Stands in for the URL of the endpoint behind it. */
  readonly url: string;
  /** Scripts a fault. Of several that fit a request, the first scripted strikes. */
  fail(fault: Fault, options?: FaultOptions): ScriptedFault;
  close(): Promise<void>;
}

/** A proxy in front of a Neon endpoint that forwards everything, except where a fault is scripted. */
export async function startFaultyEndpoint(endpointUrl: string): Promise<FaultyEndpoint> {
  const script: ActiveFault[] = [];
  let count = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request);
    count += 1;
    const active = script.find((candidate) => candidate.fits(body, count));
    active?.strike();
    switch (active?.fault.kind) {
      case undefined:
        return forward(request, body, response);
      case "answer":
        response.writeHead(active.fault.status).end(active.fault.body ?? "scripted fault");
        return;
      case "drop":
        response.destroy();
        return;
      case "hold":
        await active.released;
        return response.destroyed ? undefined : forward(request, body, response);
      case "hold-reply": {
        const reply = await post(request, body);
        await active.released;
        return response.destroyed ? undefined : answer(response, reply);
      }
      case "lose-reply":
        await post(request, body);
        if (active.fault.status === undefined) response.destroy();
        else response.writeHead(active.fault.status).end("scripted fault");
    }
  }

  async function forward(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const hungUp = new AbortController();
    response.on("close", () => hungUp.abort());
    answer(response, await post(request, body, hungUp.signal));
  }

  function answer(response: ServerResponse, reply: { readonly status: number; readonly text: string }): void {
    response.writeHead(reply.status, { "Content-Type": "application/json" }).end(reply.text);
  }

  async function post(request: IncomingMessage, body: string, signal?: AbortSignal) {
    const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("neon-"));
    const reply = await fetch(endpointUrl, {
      method: "POST",
      headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
      body,
      signal: signal ?? null,
    });
    return { status: reply.status, text: await reply.text() };
  }

  const server = createServer((request, response) => {
    // Whoever hung up, on whichever side, the other sees a broken connection.
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`,
    fail(fault, options) {
      const active = activate(fault, options);
      script.push(active);
      return active;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface ActiveFault extends ScriptedFault {
  readonly fault: Fault;
  readonly released: Promise<void>;
  fits(body: string, count: number): boolean;
  strike(): void;
}

function activate(
  fault: Fault,
  { when = () => true, times = Number.POSITIVE_INFINITY }: FaultOptions = {},
): ActiveFault {
  const struck = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let hits = 0;
  let remaining = times;
  return {
    fault,
    struck: struck.promise,
    released: released.promise,
    get hits() {
      return hits;
    },
    fits: (body, count) => remaining > 0 && when(body, count),
    strike() {
      hits += 1;
      remaining -= 1;
      struck.resolve();
    },
    release() {
      remaining = 0;
      released.resolve();
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

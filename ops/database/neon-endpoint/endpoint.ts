import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Backend } from "./backend.ts";
import { execute } from "./execute.ts";
import { parseRequest } from "./request.ts";

/** In bytes. */
export interface EndpointLimits {
  readonly request: number;
  readonly response: number;
}

const NEON_LIMITS: EndpointLimits = { request: 64 * 1024 * 1024, response: 64 * 1024 * 1024 };

export interface NeonEndpointOptions {
  /** Where the SQL runs. Stays open when the endpoint closes: who opened it closes it. */
  readonly backend: Backend;
  /** Default: any free port. */
  readonly port?: number;
  /** Default: this machine only. There is no password: whoever reaches the endpoint may take any role. */
  readonly host?: string;
  /** Default: Neon's. */
  readonly limits?: EndpointLimits;
}

export interface NeonEndpoint {
  /** What `neonConfig.fetchEndpoint` wants: `http://127.0.0.1:<port>/sql`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Speaks Neon's SQL-over-HTTP protocol on this machine, so that local runs use the driver of production. The user in a
 * request's connection string is the role whose rights it has; `local` is the user who opened the database.
 * Source: the protocol as the driver speaks it and `proxy/src/serverless/sql_over_http.rs` of neondatabase/neon
 * answers it.
 */
export async function startNeonEndpoint(options: NeonEndpointOptions): Promise<NeonEndpoint> {
  const { backend, port = 0, host = "127.0.0.1", limits = NEON_LIMITS } = options;
  const server = createServer((request, response) => {
    const hungUp = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) hungUp.abort();
    });
    answer(backend, limits, request, hungUp.signal).then(
      (reply) => send(response, reply),
      (error: unknown) =>
        send(response, { status: 500, json: messageJson(`database unavailable: ${String(error)}`) }),
    );
  });
  // Never close an idle connection: to a client that writes to it at that moment it would look like a lost commit.
  server.keepAliveTimeout = 0;

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: boundPort } = server.address() as AddressInfo;

  return {
    url: `http://${host}:${boundPort}/sql`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

interface Reply {
  readonly status: number;
  readonly json: string;
}

async function answer(
  backend: Backend,
  limits: EndpointLimits,
  request: IncomingMessage,
  hungUp: AbortSignal,
): Promise<Reply> {
  if (request.url !== "/sql") return { status: 404, json: messageJson("not found: post to /sql") };
  if (request.method !== "POST")
    return { status: 405, json: messageJson("method not allowed: post to /sql") };
  // Only browsers send an Origin, and no web page may reach a database on this machine.
  if (request.headers.origin !== undefined) return { status: 403, json: messageJson("not for browsers") };

  const text = await readBody(request, limits.request);
  if (text === null) {
    return { status: 413, json: messageJson(`request is too large (max is ${limits.request} bytes)`) };
  }
  const parsed = parseRequest(request.headers, text);
  if (!parsed.ok) return { status: 400, json: messageJson(parsed.message) };

  const execution = await backend.withSession(hungUp, (session) =>
    execute(session, parsed.request, limits.response),
  );
  switch (execution.kind) {
    case "done":
      return { status: 200, json: execution.json };
    case "failed":
      return { status: 400, json: JSON.stringify(execution.error, nullForUndefined) };
    case "too-large":
      return { status: 507, json: messageJson(`response is too large (max is ${limits.response} bytes)`) };
  }
}

/**
 * The whole body as text, or null when it is over the limit. Read to its end all the same: a client that is still sending
 * would not see the answer.
 */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  return bytes > bytesMax ? null : Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, { status, json }: Reply): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(json);
}

function messageJson(message: string): string {
  return JSON.stringify({ message });
}

/** Neon names every field of an error, absent ones as null. */
function nullForUndefined(_key: string, value: unknown): unknown {
  return value === undefined ? null : value;
}

/**
 * A load generator that costs little: HTTP/1.1 over kept-alive sockets, requests made beforehand, one at a time on each
 * connection (closed loop). Node's own client takes about as much processor time as the servers it would measure.
 */
import { connect, type Socket } from "node:net";
import { processorMs } from "./processor.ts";

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Whole requests as they go over the wire, taken in turn. */
  readonly requests: readonly Buffer[];
  /** The status every answer must have. */
  readonly status: number;
  /** The process that answers. */
  readonly pid: number;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds from the first byte sent to the last received. */
  readonly p50: number;
  readonly p99: number;
  readonly answered: number;
  /** Of the answering process, a request. */
  readonly processorUs: number;
  /** How much of one core the generator itself took, from 0 to 1. Close to 1, the generator was the bottleneck. */
  readonly generatorShare: number;
}

export function httpRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Buffer {
  const given = body === "" ? headers : { ...headers, "Content-Length": String(Buffer.byteLength(body)) };
  const lines = Object.entries({ Host: "127.0.0.1", ...given }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

/** @throws Error when an answer has another status, or a connection breaks */
export async function run(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  let next = 0;
  let until = Number.POSITIVE_INFINITY;
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.port)));
  try {
    const processor = processorMs(load.pid);
    const own = process.cpuUsage();
    const began = performance.now();
    until = began + load.seconds * 1_000;
    await Promise.all(
      sockets.map(async (socket) => {
        const answers = createAnswers(socket);
        while (performance.now() < until) {
          const request = load.requests[next++ % load.requests.length] ?? Buffer.alloc(0);
          const sent = performance.now();
          const answered = answers.next();
          socket.write(request);
          const { status, text } = await answered;
          if (status !== load.status)
            throw new Error(`answered ${status} instead of ${load.status}: ${text()}`);
          latencies.push(performance.now() - sent);
        }
      }),
    );
    const ms = performance.now() - began;
    const { user, system } = process.cpuUsage(own);
    const answered = latencies.length;
    const sorted = Float64Array.from(latencies).sort();
    const at = (share: number) => sorted[Math.min(answered - 1, Math.floor(answered * share))] ?? Number.NaN;
    return {
      perSecond: (answered * 1_000) / ms,
      p50: at(0.5),
      p99: at(0.99),
      answered,
      processorUs: ((processorMs(load.pid) - processor) * 1_000) / answered,
      generatorShare: (user + system) / 1_000 / ms,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** One request by itself. */
export async function ask(
  port: number,
  request: Buffer,
): Promise<{ readonly status: number; readonly text: string }> {
  const socket = await open(port);
  try {
    const answered = createAnswers(socket).next();
    socket.write(request);
    const { status, text } = await answered;
    return { status, text: text() };
  } finally {
    socket.destroy();
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

interface Answer {
  readonly status: number;
  /** The body; of a chunked one the chunks with their sizes. */
  readonly text: () => string;
}

/** Answers of a socket, one for each call of `next`, which comes before its request is sent. */
function createAnswers(socket: Socket): { next(): Promise<Answer> } {
  let pending: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  let chunks: Buffer[] = [];
  let length = 0;
  let head: { status: number; bodyAt: number; bytes: number | undefined } | undefined;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (head === undefined) {
      if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
      head = headOf(chunks[0] ?? chunk);
      if (head === undefined) return;
    }
    const { status, bodyAt, bytes } = head;
    if (bytes === undefined ? !chunk.subarray(-5).equals(LAST_CHUNK) : length < bodyAt + bytes) return;
    const received = chunks;
    const waiting = pending;
    chunks = [];
    length = 0;
    head = undefined;
    pending = undefined;
    waiting?.resolve({ status, text: () => Buffer.concat(received).subarray(bodyAt).toString() });
  });
  const broken = () => pending?.reject(new Error("the connection broke"));
  socket.on("close", broken);
  socket.on("error", broken);
  return {
    next: () =>
      new Promise((resolve, reject) => {
        pending = { resolve, reject };
      }),
  };
}

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** Undefined while the headers are not all there; `bytes` is undefined of a chunked body. */
function headOf(data: Buffer) {
  const end = data.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const text = data.toString("latin1", 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return {
    status: Number(text.slice(9, 12)),
    bodyAt: end + 4,
    bytes: length === undefined ? undefined : Number(length),
  };
}

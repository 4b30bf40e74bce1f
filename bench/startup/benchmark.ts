/**
 * The size of each Worker's bundle, and its processor time from the start to the first answer in plain workerd, less
 * that of an empty Worker: reading and running the bundle, checking the environment, importing the key, answering.
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { API_GZIP_BYTES_MAX, type Bundle, bundle } from "../../dev/workerd/bundle.ts";
import { apiConfig, type ConfigFiles, consumerConfig } from "../../dev/workerd/configuration.ts";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { type Benchmark, middle, note } from "../figures.ts";
import { ask, httpRequest } from "../service/load.ts";
import { processorMs } from "../service/processor.ts";
import { startWorker } from "../service/worker.ts";

const STARTS = 15;
const CPU_MS_MAX = 150; // Cloudflare allows 1,000
const CASES = ["api", "consumer"] as const;
const OURS = "campaign-manager";
const PEER = "hono";

interface Subject {
  readonly engine: string;
  readonly case: string;
  readonly bundle: Bundle;
  readonly files: ConfigFiles;
  readonly first: Buffer;
}

export const startup: Benchmark = {
  summary: "bundle size and processor time to the first answer of each Worker; n is the number of starts",
  cases: CASES,
  engines: [OURS, PEER],
  runtimes: ["workerd"],
  async run(selection, emit) {
    const [n = STARTS] = selection.sizes ?? [];
    const { empty, subjects } = await make();
    const chosen = subjects.filter(
      (subject) =>
        selection.cases?.includes(subject.case) !== false &&
        selection.engines?.includes(subject.engine) !== false,
    );
    // In turns, so that other load affects both alike; the first turn reads files from the disk and does not count.
    const spent = new Map<Subject, number[]>([empty, ...chosen].map((subject) => [subject, []]));
    for (let turn = 0; turn <= n; turn++) {
      for (const [subject, times] of spent) {
        const ms = await firstAnswer(subject);
        if (turn > 0) times.push(ms);
      }
    }
    const base = middle(spent.get(empty) ?? []);
    note(`an empty Worker's first answer takes ${base} ms of processor time`);
    let met = true;
    for (const subject of chosen) {
      const figure = (metric: string, value: number, unit: string) =>
        emit({
          bench: "startup",
          case: subject.case,
          n,
          engine: subject.engine,
          runtime: "workerd",
          metric,
          value,
          unit,
        });
      const parts = [Buffer.from(subject.bundle.module), ...Object.values(subject.bundle.wasm)];
      const sum = (of: (part: Buffer) => number) => parts.reduce((total, part) => total + of(part), 0);
      const bytes = sum((part) => gzipSync(part).length);
      const times = (spent.get(subject) ?? []).map((ms) => ms - base);
      figure(
        "bundle",
        sum((part) => part.length),
        "B",
      );
      figure("bundle_gzip", bytes, "B");
      figure("startup_median", middle(times), "ms");
      figure("startup_max", Math.max(...times), "ms");
      if (subject.engine !== OURS) continue;
      if (bytes > API_GZIP_BYTES_MAX || middle(times) > CPU_MS_MAX) {
        met = false;
        note(`missed: the ${subject.case} Worker is over ${API_GZIP_BYTES_MAX} bytes or ${CPU_MS_MAX} ms`);
      }
    }
    return met;
  },
};

async function make(): Promise<{ readonly empty: Subject; readonly subjects: readonly Subject[] }> {
  const [api, consumer, hono] = await Promise.all([
    bundle("wrangler.toml"),
    bundle("wrangler.consumer.toml"),
    honoModule(),
  ]);
  const { pem } = await generateSigningKey();
  const values = {
    DATABASE_URL: "postgres://local:local@127.0.0.1/local",
    NEON_FETCH_ENDPOINT: "http://127.0.0.1:9/sql",
    ALLOW_HTTP: "loopback",
    JWT_SIGNING_KEY: pem,
  };
  const of = (product: Bundle) => ({ bundle: product, values, queueAddress: "127.0.0.1:9" });
  const get = httpRequest("GET", "/health", {});
  const deliver = httpRequest("POST", "/", {}, JSON.stringify({ queue: "events", messages: [] }));
  const http = (engine: string, product: Bundle): Subject => ({
    engine,
    case: "api",
    bundle: product,
    files: apiConfig(of(product)),
    first: get,
  });
  return {
    empty: http("empty", { ...api, wasm: {}, module: 'export default { fetch: () => new Response("ok") };' }),
    subjects: [
      http(OURS, api),
      http(PEER, { ...api, wasm: {}, module: hono }),
      {
        engine: OURS,
        case: "consumer",
        bundle: consumer,
        files: consumerConfig(of(consumer)),
        first: deliver,
      },
    ],
  };
}

async function honoModule(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("./hono.ts", import.meta.url).pathname],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2024",
  });
  return outputFiles[0]?.text ?? "";
}

/** Milliseconds of processor time from the start of the process to its first answer. */
async function firstAnswer({ engine, files, first }: Subject): Promise<number> {
  const worker = await startWorker(files, undefined);
  try {
    const { status, text } = await ask(worker.port, first);
    if (status !== 200) throw new Error(`${engine} answered ${status}: ${text}`);
    return processorMs(worker.pid);
  } finally {
    await worker.stop();
  }
}

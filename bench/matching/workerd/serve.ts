import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import workerd from "workerd";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ENTRY = fileURLToPath(new URL("./worker.ts", import.meta.url));
const HEAP_MB = 8_192;
const START_MS_MAX = 30_000;

export interface RunningWorker {
  readonly url: string;
  /** Where the isolate's inspector listens. */
  readonly inspector: string;
  readonly pid: number;
  /** The last of what workerd wrote to stderr. */
  errors(): string;
  stop(): Promise<void>;
}

/** Made once a run, so that all its trials measure the same source. */
let bundled: string | undefined;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    logLevel: "warning",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild made no file");
  return file.text;
}

/**
 * Starts plain workerd on the benchmark's Worker, at free ports of this machine.
 * @throws Error when workerd does not start
 */
export async function serve(): Promise<RunningWorker> {
  bundled ??= await bundle();
  const directory = mkdtempSync(join(tmpdir(), "bench-matching-"));
  writeFileSync(join(directory, "worker.js"), bundled);
  writeFileSync(join(directory, "config.capnp"), configuration());
  const child = spawn(
    workerd.default,
    ["serve", join(directory, "config.capnp"), "--inspector-addr=127.0.0.1:0", "--control-fd=3"],
    { stdio: ["ignore", "ignore", "pipe", "pipe"] },
  );
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-10_000);
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill()) await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { http, inspector } = await portsOf(child);
    return {
      url: `http://127.0.0.1:${http}/`,
      inspector: `ws://127.0.0.1:${inspector}/bench`,
      pid: child.pid ?? 0,
      errors: () => errors,
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`workerd did not start: ${String(error)}\n${errors}`);
  }
}

/** The same compatibility date as the Worker that matches in production. */
function configuration(): string {
  const deployed = readFileSync(join(ROOT, "wrangler.consumer.toml"), "utf8");
  const date = /^compatibility_date = "([^"]+)"/m.exec(deployed)?.[1];
  if (date === undefined) throw new Error("wrangler.consumer.toml has no compatibility_date");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "bench", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "${date}",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
  v8Flags = ["--max-old-space-size=${HEAP_MB}"],
);
`;
}

/** workerd writes one JSON line to descriptor 3 for each address it listens on. */
function portsOf(child: ChildProcess): Promise<{ http: number; inspector: number }> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`silent for ${START_MS_MAX} ms`)), START_MS_MAX);
    let text = "";
    let http: number | undefined;
    let inspector: number | undefined;
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const { event, port } = JSON.parse(line) as { event: string; port: number };
        if (event === "listen") http = port;
        if (event === "listen-inspector") inspector = port;
      }
      if (http === undefined || inspector === undefined) return;
      clearTimeout(late);
      resolve({ http, inspector });
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`exit ${code}`)));
  });
}

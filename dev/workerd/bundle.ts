import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unstable_readConfig as readConfig } from "wrangler";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** What the API Worker may weigh, compressed. Cloudflare allows 10 MB; less to read means a faster first start. */
export const API_GZIP_BYTES_MAX = 350_000;

/** A Worker as `wrangler deploy` would upload it. */
export interface Bundle {
  /** The ES module. */
  readonly module: string;
  /** WebAssembly that it imports, by name. */
  readonly wasm: Readonly<Record<string, Buffer>>;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Names of bindings, by kind. */
  readonly queues: readonly string[];
  readonly rateLimits: readonly string[];
  readonly buckets: readonly string[];
  readonly fetchers: readonly string[];
  readonly datasets: readonly string[];
}

/**
 * Builds a Worker exactly as a deployment does, and reads it.
 * @param configPath the wrangler file, relative to the project
 * @param entry in place of the production entry: for Workers broken on purpose
 */
export async function bundle(configPath: string, entry?: string): Promise<Bundle> {
  const directory = await mkdtemp(join(tmpdir(), "bundle-"));
  try {
    await build(configPath, directory, entry);
    return await readBundle(configPath, directory, entry);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Builds a Worker into a folder.
 * @throws Error with what wrangler printed, when it does not build
 */
export async function build(configPath: string, directory: string, entry?: string): Promise<void> {
  const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
  try {
    await run(
      process.execPath,
      [
        ...["--no-warnings", join(wrangler, "wrangler-dist/cli.js"), "deploy"],
        ...(entry === undefined ? [] : [entry]),
        ...["--dry-run", "-c", configPath, "--outdir", directory],
      ],
      { cwd: ROOT, env: { ...process.env, ...QUIET } },
    );
  } catch (error) {
    throw new Error(
      `${entry ?? configPath} does not build: ${(error as { stderr?: string }).stderr ?? String(error)}`,
    );
  }
}

/** Reads a Worker that was built into a folder. */
export async function readBundle(configPath: string, directory: string, entry?: string): Promise<Bundle> {
  const config = readConfig({ config: join(ROOT, configPath) });
  const module = basename(entry ?? config.main ?? "").replace(/\.ts$/, ".js");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".wasm"));
  return {
    module: await readFile(join(directory, module), "utf8"),
    wasm: Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
    ),
    compatibilityDate: config.compatibility_date ?? "",
    compatibilityFlags: config.compatibility_flags,
    variables: config.vars as Record<string, string>,
    queues: (config.queues.producers ?? []).map(({ binding }: { binding: string }) => binding),
    rateLimits: (config.ratelimits ?? []).map(({ name }: { name: string }) => name),
    buckets: (config.r2_buckets ?? []).map(({ binding }: { binding: string }) => binding),
    datasets: (config.analytics_engine_datasets ?? []).map(({ binding }: { binding: string }) => binding),
    fetchers: config.assets?.binding === undefined ? [] : [config.assets.binding],
  };
}

const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_HIDE_BANNER: "true",
  NO_COLOR: "1",
};

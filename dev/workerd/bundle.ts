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

/** What the API Worker may weigh, compressed: less to read means a faster start wherever nobody has called yet. */
export const API_GZIP_BYTES_MAX = 250_000;

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
 * Builds a Worker exactly as a deployment does.
 * @param configPath the wrangler file, relative to the project
 * @param entry in place of the production entry: for Workers broken on purpose
 */
export async function bundle(configPath: string, entry?: string): Promise<Bundle> {
  const config = readConfig({ config: join(ROOT, configPath) });
  return {
    ...(await build(configPath, entry ?? config.main ?? "")),
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

async function build(configPath: string, entry: string): Promise<Pick<Bundle, "module" | "wasm">> {
  const directory = await mkdtemp(join(tmpdir(), "bundle-"));
  const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
  try {
    await run(
      process.execPath,
      [
        ...["--no-warnings", join(wrangler, "wrangler-dist/cli.js")],
        ...["deploy", entry, "--dry-run", "-c", configPath, "--outdir", directory],
      ],
      { cwd: ROOT, env: { ...process.env, ...QUIET } },
    );
    const names = (await readdir(directory)).filter((name) => name.endsWith(".wasm"));
    return {
      module: await readFile(join(directory, basename(entry).replace(/\.ts$/, ".js")), "utf8"),
      wasm: Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
      ),
    };
  } catch (error) {
    throw new Error(`${entry} does not build: ${(error as { stderr?: string }).stderr ?? String(error)}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_HIDE_BANNER: "true",
  NO_COLOR: "1",
};

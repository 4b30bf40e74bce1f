import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Where the Workers' bundles are during a test run. */
export const BUNDLES = {
  "wrangler.toml": "node_modules/.cache/test-workers/api",
  "wrangler.consumer.toml": "node_modules/.cache/test-workers/consumer",
} as const;

/** Builds both Workers once for the whole run, as a deployment would: bundling takes a system longer than starting. */
export default async function buildWorkers(): Promise<void> {
  const run = promisify(execFile);
  await Promise.all(
    Object.entries(BUNDLES).map(([config, directory]) =>
      run("wrangler", ["deploy", "--dry-run", "-c", config, "--outdir", directory], {
        env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
      }),
    ),
  );
}

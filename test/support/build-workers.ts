import { type Bundle, build, readBundle } from "../../dev/workerd/bundle.ts";

/** Where the Workers' bundles are during a test run. */
export const BUNDLES = {
  "wrangler.toml": "node_modules/.cache/test-workers/api",
  "wrangler.consumer.toml": "node_modules/.cache/test-workers/consumer",
} as const;

/** Builds both Workers once for the whole run, as a deployment would: bundling takes a system longer than starting. */
export default async function buildWorkers(): Promise<void> {
  await Promise.all(Object.entries(BUNDLES).map(([config, directory]) => build(config, directory)));
}

/** A Worker as it was built for this run. */
export const builtWorker = (config: keyof typeof BUNDLES): Promise<Bundle> =>
  readBundle(config, BUNDLES[config]);

import { type RunOptions, runChaos } from "../../dev/chaos/run.ts";
import type { Bundle } from "../../dev/workerd/bundle.ts";
import { builtWorker } from "../support/build-workers.ts";

/** A Postgres on which databases may be made; undefined for an embedded one. */
export const serverUrl = process.env["TEST_DATABASE_URL"] || undefined;

export interface Product {
  readonly api: Bundle;
  readonly consumer: Bundle;
}

/** Both Workers as they would be deployed. */
export async function readProduct(): Promise<Product> {
  const [api, consumer] = await Promise.all([
    builtWorker("wrangler.toml"),
    builtWorker("wrangler.consumer.toml"),
  ]);
  return { api, consumer };
}

/** A run of the product, or of another with something in the place of a part of it. */
export const runProduct = (product: Product, options: Partial<RunOptions>) =>
  runChaos({ seed: 1, events: 500, serverUrl, ...product, ...options });

/**
 * The names that the runtime gives Workers, for tests that import the Workers' modules: declared one by one, because
 * Node.js has its own of most of them.
 */
import type * as workers from "@cloudflare/workers-types/index.ts";

declare global {
  type Fetcher = workers.Fetcher;
  type Queue<Body = unknown> = workers.Queue<Body>;
  type MessageSendRequest<Body = unknown> = workers.MessageSendRequest<Body>;
  type R2Bucket = workers.R2Bucket;
  type R2Object = workers.R2Object;
  type RateLimit = workers.RateLimit;
  /** Of the generated ones (src/api/bindings.d.ts), which would also type `process.env`, what is used. */
  interface ApiBindings {
    readonly EVENTS: Queue;
    readonly EVENTS_DLQ: Queue;
    readonly ASSETS: Fetcher;
    readonly CHECKPOINTS: R2Bucket;
    readonly ADDRESS_LIMIT: RateLimit;
    readonly KEY_LIMIT: RateLimit;
    readonly ANALYSIS_LIMIT: RateLimit;
    readonly ANALYTICS: workers.AnalyticsEngineDataset;
    readonly JWT_SIGNING_KEY: string;
  }
}

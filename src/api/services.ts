import { createHashingBudget, type HashingBudget } from "../auth/hashing-budget.ts";
import { type Keys, loadKeys } from "../auth/keys.ts";
import { createPseudonyms, type Pseudonym } from "../auth/pseudonyms.ts";
import type { Caller } from "../auth/roles.ts";
import { type ApiConfig, parseApiConfig } from "../config.ts";
import { CACHE_ENTRIES_MAX } from "../limits.ts";
import type { LiveApiKey } from "../storage/api-keys.ts";
import { type Database, openDatabase } from "../storage/core/client.ts";
import type { LiveSession } from "../storage/sessions.ts";
import type { Dataset } from "../telemetry/analytics.ts";
import { createMetricBuffer, type MetricBuffer } from "../telemetry/metric-buffer.ts";
import { bucketWitness, type Witness } from "./audit/witness.ts";
import { type Breaker, createBreaker } from "./isolate/breaker.ts";
import { type Cache, createCache } from "./isolate/cache.ts";
import { createIsolateCapacity, type IsolateCapacity } from "./isolate/capacity.ts";
import { createReadiness, type Readiness } from "./isolate/readiness.ts";

/** What handlers work with: the checked environment, and what was made from it. */
export interface Services {
  readonly config: ApiConfig;
  readonly keys: Keys;
  readonly db: Database;
  readonly queue: Queue<string>;
  /** The dead-letter queue, for its metrics alone: nothing is sent to it. */
  readonly deadLetterQueue: Pick<Queue, "metrics">;
  readonly assets: Fetcher;
  readonly sessions: Cache<LiveSession>;
  /** By SHA-256 of the secret. */
  readonly apiKeys: Cache<LiveApiKey>;
  readonly addressLimit: RateLimit;
  readonly keyLimit: RateLimit;
  readonly analysisLimit: RateLimit;
  readonly hashing: HashingBudget;
  readonly capacity: IsolateCapacity;
  /** Of the database. */
  readonly breaker: Breaker;
  readonly metricBuffer: MetricBuffer;
  readonly readiness: Readiness;
  /** Undefined without the binding: nothing depends on it. */
  readonly analytics: Dataset | undefined;
  /** Keyed hashes of usernames and addresses, for the login throttle. */
  readonly pseudonym: Pseudonym;
  /** The audit's last checkpoint, outside of Postgres. */
  readonly witness: Witness;
}

/** Hono's generic: bindings are the services, variables belong to one request. */
export interface AppEnv {
  Bindings: Services;
  Variables: {
    requestId: string;
    caller: Caller;
    /** What was sent, where no schema has checked it: JSON of this media type. */
    body: { readonly mediaType: string; readonly content: unknown };
    /** Why credentials were refused: for the log, never for the client. */
    refusal: string;
    /** How many events `POST /v1/events` accepted and rejected. Undefined when the request was refused before. */
    ingested: { readonly accepted: number; readonly rejected: number };
  };
}

/** Everything that is made from the environment, or every fault in it, by the binding's name. */
export async function loadServices(
  env: ApiBindings,
): Promise<{ ok: true; services: Services } | { ok: false; problems: readonly string[] }> {
  const parsed = parseApiConfig(env);
  const { JWT_SIGNING_KEY: signingKey = "", JWT_PREVIOUS_KEYS: previousKeys } = env as Partial<ApiBindings> &
    OptionalBindings;
  const loaded = await loadKeys({ signingKey, previousKeys });
  const problems = [
    ...(parsed.ok ? [] : parsed.problems),
    // A missing key is already reported by parseApiConfig.
    ...(loaded.ok || signingKey === ""
      ? []
      : loaded.problems.map((p) => `${KEY_BINDINGS[p.binding]} ${p.message}`)),
    ...PLATFORM_BINDINGS.filter((name) => env[name] === undefined).map((name) => `${name} is missing`),
  ];
  if (!parsed.ok || !loaded.ok || problems.length > 0) return { ok: false, problems };
  const { config } = parsed;
  return {
    ok: true,
    services: {
      config,
      keys: loaded.keys,
      db: openDatabase(config.database),
      queue: env.EVENTS,
      deadLetterQueue: env.EVENTS_DLQ,
      assets: env.ASSETS,
      sessions: createCache(CACHE_ENTRIES_MAX),
      apiKeys: createCache(CACHE_ENTRIES_MAX),
      addressLimit: env.ADDRESS_LIMIT,
      keyLimit: env.KEY_LIMIT,
      analysisLimit: env.ANALYSIS_LIMIT,
      hashing: createHashingBudget(),
      capacity: createIsolateCapacity(),
      breaker: createBreaker(),
      metricBuffer: createMetricBuffer(),
      readiness: createReadiness(),
      analytics: (env as Partial<ApiBindings>).ANALYTICS,
      pseudonym: await createPseudonyms(config.signingKey, "login throttle"),
      witness: bucketWitness(env.CHECKPOINTS),
    },
  };
}

const KEY_BINDINGS = { signing_key: "JWT_SIGNING_KEY", previous_keys: "JWT_PREVIOUS_KEYS" } as const;

/** Bindings that wrangler.toml declares and nobody sets by hand. */
const PLATFORM_BINDINGS = [
  "EVENTS",
  "EVENTS_DLQ",
  "ASSETS",
  "CHECKPOINTS",
  "ADDRESS_LIMIT",
  "KEY_LIMIT",
  "ANALYSIS_LIMIT",
] as const;

/** Not named in wrangler.toml, so not in the generated type. */
interface OptionalBindings {
  readonly JWT_PREVIOUS_KEYS?: string;
}

import { type Keys, loadKeys } from "../auth/keys.ts";
import type { Caller } from "../auth/roles.ts";
import { type ApiConfig, parseApiConfig } from "../config.ts";
import { CACHE_ENTRIES_MAX } from "../limits.ts";
import type { QueueMessage } from "../messages.ts";
import type { LiveApiKey } from "../storage/api-keys.ts";
import { type Database, openDatabase } from "../storage/client.ts";
import type { LiveSession } from "../storage/sessions.ts";
import { type Cache, createCache } from "./cache.ts";

/** What handlers work with: the environment, checked, and what was made of it. */
export interface Services {
  readonly config: ApiConfig;
  readonly keys: Keys;
  readonly db: Database;
  readonly queue: Queue<QueueMessage>;
  readonly assets: Fetcher;
  readonly sessions: Cache<LiveSession>;
  /** By SHA-256 of the secret. */
  readonly apiKeys: Cache<LiveApiKey>;
}

/** Hono's generic: bindings are the services, variables belong to one request. */
export interface AppEnv {
  Bindings: Services;
  Variables: {
    requestId: string;
    caller: Caller;
    /** The parsed JSON body, where the route takes JSON. */
    json: unknown;
    /** Why credentials were refused: for the log, never for the client. */
    refusal: string;
  };
}

/** Everything made from the environment, or what is wrong with it, by binding name. */
export async function loadServices(
  env: ApiBindings,
): Promise<{ ok: true; services: Services } | { ok: false; problems: readonly string[] }> {
  const parsed = parseApiConfig(env);
  if (!parsed.ok) return parsed;
  const { config } = parsed;
  const loaded = await loadKeys(config);
  if (!loaded.ok) {
    const names = { signing_key: "JWT_SIGNING_KEY", previous_keys: "JWT_PREVIOUS_KEYS" };
    return { ok: false, problems: loaded.problems.map((p) => `${names[p.binding]} ${p.message}`) };
  }
  return {
    ok: true,
    services: {
      config,
      keys: loaded.keys,
      db: openDatabase(config.database),
      queue: env.EVENTS,
      assets: env.ASSETS,
      sessions: createCache(CACHE_ENTRIES_MAX),
      apiKeys: createCache(CACHE_ENTRIES_MAX),
    },
  };
}

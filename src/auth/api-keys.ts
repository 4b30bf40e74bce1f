import { sha256 } from "../digest.ts";
import * as base64url from "./base64url.ts";

/** What a key may do: nothing else than these. */
export const SCOPES = ["events:write", "metrics:read"] as const;
export type Scope = (typeof SCOPES)[number];

/** In place of sources: the key may write in every one. */
export const ANY_SOURCE = "*";

/** Whether so many names may be a key's sources: none twice, and `ANY_SOURCE` beside no other. */
export const areSources = (names: readonly string[]): boolean =>
  new Set(names).size === names.length && (names.length === 1 || !names.includes(ANY_SOURCE));

/** Whether a key with these sources may write in `source`. */
export const allowsSource = (sources: readonly string[], source: string): boolean =>
  sources.includes(source) || sources[0] === ANY_SOURCE;

/** The prefix lets secret scanners recognise a leaked key. */
export const API_KEY_PREFIX = "cm_live_";
const SECRET_BYTES = 32;

export function isScope(value: unknown): value is Scope {
  return SCOPES.some((scope) => scope === value);
}

/** A new key, `cm_live_` and 256 random bits in base64url: shown once, only its `hashApiKey` is stored. */
export function createApiKey(random: (bytes: number) => Uint8Array = randomBytes): string {
  return API_KEY_PREFIX + base64url.encode(random(SECRET_BYTES));
}

/** `text` when it has exactly the form of a key, otherwise undefined: spares the database a look-up. */
export function parseApiKey(text: string): string | undefined {
  if (!text.startsWith(API_KEY_PREFIX)) return undefined;
  const secret = base64url.decode(text.slice(API_KEY_PREFIX.length));
  return secret?.length === SECRET_BYTES ? text : undefined;
}

/**
 * SHA-256 of the whole key, 64 lower-case hexadecimal digits. Fast on purpose: 256 random bits cannot be
 * guessed, so a slow hash would add cost and no safety. Looking the key up by its hash also leaves no timing
 * to learn from.
 */
export function hashApiKey(key: string): Promise<string> {
  return sha256(key);
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

import { generateSigningKey, type Keys, loadKeys, type PublicJwk } from "../../src/auth/keys.ts";
import type { TokenSettings } from "../../src/auth/tokens.ts";
import { RSA_BITS_MIN } from "../../src/limits.ts";

export const SETTINGS: TokenSettings = {
  issuer: "https://campaigns.example",
  audience: "https://campaigns.example/v1",
};
/** The real time to the second, so that the same tokens can be tried on a running Worker. */
export const NOW = new Date(Math.floor(Date.now() / 1_000) * 1_000);
export const NOW_S = NOW.getTime() / 1_000;

export const USER_ID = "01997d3e-0000-7000-8000-000000000001";
export const SESSION_ID = "01997d3e-0000-7000-8000-000000000002";
export const TOKEN_ID = "01997d3e-0000-7000-8000-000000000003";
export const KEY_ID = "01997d3e-0000-7000-8000-000000000004";

/** A deployment in the middle of a rotation: one current key, one previous key, and a stranger's key. */
export interface Deployment {
  readonly keys: Keys;
  readonly pem: string;
  readonly previous: Keys;
  readonly previousJwk: PublicJwk;
  readonly stranger: Keys;
}

export async function deploy(): Promise<Deployment> {
  const [current, previous, stranger] = await Promise.all([
    generateSigningKey(RSA_BITS_MIN),
    generateSigningKey(RSA_BITS_MIN),
    generateSigningKey(RSA_BITS_MIN),
  ]);
  const previousJwk: PublicJwk = { ...previous.jwk, exp: NOW_S + 1_800 };
  return {
    keys: await load(current.pem, [previousJwk]),
    pem: current.pem,
    previous: await load(previous.pem),
    previousJwk,
    stranger: await load(stranger.pem),
  };
}

export async function load(pem: string, previous: readonly PublicJwk[] = []): Promise<Keys> {
  const loaded = await loadKeys({ signingKey: pem, previousKeys: JSON.stringify({ keys: previous }) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.keys;
}

/** JSON as text, so that a forger can repeat a member or overflow a number, or bytes, so that it can be no text. */
export type Forged = string | Uint8Array | object;

export const base64url = (part: Forged): string => {
  const bytes =
    part instanceof Uint8Array ? part : Buffer.from(typeof part === "string" ? part : JSON.stringify(part));
  return Buffer.from(bytes).toString("base64url");
};

/** Signs any header and payload whatever with `keys`' own key: what only a leak or a bug of ours could do. */
export async function forge(keys: Keys, header: Forged, payload: Forged): Promise<string> {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const bytes = new TextEncoder().encode(input);
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", keys.signing.privateKey, bytes);
  return `${input}.${base64url(new Uint8Array(signature))}`;
}

export const honestHeader = (keys: Keys) => ({ alg: "RS256", typ: "at+jwt", kid: keys.signing.kid });

const common = {
  iss: SETTINGS.issuer,
  aud: SETTINGS.audience,
  jti: TOKEN_ID,
  iat: NOW_S - 60,
  exp: NOW_S + 1_740,
};
export const HONEST_SESSION = { ...common, sub: USER_ID, sid: SESSION_ID, role: "user" };
export const HONEST_KEY = {
  ...common,
  sub: KEY_ID,
  client_id: KEY_ID,
  client_name: "shop-eu",
  scope: "events:write",
  sources: ["shop-eu"],
};

/** An object without a member. */
export function without<T extends object>(object: T, member: keyof T): Partial<T> {
  const { [member]: _, ...rest } = object;
  return rest as Partial<T>;
}

import * as jose from "jose";
import { JWKS_DEPTH_MAX, RSA_BITS_DEFAULT, RSA_BITS_MIN } from "../limits.ts";
import * as base64url from "./base64url.ts";
import { isObject, parseStrictObject } from "./strict-json.ts";

/** A public key as it is published (RFC 7517): no private member, always with `kid` and `alg`. */
export interface PublicJwk {
  readonly kty: "RSA";
  readonly n: string;
  readonly e: string;
  /** The key's SHA-256 thumbprint (RFC 7638), so that a name cannot be given to another key. */
  readonly kid: string;
  readonly alg: "RS256";
  readonly use: "sig";
  /** Previous keys only: from when on the key verifies nothing any more, in seconds since 1970. */
  readonly exp?: number;
}

export interface VerificationKey {
  readonly jwk: PublicJwk;
  readonly publicKey: CryptoKey;
}

/** The one key that signs, and by `kid` every key that verifies: the current one, then the previous ones. */
export interface Keys {
  readonly signing: { readonly kid: string; readonly privateKey: CryptoKey };
  readonly verification: ReadonlyMap<string, VerificationKey>;
}

/** What is wrong with a binding, never what is in it. */
export interface KeyProblem {
  readonly binding: "signing_key" | "previous_keys";
  readonly message: string;
}

export type LoadedKeys =
  | { readonly ok: true; readonly keys: Keys }
  | { readonly ok: false; readonly problems: readonly KeyProblem[] };

export interface KeyBindings {
  /** PKCS#8 PEM. Line breaks may be written as `\n`, as environment files do. */
  readonly signingKey: string;
  /** A JWKS as JSON text; absent or blank when there is no previous key. */
  readonly previousKeys?: string | undefined;
}

/** What is wrong with a key, in words that hold nothing of it. */
interface Invalid {
  readonly ok: false;
  readonly reason: string;
}
const invalid = (reason: string): Invalid => ({ ok: false, reason });

type Imported<Key> = { readonly ok: true; readonly key: Key } | Invalid;

/** The keys of the bindings, or every problem found. Async only because WebCrypto imports are. */
export async function loadKeys({ signingKey, previousKeys }: KeyBindings): Promise<LoadedKeys> {
  const current = await importSigningKey(signingKey);
  const previous = await importPreviousKeys(previousKeys ?? "");

  const problems: KeyProblem[] = [];
  if (!current.ok) problems.push({ binding: "signing_key", message: current.reason });
  for (const imported of previous) {
    if (!imported.ok) problems.push({ binding: "previous_keys", message: imported.reason });
  }

  const verification = new Map<string, VerificationKey>();
  for (const imported of [current, ...previous]) {
    if (!imported.ok) continue;
    const { jwk, publicKey } = imported.key;
    // A key listed again could carry an `exp` that silently retires the current key.
    if (verification.has(jwk.kid)) {
      problems.push({ binding: "previous_keys", message: "lists a key twice, or the current key" });
    }
    verification.set(jwk.kid, { jwk, publicKey });
  }
  if (problems.length > 0 || !current.ok) return { ok: false, problems };
  const { jwk, privateKey } = current.key;
  return { ok: true, keys: { signing: { kid: jwk.kid, privateKey }, verification } };
}

/** What `/.well-known/jwks.json` answers: the current key first, then the previous ones that still verify. */
export function publicJwks(keys: Keys, now: Date): { readonly keys: readonly PublicJwk[] } {
  const jwks = [...keys.verification.values()].map((key) => key.jwk);
  return { keys: jwks.filter((jwk) => !isRetired(jwk, now)) };
}

/** Whether a previous key's overlap is over. */
export function isRetired(jwk: PublicJwk, now: Date): boolean {
  return jwk.exp !== undefined && now.getTime() >= jwk.exp * 1_000;
}

/** A new signing key as PKCS#8 PEM, with its public half, for development and for rotation. */
export async function generateSigningKey(
  bits = RSA_BITS_DEFAULT,
): Promise<{ readonly pem: string; readonly jwk: PublicJwk }> {
  const options = { modulusLength: bits, extractable: true };
  const { privateKey, publicKey } = await jose.generateKeyPair("RS256", options);
  const { n = "", e = "" } = await jose.exportJWK(publicKey);
  return { pem: await jose.exportPKCS8(privateKey), jwk: await namedJwk(n, e) };
}

async function importSigningKey(
  text: string,
): Promise<Imported<VerificationKey & { readonly privateKey: CryptoKey }>> {
  const pem = text.replaceAll("\\n", "\n").trim();
  const label = /^-----BEGIN ([A-Z0-9 ]+)-----\s[A-Za-z0-9+/=\s]+-----END \1-----$/.exec(pem)?.[1];
  if (label === undefined) return invalid("is not PEM text");
  if (label !== "PRIVATE KEY") return invalid(`is a PEM "${label}", not a PKCS#8 "PRIVATE KEY"`);
  try {
    const extractable = await jose.importPKCS8(pem, "RS256", { extractable: true });
    const { n = "", e = "" } = await jose.exportJWK(extractable);
    const publicHalf = await importPublicKey(n, e);
    if (!publicHalf.ok) return publicHalf;
    // The key that stays in memory cannot be exported.
    const privateKey = await jose.importPKCS8(pem, "RS256");
    return { ok: true, key: { ...publicHalf.key, privateKey } };
  } catch {
    // WebCrypto's own message is dropped: it is not promised to keep quiet about the input.
    return invalid("is not an RSA private key");
  }
}

async function importPreviousKeys(text: string): Promise<Imported<VerificationKey>[]> {
  if (text.trim() === "") return [];
  const jwks = parseStrictObject(new TextEncoder().encode(text), JWKS_DEPTH_MAX)?.["keys"];
  if (!Array.isArray(jwks)) return [invalid('is not a JWKS, {"keys": [...]}')];
  return Promise.all(
    jwks.map(async (jwk: unknown, index) => {
      const imported = await importPreviousKey(jwk);
      return imported.ok ? imported : invalid(`keys[${index}] ${imported.reason}`);
    }),
  );
}

async function importPreviousKey(jwk: unknown): Promise<Imported<VerificationKey>> {
  if (!isObject(jwk)) return invalid("is not an object");
  const { kty, n, e, kid, alg, use, exp } = jwk;
  if (["d", "p", "q", "dp", "dq", "qi", "oth", "k"].some((member) => Object.hasOwn(jwk, member))) {
    return invalid("holds a private member: only public keys belong here");
  }
  if (kty !== "RSA") return invalid("is not an RSA key");
  if (alg !== undefined && alg !== "RS256") return invalid("is not for RS256");
  if (use !== undefined && use !== "sig") return invalid("is not for signatures");
  if (exp !== undefined && (typeof exp !== "number" || !Number.isSafeInteger(exp))) {
    return invalid("has an exp that is not whole seconds since 1970");
  }
  if (typeof n !== "string" || typeof e !== "string") return invalid("has no n and e");
  const imported = await importPublicKey(n, e);
  if (!imported.ok) return imported;
  const { jwk: named, publicKey } = imported.key;
  if (kid !== undefined && kid !== named.kid) return invalid("has a kid that is not its RFC 7638 thumbprint");
  return { ok: true, key: { jwk: exp === undefined ? named : { ...named, exp }, publicKey } };
}

async function importPublicKey(n: string, e: string): Promise<Imported<VerificationKey>> {
  const modulus = base64url.decode(n);
  if (modulus === undefined || modulus[0] === 0) return invalid("has a malformed modulus");
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_BITS_MIN) return invalid(`has ${bits} bits, fewer than ${RSA_BITS_MIN}`);
  if (e !== "AQAB") return invalid("has a public exponent other than 65537");
  const jwk = await namedJwk(n, e);
  const publicKey = await jose.importJWK({ kty: "RSA", n, e }, "RS256");
  if (publicKey instanceof Uint8Array) return invalid("is not an RSA key");
  return { ok: true, key: { jwk, publicKey } };
}

async function namedJwk(n: string, e: string): Promise<PublicJwk> {
  const kid = await jose.calculateJwkThumbprint({ kty: "RSA", n, e }, "sha256");
  return { kty: "RSA", n, e, kid, alg: "RS256", use: "sig" };
}

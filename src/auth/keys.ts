import * as jose from "jose";
import { RSA_BITS_MIN } from "../limits.ts";

/** A public key as it is published (RFC 7517): no private member, always with `kid` and `alg`. */
export interface PublicJwk {
  readonly kty: "RSA";
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: "RS256";
  readonly use: "sig";
  /** Previous keys only: when the key stops verifying, in seconds since 1970. */
  readonly exp?: number;
}

export interface VerificationKey {
  readonly jwk: PublicJwk;
  readonly publicKey: CryptoKey;
}

/** The one key that signs, and by `kid` every key that verifies: the current one and the previous ones. */
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

/** `signingKey` is PKCS#8 PEM; `previousKeys` a JWKS as JSON text, or absent when there are none. */
export interface KeyBindings {
  readonly signingKey: string;
  readonly previousKeys?: string | undefined;
}

/** The keys of the bindings, or every problem found. Async only because WebCrypto imports are. */
export declare function loadKeys(bindings: KeyBindings): Promise<LoadedKeys>;

/** What `/.well-known/jwks.json` answers: the current key first, then the previous ones that still verify. */
export declare function publicJwks(keys: Keys, now: Date): { readonly keys: readonly PublicJwk[] };

/** A new signing key as PKCS#8 PEM, with its public half, for development and for rotation. */
export declare function generateSigningKey(): Promise<{ readonly pem: string; readonly jwk: PublicJwk }>;
void jose;
void RSA_BITS_MIN;

import type { Scope } from "./api-keys.ts";
import type { Keys } from "./keys.ts";
import type { KeyCaller, Role, UserCaller } from "./roles.ts";

/** `iss` and `aud` of every token: exactly these strings. */
export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
}

/** Claims of every token, under their names on the wire (RFC 7519). Times in seconds since 1970. */
interface CommonClaims {
  readonly sub: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

/** A person's token: `sub` is the user's id. */
export interface SessionClaims extends CommonClaims {
  readonly kind: "session";
  readonly sid: string;
  readonly role: Role;
}

/** A machine's token from an API key (RFC 9068): `sub` and `client_id` are the key's id. */
export interface KeyClaims extends CommonClaims {
  readonly kind: "key";
  readonly client_id: string;
  readonly client_name: string;
  readonly scopes: readonly Scope[];
}

export type Claims = SessionClaims | KeyClaims;

/** Who a new token is for. `sessionEnd` cuts the token's life short where the session ends sooner. */
export type TokenFor =
  | {
      readonly kind: "session";
      readonly userId: string;
      readonly sessionId: string;
      readonly role: Role;
      readonly sessionEnd: Date;
    }
  | {
      readonly kind: "key";
      readonly keyId: string;
      readonly keyName: string;
      readonly scopes: readonly Scope[];
    };

/** Why a token was refused: for counters and logs, never shown to a client. Stable names. */
export const REFUSALS = [
  "too_large",
  "not_compact",
  "encoding",
  "header_malformed",
  "header_parameter",
  "algorithm",
  "type",
  "key_unknown",
  "key_retired",
  "signature",
  "payload_malformed",
  "issuer",
  "audience",
  "subject",
  "token_id",
  "session",
  "role",
  "client",
  "scope",
  "issued_at",
  "not_before",
  "expiry",
  "lifetime",
  "expired",
] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Verification =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: Refusal };

/** Signs a token that lives 30 minutes, or until `sessionEnd`. `expiresIn` is its life in seconds. */
export declare function issueToken(
  keys: Keys,
  settings: TokenSettings,
  subject: TokenFor,
  now: Date,
): Promise<{ readonly token: string; readonly claims: Claims; readonly expiresIn: number }>;

/** Checks everything about a token that can be checked without a database. Never throws, never fetches. */
export declare function verifyToken(
  keys: Keys,
  settings: TokenSettings,
  token: string,
  now: Date,
): Promise<Verification>;

/** The caller that a verified token speaks for. */
export declare function callerOf(claims: Claims): UserCaller | KeyCaller;

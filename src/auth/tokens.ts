import * as jose from "jose";
import { TOKEN_BYTES_MAX, TOKEN_JSON_DEPTH_MAX, TOKEN_LIFE_S } from "../limits.ts";
import type { Scope } from "./api-keys.ts";
import * as base64url from "./base64url.ts";
import {
  type Claims,
  type Refused,
  readClaims,
  refused,
  type TokenSettings,
  type Verification,
  writeClaims,
} from "./claims.ts";
import { isRetired, type Keys, type VerificationKey } from "./keys.ts";
import type { Role } from "./roles.ts";
import { parseStrictObject } from "./strict-json.ts";

export {
  type Claims,
  callerOf,
  type KeyClaims,
  type SessionClaims,
  type TokenSettings,
  type Verification,
} from "./claims.ts";
export { REFUSALS, type Refusal } from "./refusals.ts";

const ALGORITHM = "RS256";
const TYPE = "at+jwt"; // RFC 9068: an access token, so that no other kind of JWT is taken for one

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
      /** At least one. */
      readonly scopes: readonly Scope[];
      /** Likewise. */
      readonly sources: readonly string[];
    };

export interface IssuedToken {
  readonly token: string;
  readonly claims: Claims;
  /** Seconds until the token ends. */
  readonly expiresIn: number;
}

/**
 * Signs a token that lives 30 minutes, or until `sessionEnd`.
 * @throws RangeError for a session that is over: whoever asks has read the session and must have refused already
 */
export async function issueToken(
  keys: Keys,
  settings: TokenSettings,
  subject: TokenFor,
  now: Date,
  newId: () => string = () => crypto.randomUUID(),
): Promise<IssuedToken> {
  const claims = newClaims(subject, newId(), Math.floor(now.getTime() / 1_000));
  const expiresIn = claims.exp - claims.iat;
  if (expiresIn <= 0) throw new RangeError("no token for a session that is over");
  const token = await new jose.SignJWT({ ...writeClaims(claims, settings) })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keys.signing.kid })
    .sign(keys.signing.privateKey);
  return { token, claims, expiresIn };
}

/**
 * Checks everything about a token that can be checked without a database: form, header, key, signature, claims,
 * in that order, so that nothing of the payload is read before its signature held. Never fetches.
 * jose does the cryptography; it alone would accept several spellings of one token, repeated members, an
 * infinite `exp`, a list of audiences and a `sub` that is not text (RFC 8725 asks us to check).
 */
export async function verifyToken(
  keys: Keys,
  settings: TokenSettings,
  token: string,
  now: Date,
): Promise<Verification> {
  if (token.length > TOKEN_BYTES_MAX) return refused("too_large");
  const parts = token.split(".");
  if (parts.length !== 3) return refused("not_compact");
  const [header, payload, signature] = parts.map(base64url.decode);
  if (!header || !payload || !signature) return refused("encoding");

  const named = keyOf(header, keys, now);
  if (!named.ok) return named;
  if (!(await isSigned(token, named.key))) return refused("signature");

  const members = parseStrictObject(payload, TOKEN_JSON_DEPTH_MAX);
  return members === undefined ? refused("payload_malformed") : readClaims(members, settings, now);
}

/** The key that the header names, if it is exactly a header that we write. */
function keyOf(
  bytes: Uint8Array,
  keys: Keys,
  now: Date,
): { readonly ok: true; readonly key: VerificationKey } | Refused {
  const header = parseStrictObject(bytes, TOKEN_JSON_DEPTH_MAX);
  if (header === undefined) return refused("header_malformed");
  const { alg, typ, kid, ...others } = header;
  if (alg !== ALGORITHM) return refused("algorithm");
  if (typ !== TYPE) return refused("type");
  if (Object.keys(others).length > 0) return refused("header_parameter");
  const key = typeof kid === "string" ? keys.verification.get(kid) : undefined;
  if (key === undefined) return refused("key_unknown");
  return isRetired(key.jwk, now) ? refused("key_retired") : { ok: true, key };
}

/** @throws what WebCrypto throws, where that is not about the token */
async function isSigned(token: string, key: VerificationKey): Promise<boolean> {
  try {
    await jose.compactVerify(token, key.publicKey, { algorithms: [ALGORITHM] });
    return true;
  } catch (error) {
    if (error instanceof jose.errors.JOSEError) return false;
    throw error;
  }
}

function newClaims(subject: TokenFor, jti: string, iat: number): Claims {
  const exp = iat + TOKEN_LIFE_S;
  if (subject.kind === "key") {
    const { keyId, keyName, scopes, sources } = subject;
    return { kind: "key", sub: keyId, jti, iat, exp, client_name: keyName, scopes, sources };
  }
  const { userId, sessionId, role, sessionEnd } = subject;
  const cut = Math.min(exp, Math.floor(sessionEnd.getTime() / 1_000));
  return { kind: "session", sub: userId, jti, iat, exp: cut, sid: sessionId, role };
}

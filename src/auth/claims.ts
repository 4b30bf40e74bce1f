import { KEY_NAME_CHARS_MAX, KEY_SOURCES_MAX, TOKEN_CLOCK_AHEAD_S, TOKEN_LIFE_S } from "../limits.ts";
import { hasAtMost, isStorable } from "../text.ts";
import { ANY_SOURCE, areSources, isScope, type Scope } from "./api-keys.ts";
import type { Refusal } from "./refusals.ts";
import { isRole, type KeyCaller, type Role, type UserCaller } from "./roles.ts";

/** `iss` and `aud` of every token: exactly these strings. */
export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
}

/** Claims of every token, under their names on the wire (RFC 7519). Ids are UUIDs, times seconds since 1970. */
interface CommonClaims {
  readonly sub: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

/** A person's token: `sub` is the user's id, `sid` the session's. */
export interface SessionClaims extends CommonClaims {
  readonly kind: "session";
  readonly sid: string;
  readonly role: Role;
}

/**
 * A machine's token from an API key (RFC 9068): `sub` and `client_id` are the key's id. It carries the key's name,
 * which is the default `source` of its events, and the sources that the key may write in, because ingestion asks no
 * database.
 */
export interface KeyClaims extends CommonClaims {
  readonly kind: "key";
  readonly client_name: string;
  readonly scopes: readonly Scope[];
  readonly sources: readonly string[];
}

export type Claims = SessionClaims | KeyClaims;

type Payload = Readonly<Record<string, unknown>>;

/** The payload of a token with these claims, as it is signed. */
export function writeClaims(claims: Claims, settings: TokenSettings): Payload {
  const { sub, jti, iat, exp } = claims;
  const common = { iss: settings.issuer, aud: settings.audience, sub, jti, iat, exp };
  return claims.kind === "session"
    ? { ...common, sid: claims.sid, role: claims.role }
    : {
        ...common,
        client_id: sub,
        client_name: claims.client_name,
        scope: claims.scopes.join(" "),
        sources: claims.sources,
      };
}

export interface Refused {
  readonly ok: false;
  readonly reason: Refusal;
}

export const refused = (reason: Refusal): Refused => ({ ok: false, reason });

/** What a token says, or why it is refused. */
export type Verification = { readonly ok: true; readonly claims: Claims } | Refused;

/** The claims of a signed payload, or why they do not hold at `now`. Claims we do not know are ignored. */
export function readClaims(payload: Payload, settings: TokenSettings, now: Date): Verification {
  const { iss, aud, sub, jti, iat, exp, nbf } = payload;
  const seconds = now.getTime() / 1_000;
  const ahead = seconds + TOKEN_CLOCK_AHEAD_S;
  if (iss !== settings.issuer) return refused("issuer");
  // A list that holds our audience is refused too: we never issue one.
  if (aud !== settings.audience) return refused("audience");
  if (!isId(sub)) return refused("subject");
  if (!isId(jti)) return refused("token_id");
  if (!isTime(iat) || iat > ahead) return refused("issued_at");
  if (nbf !== undefined && (!isTime(nbf) || nbf > ahead)) return refused("not_before");
  if (!isTime(exp)) return refused("expiry");
  if (exp <= iat || exp - iat > TOKEN_LIFE_S) return refused("lifetime");
  if (exp <= seconds) return refused("expired");
  const common = { sub, jti, iat, exp };
  return payload["client_id"] === undefined
    ? readSessionClaims(payload, common)
    : readKeyClaims(payload, common);
}

function readSessionClaims(payload: Payload, common: CommonClaims): Verification {
  const { sid, role, client_name, scope, sources } = payload;
  if (client_name !== undefined || scope !== undefined || sources !== undefined) return refused("client");
  if (!isId(sid)) return refused("session");
  if (!isRole(role)) return refused("role");
  return { ok: true, claims: { kind: "session", ...common, sid, role } };
}

function readKeyClaims(payload: Payload, common: CommonClaims): Verification {
  // A token without sources was signed before there were any, when every key could write in all of them.
  const { sid, role, client_id, client_name, scope, sources = [ANY_SOURCE] } = payload;
  if (sid !== undefined) return refused("session");
  if (role !== undefined) return refused("role");
  if (client_id !== common.sub || !isKeyName(client_name)) return refused("client");
  const scopes = typeof scope === "string" ? scope.split(" ") : [];
  const known = scopes.filter(isScope);
  if (known.length === 0 || known.length < scopes.length) return refused("scope");
  if (!isSources(sources)) return refused("client");
  return { ok: true, claims: { kind: "key", ...common, client_name, scopes: known, sources } };
}

/** The caller that a verified token speaks for. */
export function callerOf(claims: Claims): UserCaller | KeyCaller {
  if (claims.kind === "key") {
    const { sub: id, client_name: name, scopes, sources } = claims;
    return { kind: "key", id, name, scopes, sources, via: "token" };
  }
  return {
    kind: "user",
    id: claims.sub,
    role: claims.role,
    sessionId: claims.sid,
    tokenId: claims.jti,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  };
}

/** Every id that we issue is a UUID, and reaches a `uuid` column: anything else would be a database error. */
function isId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}

/** Whole seconds: neither `1e400`, which parses to Infinity, nor text. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isSources(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > KEY_SOURCES_MAX) return false;
  return value.every(isKeyName) && areSources(value);
}

/** It becomes the `source` of events, so it must be text that Postgres can hold. */
function isKeyName(value: unknown): value is string {
  return (
    typeof value === "string" && value !== "" && hasAtMost(KEY_NAME_CHARS_MAX, value) && isStorable(value)
  );
}

import type { Scope } from "./api-keys.ts";

/** `admin` manages and may do whatever `user` may; `user` only reads. */
export const ROLES = ["admin", "user"] as const;
export type Role = (typeof ROLES)[number];

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

/** A person, known by a token that belongs to a session. */
export interface UserCaller {
  readonly kind: "user";
  readonly id: string;
  readonly role: Role;
  readonly sessionId: string;
  readonly tokenId: string;
  /** When the token was issued and when it ends, in seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A machine, known by its API key itself or by a token that the key was exchanged for. */
export interface KeyCaller {
  readonly kind: "key";
  readonly id: string;
  /** The key's name: the default `source` of the events it sends. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** What it may write in, or `ANY_SOURCE` alone. */
  readonly sources: readonly string[];
  readonly via: "secret" | "token";
}

/** Whoever sent a request. */
export type Caller = { readonly kind: "anonymous" } | UserCaller | KeyCaller;

export const ANONYMOUS: Caller = { kind: "anonymous" };

/**
 * Who may call a route, as data:
 * - `"anyone"`: no credentials needed;
 * - `"authenticated"`: any user or key;
 * - `"session"`: any user, for routes about the caller's own session, which a key does not have;
 * - `{ role }`, `{ scope }`, or both: a user of that role (an admin counts as a user), or a key with that
 *   scope. Without `scope` no key may, without `role` no person may.
 */
export type Access =
  | "anyone"
  | "authenticated"
  | "session"
  | { readonly role: Role; readonly scope?: Scope }
  | { readonly role?: Role; readonly scope: Scope };

/** Whether `caller` may call a route of this `access`. An anonymous caller refused is a 401, any other a 403. */
export function allows(access: Access, caller: Caller): boolean {
  if (access === "anyone") return true;
  switch (caller.kind) {
    case "anonymous":
      return false;
    case "user":
      if (access === "authenticated" || access === "session") return true;
      return access.role !== undefined && (caller.role === "admin" || caller.role === access.role);
    case "key":
      if (access === "authenticated") return true;
      return access !== "session" && access.scope !== undefined && caller.scopes.includes(access.scope);
  }
}

import { describe, expect, it } from "vitest";
import type { Scope } from "../../src/auth/api-keys.ts";
import { type Access, ANONYMOUS, allows, type Caller, isRole, type Role } from "../../src/auth/roles.ts";

const user = (role: Role): Caller => ({
  kind: "user",
  id: "u",
  role,
  sessionId: "s",
  tokenId: "t",
  issuedAt: 0,
  expiresAt: 1_800,
});
const key = (via: "secret" | "token", ...scopes: Scope[]): Caller => ({
  kind: "key",
  id: "k",
  name: "shop-eu",
  scopes,
  sources: ["shop"],
  via,
});

const CALLERS = {
  anonymous: ANONYMOUS,
  user: user("user"),
  admin: user("admin"),
  "key without scopes": key("secret"),
  "key for events": key("secret", "events:write"),
  "key for events, by token": key("token", "events:write"),
  "key for metrics": key("secret", "metrics:read"),
  "key for both": key("token", "events:write", "metrics:read"),
} satisfies Record<string, Caller>;
type Name = keyof typeof CALLERS;

const people: Name[] = ["user", "admin"];
const eventKeys: Name[] = ["key for events", "key for events, by token", "key for both"];
const keys: Name[] = ["key without scopes", ...eventKeys, "key for metrics"];

/** One row for each kind of "who" in the route table. */
const TABLE: readonly (readonly [who: string, access: Access, allowed: Name[]])[] = [
  ["anyone", "anyone", ["anonymous", ...people, ...keys]],
  ["token or key", "authenticated", [...people, ...keys]],
  ["token, of a session", "session", people],
  ["user", { role: "user" }, people],
  ["admin", { role: "admin" }, ["admin"]],
  ["key `events:write`, or admin", { role: "admin", scope: "events:write" }, ["admin", ...eventKeys]],
  ["key `metrics:read`", { scope: "metrics:read" }, ["key for metrics", "key for both"]],
];

describe.each(TABLE)("allows %s", (_, access, allowed) => {
  it.each(Object.entries(CALLERS))("%s", (name, caller) => {
    expect(allows(access, caller)).toBe(allowed.some((each) => each === name));
  });
});

describe("isRole", () => {
  it.each(["admin", "user"])("knows %s", (role) => {
    expect(isRole(role)).toBe(true);
  });
  it.each(["аdmin", "Admin", "", null, ["admin"], "toString"])("refuses %j", (role) => {
    expect(isRole(role)).toBe(false);
  });
});

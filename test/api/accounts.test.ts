/** Users and API keys: who manages the product, and what posts to it. */
import { beforeAll, describe, expect, test } from "vitest";
import { API_KEY_OVERLAP_SECONDS_DEFAULT, API_KEY_OVERLAP_SECONDS_MAX } from "../../src/limits.ts";
import { exchange, type Key, logIn, newKey, newUser, tokenOf } from "../support/accounts.ts";
import { PASSWORD } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
beforeAll(async () => {
  admin = await system.login("admin");
});

const UNKNOWN = "018f0000-0000-7000-8000-000000000000";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

describe("users", () => {
  const create = (json: unknown) => system.call("POST", "/v1/users", { token: admin, json });
  const read = (id: string, headers: Record<string, string> = {}) =>
    system.call("GET", `/v1/users/${id}`, { token: admin, headers });
  const change = (id: string, json: unknown, headers: Record<string, string> = {}) =>
    system.call("PATCH", `/v1/users/${id}`, { token: admin, json, headers });
  const changeNow = async (id: string, json: unknown) =>
    change(id, json, { "If-Match": (await read(id)).headers.get("ETag") ?? "" });

  test("are created, read, listed, and never with a password", async () => {
    const created = await create({ username: "Ada", password: PASSWORD, role: "user" });
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      id: expect.any(String),
      username: "Ada",
      role: "user",
      disabled: false,
      created_at: expect.stringMatching(TIME),
      updated_at: created.json.created_at,
    });
    expect(created.headers.get("Location")).toBe(`/v1/users/${created.json.id}`);
    const found = await read(created.json.id);
    expect(found.json).toEqual(created.json);
    expect(found.headers.get("ETag")).toBe(created.headers.get("ETag"));
    const listed = await system.call("GET", "/v1/users?limit=1", { token: admin });
    expect(listed.json.data).toEqual([created.json]);
    expect((await logIn(system, "Ada")).status).toBe(200);
  });

  test.each([
    ["no username", { password: PASSWORD, role: "user" }, "/username"],
    ["an empty username", { username: "", password: PASSWORD, role: "user" }, "/username"],
    ["a username too long", { username: "x".repeat(65), password: PASSWORD, role: "user" }, "/username"],
    ["a line break in the username", { username: "a\nb", password: PASSWORD, role: "user" }, "/username"],
    ["a leading space", { username: " ada", password: PASSWORD, role: "user" }, "/username"],
    ["a zero-width space", { username: "a\u200bda", password: PASSWORD, role: "user" }, "/username"],
    ["a right-to-left override", { username: "a\u202eda", password: PASSWORD, role: "user" }, "/username"],
    [
      "a lone surrogate in the username",
      { username: "a\ud800", password: PASSWORD, role: "user" },
      "/username",
    ],
    ["another role", { username: "b", password: PASSWORD, role: "root" }, "/role"],
    ["a role that looks the same", { username: "b", password: PASSWORD, role: "аdmin" }, "/role"],
    ["a password too short", { username: "b", password: "short", role: "user" }, "/password"],
    ["a password too long", { username: "b", password: "ab".repeat(129), role: "user" }, "/password"],
    ["a common password", { username: "b", password: "password1234", role: "user" }, "/password"],
    [
      "the username as password",
      { username: "ada.lovelace", password: "Ada.Lovelace", role: "user" },
      "/password",
    ],
    ["a NUL in the password", { username: "b", password: `${PASSWORD}\0`, role: "user" }, "/password"],
    ["a password that is no text", { username: "b", password: 123456789012, role: "user" }, "/password"],
    ["an id of its own", { username: "b", password: PASSWORD, role: "user", id: UNKNOWN }, "/id"],
  ])("are refused with %s", async (_, json, pointer) => {
    const answer = await create(json);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer }]);
  });

  test("are stored and found by the usual form of their names", async () => {
    const created = await create({ username: "Ｇｒａｃｅ Mu\u0308ller", password: PASSWORD, role: "user" });
    expect(created.json.username).toBe("Grace Müller");
    for (const username of ["grace müller", "Ｇｒａｃｅ Müller", "GRACE MU\u0308LLER"]) {
      expect((await logIn(system, username)).status).toBe(200);
    }
    const again = await create({ username: "ｇrace Müller", password: PASSWORD, role: "user" });
    expect(again.json.errors).toMatchObject([{ pointer: "/username", code: "username_taken" }]);
  });

  test("have names that are taken in any letter case", async () => {
    await create({ username: "Tony.Hoare", password: PASSWORD, role: "user" });
    for (const username of ["Tony.Hoare", "tony.hoare", "TONY.HOARE"]) {
      const answer = await create({ username, password: PASSWORD, role: "user" });
      expect([answer.status, answer.json.code]).toEqual([409, "conflict"]);
      expect(answer.json.errors).toMatchObject([{ pointer: "/username", code: "username_taken" }]);
    }
  });

  test("are changed with the ETag last read: 428 without, 412 when stale, 304 while current", async () => {
    const { id } = await newUser(system, "user");
    const first = (await read(id)).headers.get("ETag") ?? "";
    expect((await read(id, { "If-None-Match": first })).status).toBe(304);
    expect((await change(id, { role: "admin" })).status).toBe(428);
    const changed = await change(id, { role: "admin" }, { "If-Match": first });
    expect([changed.status, changed.json.role]).toEqual([200, "admin"]);
    const second = changed.headers.get("ETag") ?? "";
    expect(second).not.toBe(first);
    for (const stale of [first, '"999"', `W/${second}`, "*", "garbage", '"1', "1"]) {
      const answer = await change(id, { role: "user" }, { "If-Match": stale });
      expect([answer.status, answer.json.code]).toEqual([412, "precondition_failed"]);
    }
    const current = await read(id, { "If-None-Match": first });
    expect([current.status, current.json.role]).toEqual([200, "admin"]);
    expect((await read(id, { "If-None-Match": `"x", ${second}` })).status).toBe(304);
    expect((await read(id, { "If-None-Match": `W/${second}` })).status).toBe(304);
  });

  test.each([
    ["nothing", {}, ""],
    ["a username", { username: "c" }, "/username"],
    ["null", { role: null }, "/role"],
    ["a weak password", { password: "short" }, "/password"],
    ["text for a truth value", { disabled: "true" }, "/disabled"],
  ])("cannot be changed by %s", async (_, json, pointer) => {
    const { id } = await newUser(system, "user");
    const answer = await changeNow(id, json);
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0]).toMatchObject({ pointer });
  });

  test("that do not exist are a 404, an id that is none a 422", async () => {
    expect((await read(UNKNOWN)).status).toBe(404);
    expect((await change(UNKNOWN, { role: "user" }, { "If-Match": '"1"' })).status).toBe(404);
    for (const id of ["1", "x", `${UNKNOWN}'`, "%00"]) expect((await read(id)).status).toBe(422);
  });

  test("always keep one admin who is not disabled", async () => {
    const me = (await system.call("GET", "/v1/auth/me", { token: admin })).json.id;
    // All other admins of this system leave first.
    await system.database.sql`update users set disabled_at = now() where role = 'admin' and id <> ${me}`;
    for (const json of [{ role: "user" }, { disabled: true }, { disabled: true, role: "user" }]) {
      const answer = await changeNow(me, json);
      expect([answer.status, answer.json.code]).toEqual([409, "conflict"]);
    }
    expect((await system.call("GET", "/v1/auth/me", { token: admin })).json).toMatchObject({ role: "admin" });

    const other = await newUser(system, "admin");
    expect((await changeNow(other.id, { disabled: true })).status).toBe(200);
    expect((await changeNow(other.id, { role: "user", disabled: false })).status).toBe(200);
  });

  test("are recorded in the audit with who changed what, and no password", async () => {
    const { json } = await create({ username: "audited", password: PASSWORD, role: "user" });
    await changeNow(json.id, { password: "another fine passphrase" });
    const rows = await system.database.sql`
      select actor_type, actor_id, action, before, after, request_id from audit_log
      where target_id = ${json.id} order by at`;
    expect(rows.map((row) => row["action"])).toEqual(["user.create", "user.update"]);
    expect(rows[1]).toMatchObject({ actor_type: "user", request_id: expect.any(String) });
    expect(rows[1]?.["after"]).toMatchObject({ password_changed: true });
    expect(JSON.stringify(rows)).not.toMatch(/passphrase|horse|argon2/);
  });
});

/** Different names of `length` characters. */
const sourceNames = (count: number, length: number) =>
  Array.from({ length: count }, (_, n) => `${n}`.padEnd(length, "x"));

describe("API keys", () => {
  const create = (json: unknown) => system.call("POST", "/v1/api-keys", { token: admin, json });
  const rotate = (id: string, json?: unknown) =>
    system.call("POST", `/v1/api-keys/${id}/rotate`, {
      token: admin,
      ...(json === undefined ? {} : { json }),
    });
  const revoke = (id: string) => system.call("DELETE", `/v1/api-keys/${id}`, { token: admin });
  const me = (secret: string) => system.call("GET", "/v1/auth/me", { token: secret });
  const works = async (key: Key) => {
    const { status } = await exchange(system, key);
    return status;
  };

  test("are created with a secret that is shown once and stored nowhere", async () => {
    const created = await create({ name: "shop-eu", scopes: ["events:write"], expires_at: null });
    expect(created.status).toBe(201);
    const { client_id, client_secret, ...key } = created.json;
    expect(client_id).toBe(key.id);
    expect(client_secret).toMatch(/^cm_live_[\w-]{43}$/);
    expect(key).toEqual({
      id: expect.any(String),
      name: "shop-eu",
      scopes: ["events:write"],
      sources: ["shop-eu"],
      warnings: [],
      created_at: expect.stringMatching(TIME),
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
      previous_expires_at: null,
    });
    const listed = await system.call("GET", "/v1/api-keys?limit=1", { token: admin });
    expect(listed.json.data).toEqual([key]);
    const rows = await system.database.sql`
      select k::text as row, a.after::text as audit from api_keys k join audit_log a on a.target_id = k.id::text
      where k.id = ${key.id}`;
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(client_secret.slice(8));
  });

  test.each([
    ["no name", { scopes: ["events:write"] }, "/name"],
    ["an empty name", { name: "", scopes: ["events:write"] }, "/name"],
    ["a name too long", { name: "x".repeat(256), scopes: ["events:write"] }, "/name"],
    ["a NUL in the name", { name: "a\0", scopes: ["events:write"] }, "/name"],
    ["no scope", { name: "a", scopes: [] }, "/scopes"],
    ["an unknown scope", { name: "a", scopes: ["admin"] }, "/scopes/0"],
    ["a scope twice", { name: "a", scopes: ["events:write", "events:write"] }, "/scopes"],
    [
      "an end in the past",
      { name: "a", scopes: ["events:write"], expires_at: "2020-01-01T00:00:00Z" },
      "/expires_at",
    ],
    ["an end that is no time", { name: "a", scopes: ["events:write"], expires_at: "soon" }, "/expires_at"],
    [
      "an end beyond the calendar",
      { name: "a", scopes: ["events:write"], expires_at: "2031-02-29T00:00:00Z" },
      "/expires_at",
    ],
    ["no source", { name: "a", scopes: ["events:write"], sources: [] }, "/sources"],
    ["an empty source", { name: "a", scopes: ["events:write"], sources: [""] }, "/sources/0"],
    ["a source too long", { name: "a", scopes: ["events:write"], sources: ["x".repeat(256)] }, "/sources/0"],
    ["a source twice", { name: "a", scopes: ["events:write"], sources: ["b", "b"] }, "/sources"],
    ["every source and another", { name: "a", scopes: ["events:write"], sources: ["*", "b"] }, "/sources"],
    ["17 sources", { name: "a", scopes: ["events:write"], sources: sourceNames(17, 9) }, "/sources"],
    [
      "more names than a token holds",
      {
        name: "a",
        scopes: ["events:write"],
        sources: sourceNames(16, 255).map((name) => name.replaceAll("x", "é")),
      },
      "/sources",
    ],
    ["every source for a name", { name: "*", scopes: ["events:write"] }, "/name"],
    ["a secret of its own", { name: "a", scopes: ["events:write"], client_secret: "x" }, "/client_secret"],
  ])("are refused with %s", async (_, json, pointer) => {
    const answer = await create(json);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer }]);
  });

  test("have as many and as long sources as may be, and their tokens work", async () => {
    const sources = sourceNames(16, 255);
    const key = await newKey(system, { name: "n".repeat(255), sources });
    expect((await me(await tokenOf(exchange(system, key)))).json).toMatchObject({ sources });
  });

  test("may have a name and a source of characters that take two units each", async () => {
    const key = await newKey(system, { name: "👋".repeat(255) });
    expect((await me(await tokenOf(exchange(system, key)))).json).toMatchObject({
      sources: ["👋".repeat(255)],
    });
  });

  test("have a name of their own while they live", async () => {
    const named = (name: string) => create({ name, scopes: ["events:write"] });
    const { json: first } = await named("till-9");
    for (const name of ["till-9", "api"]) {
      const answer = await named(name);
      expect([answer.status, answer.json.code]).toEqual([409, "name_taken"]);
      expect(answer.json.errors).toMatchObject([{ pointer: "/name", code: "name_taken" }]);
    }
    await revoke(first.id);
    const { json: second } = await named("till-9");
    await system.database.sql`update api_keys set expires_at = now() where id = ${second.id}`;
    expect((await named("till-9")).status).toBe(201);
  });

  test("of before there were sources may write in every one, and are shown with a warning", async () => {
    // Two of one name, as they could be then.
    const keys = [await newKey(system), await newKey(system)];
    for (const { id } of keys)
      await system.database.sql`update api_keys set sources = null, name = 'of before' where id = ${id}`;
    const { json } = await system.call("GET", "/v1/api-keys", { token: admin });
    const listed = json.data.filter(({ name }: { name: string }) => name === "of before");
    expect(listed).toHaveLength(2);
    for (const key of listed)
      expect(key).toMatchObject({ sources: ["*"], warnings: ["unrestricted_sources"] });
    for (const key of keys) expect((await me(key.secret)).json).toMatchObject({ sources: ["*"] });
    expect((await create({ name: "of before", scopes: ["events:write"] })).status).toBe(409);
  });

  test("work directly, and their use is recorded to the minute", async () => {
    const key = await newKey(system, { name: "direct" });
    const asked = Date.now();
    expect((await me(key.secret)).json.name).toBe("direct");
    const { json } = await system.call("GET", "/v1/api-keys", { token: admin });
    const listed = json.data.find(({ id }: { id: string }) => id === key.id);
    expect(Date.parse(listed.last_used_at)).toBeGreaterThan(asked - 60_000);
  });

  test("that have expired work no more", async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const { json } = await create({ name: "brief", scopes: ["events:write"], expires_at: soon });
    const key = { id: json.id, secret: json.client_secret };
    expect(await works(key)).toBe(200);
    await system.database.sql`update api_keys set expires_at = now() where id = ${key.id}`;
    expect(await works(key)).toBe(401);
    expect((await me(key.secret)).status).toBe(401);
  });

  test("that are revoked work no more, and cannot be revoked or rotated again", async () => {
    const key = await newKey(system);
    const answer = await revoke(key.id);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await works(key)).toBe(401);
    expect((await me(key.secret)).status).toBe(401);
    expect((await revoke(key.id)).status).toBe(404);
    expect((await rotate(key.id)).status).toBe(404);
    const { json } = await system.call("GET", "/v1/api-keys", { token: admin });
    const listed = json.data.find(({ id }: { id: string }) => id === key.id);
    expect(listed.revoked_at).toMatch(TIME);
  });

  test("rotate to a new secret; for a while both work", async () => {
    const old = await newKey(system);
    const asked = Date.now();
    const { status, json } = await rotate(old.id);
    expect(status).toBe(200);
    const renewed = { id: json.client_id, secret: json.client_secret };
    expect(renewed.id).toBe(old.id);
    expect(renewed.secret).not.toBe(old.secret);
    const overlapStart = Date.parse(json.previous_expires_at) - API_KEY_OVERLAP_SECONDS_DEFAULT * 1_000;
    expect(overlapStart).toBeGreaterThan(asked - 60_000);
    expect(overlapStart).toBeLessThan(Date.now() + 60_000);
    expect(await Promise.all([works(old), works(renewed)])).toEqual([200, 200]);

    await system.database
      .sql`update api_keys set previous_expires_at = now() - interval '1 second' where id = ${old.id}`;
    expect(await Promise.all([works(old), works(renewed)])).toEqual([401, 200]);
  });

  test("rotate without an overlap when asked: a leaked secret ends at once", async () => {
    const old = await newKey(system);
    const { json } = await rotate(old.id, { overlap_seconds: 0 });
    expect(json.previous_expires_at).toBeNull();
    expect(await works(old)).toBe(401);
    expect(await works({ id: old.id, secret: json.client_secret })).toBe(200);
  });

  test("revoked in an overlap, end with both secrets", async () => {
    const old = await newKey(system);
    const { json } = await rotate(old.id);
    await revoke(old.id);
    expect(await works(old)).toBe(401);
    expect(await works({ id: old.id, secret: json.client_secret })).toBe(401);
  });

  test.each([
    ["negative", { overlap_seconds: -1 }, "/overlap_seconds"],
    ["over 30 days", { overlap_seconds: API_KEY_OVERLAP_SECONDS_MAX + 1 }, "/overlap_seconds"],
    ["not whole", { overlap_seconds: 1.5 }, "/overlap_seconds"],
    ["text", { overlap_seconds: "60" }, "/overlap_seconds"],
    ["unknown", { overlap: 60 }, "/overlap"],
  ])("are not rotated with an overlap that is %s", async (_, json, pointer) => {
    const { id } = await newKey(system);
    const answer = await rotate(id, json);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer }]);
  });

  test("rotate with an empty body however it is labelled, and with no other label", async () => {
    const { id } = await newKey(system);
    const labelled = (type: string, body: string) =>
      system.call("POST", `/v1/api-keys/${id}/rotate`, {
        token: admin,
        body,
        headers: { "Content-Type": type },
      });
    expect((await labelled("application/json", "")).status).toBe(200);
    expect((await labelled("application/json", "{}")).status).toBe(200);
    expect((await labelled("application/json", "{")).status).toBe(400);
    expect((await labelled("text/plain", "{}")).status).toBe(415);
  });

  test("that do not exist are a 404", async () => {
    expect((await rotate(UNKNOWN)).status).toBe(404);
    expect((await revoke(UNKNOWN)).status).toBe(404);
    expect((await revoke("x")).status).toBe(422);
  });
});

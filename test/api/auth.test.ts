/** Logging in, staying logged in, and what ends it. */
import * as jose from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { SESSIONS_OF_USER_MAX, TOKEN_LIFE_S } from "../../src/limits.ts";
import {
  askToken,
  exchange,
  logIn,
  newKey,
  newPerson,
  newUser,
  type Person,
  tokenOf,
} from "../support/accounts.ts";
import { eventually, PASSWORD, type System, startSystem } from "../support/system.ts";

let system: System;
/** A public key of the time before a rotation. */
let previous: Awaited<ReturnType<typeof generateSigningKey>>;
beforeAll(async () => {
  previous = await generateSigningKey();
  system = await startSystem({ vars: { JWT_PREVIOUS_KEYS: JSON.stringify({ keys: [previous.jwk] }) } });
});
afterAll(() => system?.close());

const me = (token: string) => system.call("GET", "/v1/auth/me", { token });
const refresh = (token: string) => system.call("POST", "/v1/auth/refresh", { token });
const logout = (token: string) => system.call("POST", "/v1/auth/logout", { token });
const read = (token: string) => system.call("GET", "/v1/campaigns", { token });
const write = (token: string) => system.call("POST", "/v1/campaigns", { token, json: {} });

describe("a password", () => {
  test("is exchanged for a token of 30 minutes", async () => {
    const { username } = await newUser(system, "user");
    const answer = await logIn(system, username);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: "Bearer",
      expires_in: TOKEN_LIFE_S,
    });
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  test("is asked of a username in any letter case", async () => {
    await newUser(system, "user", "Grace.Hopper");
    expect((await logIn(system, "gRACE.hOPPER")).status).toBe(200);
  });

  test("that is wrong, of nobody, or of a disabled user: one answer for all", async () => {
    const { username } = await newUser(system, "user");
    const disabled = await newUser(system, "user");
    await system.database.sql`update users set disabled_at = now() where id = ${disabled.id}`;
    const answers = await Promise.all([
      logIn(system, username, `${PASSWORD}!`),
      logIn(system, username, PASSWORD.toUpperCase()),
      logIn(system, "nobody at all"),
      logIn(system, disabled.username),
      logIn(system, `${username}' or '1'='1`),
      logIn(system, "%"),
    ]);
    for (const { status, json } of answers) {
      const { request_id: _, ...document } = json;
      expect([status, document]).toEqual([
        401,
        {
          type: "urn:campaign-manager:problem:invalid_grant",
          title: "The username or password is wrong",
          status: 401,
          code: "invalid_grant",
          error: "invalid_grant",
        },
      ]);
    }
  });
});

describe("the token endpoint", () => {
  const grant = { grant_type: "password", username: "nobody", password: PASSWORD };
  const pairs = (extra: readonly (readonly [string, string])[]) => [...Object.entries(grant), ...extra];

  test.each<[string, Record<string, string> | [string, string][], string]>([
    ["nothing", {}, "invalid_request"],
    ["no grant type", { username: "a", password: PASSWORD }, "invalid_request"],
    ["two grant types", pairs([["grant_type", "password"]]) as [string, string][], "invalid_request"],
    ["no username", { grant_type: "password", password: PASSWORD }, "invalid_request"],
    ["no password", { grant_type: "password", username: "a" }, "invalid_request"],
    ["an empty password", { ...grant, password: "" }, "invalid_request"],
    ["two usernames", pairs([["username", "admin"]]) as [string, string][], "invalid_request"],
    ["two passwords", pairs([["password", PASSWORD]]) as [string, string][], "invalid_request"],
    ["a username too long", { ...grant, username: "x".repeat(65) }, "invalid_request"],
    ["a NUL in the username", { ...grant, username: "a\0b" }, "invalid_request"],
    ["a line break in the username", { ...grant, username: "a\r\nb" }, "invalid_request"],
    ["a password too long", { ...grant, password: "x".repeat(10_000) }, "invalid_request"],
    ["no client secret", { grant_type: "client_credentials", client_id: "a" }, "invalid_request"],
    ["another grant", { ...grant, grant_type: "authorization_code" }, "unsupported_grant_type"],
    ["a grant in capitals", { ...grant, grant_type: "PASSWORD" }, "unsupported_grant_type"],
    ["a prototype's name", { ...grant, grant_type: "__proto__" }, "unsupported_grant_type"],
  ])("answers 400 in the standard's words to %s", async (_, fields, error) => {
    const answer = await askToken(system, fields);
    expect([answer.status, answer.json.error, answer.json.code]).toEqual([400, error, error]);
  });

  test("does not mind what the standard leaves to extensions", async () => {
    const { username } = await newUser(system, "user");
    const answer = await askToken(system, { ...grant, username, scope: "x", audience: "y" });
    expect(answer.status).toBe(200);
  });

  test("takes a form and nothing else", async () => {
    for (const type of ["application/json", "text/plain", "multipart/form-data; boundary=x"]) {
      const answer = await system.call("POST", "/v1/auth/token", {
        body: JSON.stringify(grant),
        headers: { "Content-Type": type },
      });
      expect(answer.status).toBe(415);
    }
    const inQuery = await system.call("POST", `/v1/auth/token?${new URLSearchParams(grant)}`, {
      body: "",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect(inQuery.status).toBe(400);
  });
});

describe("client_credentials", () => {
  test("exchange a key for a token with its scopes, which works without the key", async () => {
    const key = await newKey(system, { name: "shop-eu", scopes: ["events:write", "metrics:read"] });
    const answer = await exchange(system, key);
    expect(answer.json).toMatchObject({
      token_type: "Bearer",
      expires_in: TOKEN_LIFE_S,
      scope: "events:write metrics:read",
    });
    const posted = await system.call("POST", "/v1/events", {
      token: answer.json.access_token,
      json: { id: "by-token", type: "purchase" },
    });
    expect(posted.status).toBe(202);
  });

  test("answer one 401 to every wrong pair", async () => {
    const key = await newKey(system);
    const other = await newKey(system);
    const wrong = [
      { ...key, id: other.id },
      { ...key, secret: other.secret },
      { ...key, id: "".padEnd(5, "x") },
      { ...key, secret: `${key.secret.slice(0, -4)}AAAA` },
      { ...key, secret: "cm_live_" },
      { ...key, secret: "x\0y" },
      { ...key, id: "00000000-0000-0000-0000-000000000000" },
    ];
    for (const pair of wrong) {
      const answer = await exchange(system, pair);
      expect([answer.status, answer.json.error]).toEqual([401, "invalid_client"]);
    }
  });
});

describe("GET /v1/auth/me", () => {
  test("tells a user who they are", async () => {
    const person = await newPerson(system, "user");
    expect((await me(person.token)).json).toEqual({
      id: person.id,
      kind: "user",
      username: person.username,
      role: "user",
      name: null,
      scopes: [],
      sources: [],
    });
  });

  test("tells a key, and a key's token, which key it is", async () => {
    const key = await newKey(system, { name: "till 7" });
    const expected = {
      id: key.id,
      kind: "api_key",
      username: null,
      role: null,
      name: "till 7",
      scopes: ["events:write"],
      sources: ["till 7"],
    };
    expect((await me(key.secret)).json).toEqual(expected);
    expect((await me(await tokenOf(exchange(system, key)))).json).toEqual(expected);
  });
});

describe("the published keys", () => {
  test("verify a token, with nothing but a JWT library", async () => {
    const { token, id } = await newPerson(system, "admin");
    const { json, headers } = await system.call("GET", "/.well-known/jwks.json");
    expect(headers.get("Cache-Control")).toMatch(/^public, max-age=\d+$/);
    const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet(json), {
      issuer: "https://campaign-manager.example",
      audience: "campaign-manager",
      typ: "at+jwt",
      algorithms: ["RS256"],
    });
    expect(payload).toMatchObject({
      sub: id,
      role: "admin",
      sid: expect.any(String),
      jti: expect.any(String),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(TOKEN_LIFE_S);
    expect(protectedHeader.kid).toBe(json.keys[0].kid);
  });

  test("are the current one, then the previous ones, and nothing private", async () => {
    const { json } = await system.call("GET", "/.well-known/jwks.json");
    expect(json.keys.map((key: { kid: string }) => key.kid)).toEqual([expect.any(String), previous.jwk.kid]);
    for (const key of json.keys)
      expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });

  test("of the time before a rotation still verify", async () => {
    const person = await newPerson(system, "user");
    const signer = await jose.importPKCS8(previous.pem, "RS256");
    const old = await new jose.SignJWT(jose.decodeJwt(person.token))
      .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: previous.jwk.kid })
      .sign(signer);
    expect((await me(old)).status).toBe(200);
  });
});

describe("refresh", () => {
  const sid = (token: string) => String(jose.decodeJwt(token)["sid"]);

  test("gives a new token of the same session, and the old one goes on", async () => {
    const { token } = await newPerson(system, "user");
    const answer = await refresh(token);
    expect(answer.json).toMatchObject({ token_type: "Bearer", expires_in: TOKEN_LIFE_S });
    expect(answer.json.access_token).not.toBe(token);
    expect(sid(answer.json.access_token)).toBe(sid(token));
    expect((await me(token)).status).toBe(200);
  });

  test("near the session's end gives a token that ends with it", async () => {
    const { token } = await newPerson(system, "user");
    await system.database.sql`
      update sessions set expires_at = now() + interval '1000 seconds' where id = ${sid(token)}`;
    const { json } = await refresh(token);
    expect(json.expires_in).toBeGreaterThan(0);
    expect(json.expires_in).toBeLessThanOrEqual(1_000);
  });

  test("in the session's last second, and after it, is a 401", async () => {
    const { token } = await newPerson(system, "user");
    // From the start of a second, so that the call falls within it.
    await new Promise((resolve) => setTimeout(resolve, 1_005 - (Date.now() % 1_000)));
    await system.database.sql`
      update sessions set expires_at = date_trunc('second', clock_timestamp()) + interval '999 milliseconds'
      where id = ${sid(token)}`;
    expect((await refresh(token)).status).toBe(401);
    await system.database.sql`
      update sessions set created_at = now() - interval '13 hours', expires_at = now() - interval '1 second'
      where id = ${sid(token)}`;
    expect((await refresh(token)).status).toBe(401);
    expect((await me(token)).status).toBe(401);
    expect((await write(token)).status).toBe(401);
  });

  test("is not for a key's token", async () => {
    expect((await refresh(await tokenOf(exchange(system, await newKey(system))))).status).toBe(403);
  });
});

describe("logout", () => {
  test("ends the session's every token at once for writes, and no other session", async () => {
    const person = await newPerson(system, "admin");
    const refreshed = (await refresh(person.token)).json.access_token;
    const elsewhere = await tokenOf(logIn(system, person.username));
    const answer = await logout(person.token);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    for (const token of [person.token, refreshed]) {
      for (const call of [write, refresh, me, logout]) expect((await call(token)).status).toBe(401);
    }
    expect((await me(elsewhere)).status).toBe(200);
  });
});

describe("one's own password", () => {
  const NEXT = "another fine passphrase";
  const change = (token: string | undefined, json: unknown) =>
    system.call("POST", "/v1/auth/password", { token, json });
  const good = { current_password: PASSWORD, new_password: NEXT };
  /** Whose password nothing below changes. */
  let steadfast: Person;
  beforeAll(async () => {
    steadfast = await newPerson(system, "user");
  });

  test("is changed by who knows it: every session ends at once for writes, and a new one begins", async () => {
    const person = await newPerson(system, "admin");
    const elsewhere = await tokenOf(logIn(system, person.username));
    const token = await tokenOf(change(person.token, good));
    for (const old of [person.token, elsewhere]) {
      for (const call of [write, refresh, me]) expect((await call(old)).status).toBe(401);
    }
    expect((await me(token)).json).toMatchObject({ id: person.id, role: "admin" });
    expect((await logIn(system, person.username)).status).toBe(401);
    expect((await logIn(system, person.username, NEXT)).status).toBe(200);
  });

  test("leaves an audit row of who, and no password", async () => {
    const person = await newPerson(system, "user");
    await tokenOf(change(person.token, good));
    const rows = await system.database.sql`
      select actor_type, actor_id, target_id, after from audit_log
      where action = 'user.change_password' and target_id = ${person.id}`;
    expect(rows).toEqual([
      {
        actor_type: "user",
        actor_id: person.id,
        target_id: person.id,
        after: expect.objectContaining({ password_changed: true }),
      },
    ]);
  });

  test("of an imported bcrypt hash is changed too", async () => {
    const person = await newPerson(system, "user");
    const { hash } = await import("bcryptjs");
    const old = await hash(PASSWORD, 10);
    await system.database.sql`update users set password_hash = ${old} where id = ${person.id}`;
    await tokenOf(change(person.token, good));
    expect((await logIn(system, person.username, NEXT)).status).toBe(200);
  });

  test("that two sessions change at once is changed by one of them", async () => {
    const person = await newPerson(system, "user");
    const tokens = [person.token, await tokenOf(logIn(system, person.username))];
    const answers = await Promise.all(
      tokens.map((token, n) => change(token, { ...good, new_password: `${NEXT} ${n}` })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    // The other's session has ended, its password is no longer right, or it came in between.
    for (const status of statuses) expect([200, 401, 403, 409]).toContain(status);
    const works = await Promise.all([0, 1].map((n) => logIn(system, person.username, `${NEXT} ${n}`)));
    expect(works.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test.each<[string, object, number, string]>([
    ["a wrong current password", { ...good, current_password: "not the password" }, 403, "wrong_password"],
    ["an empty current password", { ...good, current_password: "" }, 422, "invalid"],
    ["no current password", { new_password: NEXT }, 422, "invalid"],
    ["a list for a password", { ...good, current_password: [PASSWORD] }, 422, "invalid"],
    ["a huge current password", { ...good, current_password: "x".repeat(10_000) }, 422, "invalid"],
    ["the same password again", { ...good, new_password: PASSWORD }, 422, "invalid"],
    ["a short one", { ...good, new_password: "short" }, 422, "invalid"],
    ["a common one", { ...good, new_password: "123456789012" }, 422, "invalid"],
    ["little more than the product's name", { ...good, new_password: "CampaignManager1" }, 422, "invalid"],
    ["NUL in it", { ...good, new_password: `${NEXT}\0` }, 422, "invalid"],
    ["somebody else's id", { ...good, id: "018f0000-0000-7000-8000-000000000000" }, 422, "invalid"],
    ["somebody else's name", { ...good, username: "admin-0" }, 422, "invalid"],
    ["a role", { ...good, role: "admin" }, 422, "invalid"],
  ])("stays as it was with %s, and so does the session", async (_, json, status, code) => {
    const rowOf = () => system.database.sql`
      select password_hash, revision, role, updated_at from users where id = ${steadfast.id}`;
    const before = await rowOf();
    const answer = await change(steadfast.token, json);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(await rowOf()).toEqual(before);
    expect((await me(steadfast.token)).status).toBe(200);
  });

  test("is not for a key, nor for a session that has ended", async () => {
    const key = await newKey(system);
    expect((await change(key.secret, good)).status).toBe(403);
    const person = await newPerson(system, "user");
    await logout(person.token);
    expect((await change(person.token, good)).status).toBe(401);
    expect((await change(undefined, good)).status).toBe(401);
  });
});

describe("an admin", () => {
  let admin: string;
  beforeAll(async () => {
    admin = await system.login("admin");
  });

  async function change(person: Person, changes: object) {
    const { headers } = await system.call("GET", `/v1/users/${person.id}`, { token: admin });
    const answer = await system.call("PATCH", `/v1/users/${person.id}`, {
      token: admin,
      json: changes,
      headers: { "If-Match": headers.get("ETag") ?? "" },
    });
    expect(answer.status).toBe(200);
  }

  // One waits out the isolate's memory for all three: they run at once.
  test.concurrent.each([
    ["disables a user", { disabled: true }],
    ["changes their role", { role: "user" }],
    ["resets their password", { password: "another fine passphrase" }],
  ])("%s: their sessions end, at once for writes and within 30 s for reads", async (_, changes) => {
    const person = await newPerson(system, "admin");
    expect((await read(person.token)).status).toBe(200);
    await change(person, changes);
    expect((await write(person.token)).status).toBe(401);
    expect((await refresh(person.token)).status).toBe(401);
    expect((await me(person.token)).status).toBe(401);
    // The 30 s, by a clock that the test moves: test/api/middleware/authenticate.test.ts.
    await eventually(async () => ((await read(person.token)).status === 401 ? true : undefined));
  });

  test("resets a password: the new one works, the old one does not", async () => {
    const person = await newPerson(system, "user");
    await change(person, { password: "another fine passphrase" });
    expect((await logIn(system, person.username)).status).toBe(401);
    expect((await logIn(system, person.username, "another fine passphrase")).status).toBe(200);
  });

  test("disables a user, who may come back when enabled again", async () => {
    const person = await newPerson(system, "user");
    await change(person, { disabled: true });
    expect((await logIn(system, person.username)).status).toBe(401);
    await change(person, { disabled: false });
    expect((await logIn(system, person.username)).status).toBe(200);
    expect((await me(person.token)).status).toBe(401);
  });

  test("demoted is at once no admin, whatever the token says", async () => {
    const person = await newPerson(system, "admin");
    await system.database.sql`update users set role = 'user' where id = ${person.id}`;
    expect((await write(person.token)).status).toBe(403);
  });
});

test("a password of an imported bcrypt hash works, and is hashed anew at the first login", async () => {
  const { id, username } = await newUser(system, "user");
  const { hash } = await import("bcryptjs");
  await system.database.sql`update users set password_hash = ${await hash(PASSWORD, 10)} where id = ${id}`;
  const hashOf = async () => (await system.database.sql`select password_hash from users where id = ${id}`)[0];
  expect((await logIn(system, username)).status).toBe(200);
  expect((await hashOf())?.["password_hash"]).toMatch(/^\$argon2id\$/);
  expect((await logIn(system, username)).status).toBe(200);
});

describe("an imported bcrypt hash", () => {
  /** A new user whose password has the bcrypt hash of `password`. */
  async function imported(password: string, rounds: number) {
    const user = await newUser(system, "user");
    const { hash } = await import("bcryptjs");
    const stored = await hash(password, rounds);
    await system.database.sql`update users set password_hash = ${stored} where id = ${user.id}`;
    const hashOf = async () =>
      (await system.database.sql`select password_hash from users where id = ${user.id}`)[0]?.[
        "password_hash"
      ];
    return { ...user, stored, hashOf };
  }

  test("lets in everybody who knows the password at the same moment", async () => {
    const { username, hashOf } = await imported(PASSWORD, 10);
    const answers = await Promise.all(Array.from({ length: 6 }, () => logIn(system, username)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await hashOf()).toMatch(/^\$argon2id\$/);
  });

  test("of over 72 bytes stays as it is, so that no wrong end becomes the password", async () => {
    const password = `${"long ".repeat(15)}end`;
    const { username, stored, hashOf } = await imported(password, 5);
    // bcrypt reads no more, here as where the hash came from.
    expect((await logIn(system, username, `${password.slice(0, 72)} another end`)).status).toBe(200);
    expect(await hashOf()).toBe(stored);
    expect((await logIn(system, username, password)).status).toBe(200);
    expect(await hashOf()).toBe(stored);
    expect((await logIn(system, username, `another ${password}`)).status).toBe(401);
  });
});

test("one session more than a user may have ends the oldest, and no other user's", async () => {
  const [person, other] = [await newPerson(system, "user"), await newPerson(system, "user")];
  const tokens = [person.token];
  while (tokens.length <= SESSIONS_OF_USER_MAX) tokens.push(await tokenOf(logIn(system, person.username)));
  const live = await system.database.sql`
    select count(*)::int as n from sessions where user_id = ${person.id} and ended_at is null`;
  expect(live).toEqual([{ n: SESSIONS_OF_USER_MAX }]);
  const [ended] = await system.database.sql`
    select s.id, s.created_at = (select min(created_at) from sessions where user_id = ${person.id}) as is_oldest,
           (select actor_id from audit_log where action = 'session.end' and target_id = s.id::text) as ended_by
    from sessions s where user_id = ${person.id} and ended_at is not null`;
  expect(ended).toMatchObject({ is_oldest: true, ended_by: person.id });
  const refresh = (token: string | undefined) =>
    system.call("POST", "/v1/auth/refresh", { token: token ?? "" });
  expect((await refresh(tokens[0])).status).toBe(401);
  expect((await refresh(tokens[1])).status).toBe(200);
  expect((await refresh(other.token)).status).toBe(200);
});

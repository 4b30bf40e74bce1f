/**
 * Every attack that the product promises to withstand (docs/security/threat-model.md), through the real Workers: the
 * uniform answer, nothing written, the right counter moved, never a 5xx. `system.call` holds every answer to the
 * published contract besides.
 */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RouteKey } from "../../src/api/access.ts";
import { deploy, forge, HONEST_SESSION, honestHeader, SESSION_ID, SETTINGS, USER_ID } from "../auth/forge.ts";
import { honest, type Target, TOKEN_ATTACKS } from "../auth/token-attack-table.ts";
import { newKey, newPerson } from "../support/accounts.ts";
import { type Bait, openBait } from "../support/bait.ts";
import { readRefusals } from "../support/refusals.ts";
import {
  type Answer,
  type CallOptions,
  eventually,
  PASSWORD,
  type System,
  startSystem,
} from "../support/system.ts";

let system: System;
let target: Target;
let bait: Bait;
let admin: string;
let user: string;

beforeAll(async () => {
  bait = await openBait();
  target = { ...(await deploy()), baitUrl: bait.url };
  const started = await startSystem({
    vars: { JWT_ISSUER: SETTINGS.issuer, JWT_AUDIENCE: SETTINGS.audience },
    secrets: {
      JWT_SIGNING_KEY: target.pem,
      JWT_PREVIOUS_KEYS: JSON.stringify({ keys: [target.previousJwk] }),
    },
  });
  system = { ...started, call: async (...request) => noted(await started.call(...request)) };
  admin = await system.login("admin");
  user = await system.login("user");
  // The forged tokens name this user and session: what is refused below is the token, not a stranger.
  await system.database.sql`
    insert into users (id, username, password_hash, role) values (${USER_ID}, 'honest', '-', 'user')`;
  await system.database.sql`
    insert into sessions (id, user_id, expires_at) values (${SESSION_ID}, ${USER_ID}, now() + interval '1 hour')`;
});
afterAll(async () => {
  await system.close();
  await bait.close();
});

const CAMPAIGN = { name: "x", rule: { field: "type", operator: "equals", value: "x" } };

/** What this file's answers must have been counted as, one refusal each: by kind, and input by its code as well. */
const owed = new Map<string, number>();

const KINDS: Readonly<Record<number, string>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  413: "invalid",
  415: "invalid",
  422: "invalid",
  429: "throttled",
};

function noted(answer: Answer): Answer {
  const kind = KINDS[answer.status];
  for (const key of kind === "invalid" ? [kind, `${kind} ${answer.json?.code}`] : [kind]) {
    if (key !== undefined) owed.set(key, (owed.get(key) ?? 0) + 1);
  }
  return answer;
}

/** A digest of everything that a refused request could have changed. */
async function stateOf(): Promise<string> {
  const [row] = await system.database.sql`
    select (select jsonb_agg(u order by id) from users u) as users,
           (select jsonb_agg(s order by id) from sessions s) as sessions,
           (select jsonb_agg(to_jsonb(k) - 'last_used_at' order by id) from api_keys k) as keys,
           (select jsonb_agg(c order by id) from campaigns c) as campaigns,
           (select count(*) from audit_log) as audit,
           (select count(*) from events) as events`;
  return createHash("sha256").update(JSON.stringify(row)).digest("hex");
}

/** How often each reason was counted by now; counts reach the database a moment after the answer. */
const counted = async (): Promise<Map<string, number>> =>
  new Map((await readRefusals(system.db)).map(({ name, reason, count }) => [`${name} ${reason}`, count]));

/** What a client sees of a refusal, less what differs from request to request. */
const uniform = ({ status, headers, json }: Answer) => ({
  status,
  challenge: headers.get("WWW-Authenticate"),
  problem: { ...json, request_id: undefined },
});

describe("tokens", () => {
  /** What a header can carry as one credential; a comma makes two of it, and those are refused below. */
  const sendable = (token: string) => /^[\x21-\x2b\x2d-\x7e]{1,12000}$/.test(token);
  /** Six seconds ahead of a clock that goes on while the system starts. */
  const PASSING = ["iat ahead", "nbf ahead"];

  test("the honest token of the attacks is accepted", async () => {
    const me = await system.call("GET", "/v1/auth/me", { token: await honest(target) });
    expect(me.status).toBe(200);
    expect(me.json.id).toBe(USER_ID);
  });

  test.each(Object.entries(TOKEN_ATTACKS))("%s: every attack gets the one 401", async (_, rows) => {
    const before = await stateOf();
    const countedBefore = await counted();
    const expected = new Map<string, number>();
    const stranger = uniform(await system.call("POST", "/v1/campaigns", { token: "x.y.z", json: CAMPAIGN }));
    expect(stranger.status).toBe(401);
    expected.set("unauthenticated token_encoding", 0);
    let tried = 0;
    for (const [name, attack, reason] of rows) {
      const token = await attack(target);
      if (!sendable(token) || PASSING.includes(name)) continue;
      tried++;
      expected.set(
        `unauthenticated token_${reason}`,
        (expected.get(`unauthenticated token_${reason}`) ?? 0) + 1,
      );
      const answer = await system.call("POST", "/v1/campaigns", { token, json: CAMPAIGN });
      expect(uniform(answer), name).toEqual(stranger);
    }
    expect(tried).toBeGreaterThan(rows.length / 2);
    expect(await stateOf()).toBe(before);
    for (const [reason, count] of expected) {
      await eventually(
        async () => {
          const now = (await counted()).get(reason) ?? 0;
          return now - (countedBefore.get(reason) ?? 0) >= count ? true : undefined;
        },
        { what: `counting ${count} × ${reason}` },
      );
    }
  });

  test.each<[string, object, string]>([
    ["iat ahead", { iat: 8, exp: 60 }, "issued_at"],
    ["nbf ahead", { nbf: 8 }, "not_before"],
    ["exp just past", { iat: -60, exp: -1 }, "expired"],
  ])("%s of the clock as it is now gets the one 401", async (_, seconds, reason) => {
    const now = Math.floor(Date.now() / 1_000);
    const times = Object.fromEntries(Object.entries(seconds).map(([claim, ahead]) => [claim, now + ahead]));
    const before = (await counted()).get(`unauthenticated token_${reason}`) ?? 0;
    const token = await forge(target.keys, honestHeader(target.keys), { ...HONEST_SESSION, ...times });
    expect((await system.call("POST", "/v1/campaigns", { token, json: CAMPAIGN })).status).toBe(401);
    await eventually(async () =>
      ((await counted()).get(`unauthenticated token_${reason}`) ?? 0) > before ? true : undefined,
    );
  });

  test("nothing that a token names is fetched", () => bait.expectUntouched());

  test("a token of 8 kB and more is refused before it is parsed, whatever its size", async () => {
    for (const size of [8_193, 12_000]) {
      const answer = await system.call("GET", "/v1/auth/me", { token: "A".repeat(size) });
      expect(answer.status).toBe(401);
    }
  });

  test("the previous key verifies in its overlap", async () => {
    const token = await forge(target.previous, honestHeader(target.previous), HONEST_SESSION);
    expect((await system.call("GET", "/v1/auth/me", { token })).status).toBe(200);
  });
});

describe("people whose rights have ended", () => {
  const tries: readonly (readonly [string, (id: string, token: string) => Promise<void>])[] = [
    ["a disabled user", (id) => patch(id, { disabled: true })],
    ["a demoted admin", (id) => patch(id, { role: "user" })],
    ["a token older than the password", (id) => patch(id, { password: "another horse battery staple" })],
    [
      "a logged-out session",
      async (_, token) => void (await system.call("POST", "/v1/auth/logout", { token })),
    ],
    [
      "a session past its absolute end",
      async (id) =>
        void (await system.database
          .sql`update sessions set created_at = now() - interval '2 days', expires_at = now() - interval '1 day' where user_id = ${id}`),
    ],
  ];

  async function patch(id: string, json: object): Promise<void> {
    const found = await system.call("GET", `/v1/users/${id}`, { token: admin });
    const changed = await system.call("PATCH", `/v1/users/${id}`, {
      token: admin,
      json,
      headers: { "If-Match": found.headers.get("ETag") ?? "" },
    });
    if (changed.status !== 200) throw new Error(changed.text);
  }

  test.each(tries)("%s may change nothing any more, at once", async (_, end) => {
    const { id, token } = await newPerson(system, "admin");
    const works = await system.call("POST", "/v1/rules/explain", {
      token,
      json: { rule: CAMPAIGN.rule, event: { id: "1", type: "x" } },
    });
    expect(works.status).toBe(200);
    await end(id, token);
    for (const [method, path, json] of [
      ["POST", "/v1/campaigns", CAMPAIGN],
      ["POST", "/v1/events", { id: "1", type: "x" }],
      ["POST", "/v1/auth/refresh", undefined],
      [
        "POST",
        "/v1/auth/password",
        { current_password: PASSWORD, new_password: "yet another horse battery" },
      ],
      ["POST", "/v1/users", { username: "new", password: "correct horse battery staple", role: "admin" }],
    ] as const) {
      const answer = await system.call(method, path, { token, ...(json === undefined ? {} : { json }) });
      expect(answer.status, `${method} ${path}`).toBe(401);
    }
  });
});

describe("transport", () => {
  const attacks: readonly (readonly [string, () => Promise<Answer>, number])[] = [
    ["token in the query", () => system.call("GET", `/v1/auth/me?access_token=${admin}`), 401],
    [
      "token in the body",
      () =>
        system.call("POST", "/v1/auth/refresh", {
          body: `access_token=${admin}`,
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
        }),
      401,
    ],
    ["two tokens in one header", () => get({ Authorization: `Bearer ${admin}, Bearer ${admin}` }), 401],
    ["two schemes", () => get({ Authorization: `Basic YTpi, Bearer ${admin}` }), 401],
    ["Basic", () => get({ Authorization: "Basic YWRtaW46YWRtaW4=" }), 401],
    ["no scheme", () => get({ Authorization: admin }), 401],
    ["a cookie", () => get({ Cookie: `access_token=${admin}; Authorization=Bearer ${admin}` }), 401],
    ["X-Forwarded-User", () => get({ "X-Forwarded-User": "admin", "X-Remote-User": "admin" }), 401],
    ["method override", () => post({ "X-HTTP-Method-Override": "DELETE" }, user), 403],
    [
      "method override by query",
      () => system.call("POST", "/v1/campaigns?_method=GET", { token: user, json: CAMPAIGN }),
      403,
    ],
    ["plain HTTP", () => absolute("http://api.example.com/v1/auth/me", admin), 403],
    [
      "plain HTTP that claims to be HTTPS",
      () =>
        absolute("http://api.example.com/v1/auth/me", admin, {
          "X-Forwarded-Proto": "https",
          Forwarded: "proto=https;host=localhost",
          "X-Forwarded-Host": "localhost",
        }),
      403,
    ],
    ["a lower-case scheme is the same scheme", () => get({ Authorization: `bearer ${admin}` }), 200],
  ];
  const get = (headers: Record<string, string>) => system.call("GET", "/v1/auth/me", { headers });
  const post = (headers: Record<string, string>, token: string) =>
    system.call("POST", "/v1/campaigns", { token, headers, json: CAMPAIGN });
  const absolute = (url: string, token: string, headers: Record<string, string> = {}) =>
    system.call("GET", url, { token, headers });

  test.each(attacks)("%s", async (_, attack, status) => {
    expect((await attack()).status).toBe(status);
  });

  test.each(["null", "https://evil.example", "http://localhost", "https://api.example.com.evil.example"])(
    "CORS gives origin %s nothing",
    async (origin) => {
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await system.call(method, "/v1/campaigns", {
          token: admin,
          headers: { Origin: origin, "Access-Control-Request-Method": "GET" },
        });
        expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
      }
    },
  );
});

describe("on the wire, past what an HTTP client would send", () => {
  /** The status that answers these header lines; undefined when the connection is closed without a word. */
  async function statusOf(lines: readonly string[]): Promise<number | undefined> {
    const { url } = await system.harness.listen();
    const socket = connect(Number(url.port), url.hostname);
    const head = ["GET /v1/auth/me HTTP/1.1", `Host: ${url.host}`, "Connection: close", ...lines];
    socket.end(`${head.join("\r\n")}\r\n\r\n`);
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    // A server that has read enough resets the connection while the rest is still being sent.
    await new Promise((resolve) => socket.on("close", resolve).on("error", resolve));
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
    // Other refusals are the runtime's own, before the Worker is asked.
    if (status === "401") noted({ status: 401 } as Answer);
    return status === undefined ? undefined : Number(status);
  }

  test("the honest request is answered", async () => {
    expect(await statusOf([`Authorization: Bearer ${admin}`])).toBe(200);
  });

  test.each<[string, () => string[]]>([
    ["two Authorization lines", () => [`Authorization: Bearer ${admin}`, `Authorization: Bearer ${admin}`]],
    ["a stranger's, then ours", () => ["Authorization: Bearer x.y.z", `Authorization: Bearer ${admin}`]],
    ["ours, then Basic", () => [`Authorization: Bearer ${admin}`, "Authorization: Basic YTpi"]],
    ["an empty credential", () => ["Authorization: Bearer "]],
    ["an empty header", () => ["Authorization:"]],
    ["a credential under another name", () => ["Authorization: Bearer", `X-Authorization: Bearer ${admin}`]],
  ])("%s: the one 401", async (_, lines) => {
    expect(await statusOf(lines())).toBe(401);
  });

  test.each<[string, () => string[]]>([
    ["a token of 1 MB", () => [`Authorization: Bearer ${"A".repeat(1_000_000)}`]],
    [
      "a line folded within the token",
      () => [`Authorization: Bearer ${admin.slice(0, 50)}`, ` ${admin.slice(50)}`],
    ],
    [
      "a line feed within the token",
      () => [`Authorization: Bearer ${admin.slice(0, 50)}\n${admin.slice(50)}`],
    ],
    ["NUL after the token", () => [`Authorization: Bearer ${admin}\0`]],
    ["a blank before the colon", () => [`Authorization : Bearer ${admin}`]],
  ])("%s is not let in, and is no 5xx", async (_, lines) => {
    const status = await statusOf(lines());
    expect([400, 401, 413, 431, undefined]).toContain(status);
  });
});

describe("input", () => {
  const json = (body: string | Uint8Array, headers: Record<string, string> = {}): CallOptions => ({
    body: body as BodyInit,
    headers: { "Content-Type": "application/json", ...headers },
  });
  const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const hostile = [
    "\0",
    "\ud800",
    "\r\nX-Injected: 1",
    "' OR '1'='1",
    "'; drop table users; --",
    "%",
    "_",
    "$\u007bjndi:ldap://x}",
    "{{7*7}}",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\u202e",
    "A".repeat(5_000),
    "__proto__",
  ];

  const isAcceptable = (text: string) => !/[\0\r\ud800]|A{5}/.test(text);

  const bodies: readonly (readonly [string, CallOptions, number])[] = [
    ...[
      "",
      " ",
      "{",
      "[",
      "{]",
      "nul",
      "'x'",
      "{'a':1}",
      '{"a":}',
      '{"a":1,}',
      "[1,]",
      "01",
      "1.",
      "+1",
      ".5",
      "0x1",
      "NaN",
      "Infinity",
      '"\u0001"',
      '"\\x41"',
      '{"a":1}{"b":2}',
      "undefined",
      "//",
      "{}//",
    ].map((text) => [`malformed JSON ${JSON.stringify(text)}`, json(text), 400] as const),
    ["a byte order mark", json("\ufeff{}"), 400],
    ["invalid UTF-8", json(new Uint8Array([0x22, 0xff, 0x22])), 400],
    ["overlong UTF-8", json(new Uint8Array([0x22, 0xc0, 0xaf, 0x22])), 400],
    ["UTF-16", json(new Uint8Array(Buffer.from("{}", "utf16le"))), 400],
    ["65 deep", json(deep(65)), 422],
    ["50,000 deep", json(deep(50_000)), 422],
    ["50,000 deep, unclosed", json("[".repeat(50_000)), 422],
    ["a null body", json("null"), 422],
    ["a number", json("1"), 422],
    ["a list for an object", json("[]"), 422],
    ["text/plain", { body: "{}", headers: { "Content-Type": "text/plain" } }, 415],
    ["multipart", { body: "{}", headers: { "Content-Type": "multipart/form-data; boundary=x" } }, 415],
    ["XML", { body: "<x/>", headers: { "Content-Type": "application/xml" } }, 415],
    ["another charset", json("{}", { "Content-Type": "application/json; charset=utf-16" }), 415],
    ["gzip", json("{}", { "Content-Encoding": "gzip" }), 415],
    ["gzip twice", json("{}", { "Content-Encoding": "gzip, gzip" }), 415],
    ["1 MiB and a byte", json(`"${"a".repeat(1024 * 1024)}"`), 413],
    [
      "__proto__ with a role",
      json('{"__proto__":{"role":"admin"},"name":"x","rule":{"field":"type","operator":"exists"}}'),
      422,
    ],
    [
      "constructor.prototype",
      json(
        '{"constructor":{"prototype":{"role":"admin"}},"name":"x","rule":{"field":"type","operator":"exists"}}',
      ),
      422,
    ],
    ...["id", "role", "owner", "status", "version", "created_at", "epoch", "revision"].map(
      (key) => [`unknown key ${key}`, json(JSON.stringify({ ...CAMPAIGN, [key]: "active" })), 422] as const,
    ),
    [
      "a rule of 300 kB",
      json(
        JSON.stringify({
          name: "x",
          rule: {
            and: Array.from({ length: 5_000 }, () => ({
              field: "type",
              operator: "equals",
              value: "a".repeat(60),
            })),
          },
        }),
      ),
      422,
    ],
    [
      "a rule 17 deep",
      json(
        JSON.stringify({
          name: "x",
          rule: Array.from({ length: 17 }).reduce((rule) => ({ not: rule }), CAMPAIGN.rule),
        }),
      ),
      422,
    ],
    [
      "257 conditions",
      json(JSON.stringify({ name: "x", rule: { or: Array.from({ length: 257 }, () => CAMPAIGN.rule) } })),
      422,
    ],
    [
      "a pattern with a back-reference",
      json(JSON.stringify({ name: "x", rule: { field: "type", operator: "matches", value: "(a)\\1" } })),
      422,
    ],
    [
      "a pattern with a look-ahead",
      json(JSON.stringify({ name: "x", rule: { field: "type", operator: "matches", value: "(?=a)" } })),
      422,
    ],
    [
      "a pattern that repeats a thousandfold, nested",
      json(
        JSON.stringify({
          name: "x",
          rule: { field: "type", operator: "matches", value: "((a{1000}){1000}){1000}" },
        }),
      ),
      422,
    ],
    [
      "1e400 in a rule",
      json('{"name":"x","rule":{"field":"data.a","operator":"equals","value":1e400}}'),
      422,
    ],
    [
      "a path into __proto__ outside data",
      json(JSON.stringify({ name: "x", rule: { field: "__proto__.x", operator: "exists" } })),
      422,
    ],
    [
      "a key given twice, the last one wrong",
      json('{"name":"x","name":7,"rule":{"field":"type","operator":"exists"}}'),
      422,
    ],
    ...hostile
      .filter((text) => !isAcceptable(text))
      .map(
        (text) =>
          [
            `name ${JSON.stringify(text.slice(0, 20))}`,
            json(JSON.stringify({ ...CAMPAIGN, name: text })),
            422,
          ] as const,
      ),
  ];

  test.each(bodies)("POST /v1/campaigns with %s", async (_, options, status) => {
    const before = await stateOf();
    const answer = await system.call("POST", "/v1/campaigns", { token: admin, ...options });
    expect(answer.status, answer.text).toBe(status);
    expect(await stateOf()).toBe(before);
    expect(({} as { role?: unknown }).role).toBeUndefined();
  });

  test("with a key given twice is refused, whichever of the two is right", async () => {
    for (const names of ['"name":7,"name":"last"', '"name":"first","name":7']) {
      const answer = await system.call("POST", "/v1/campaigns", {
        token: admin,
        ...json(`{${names},"rule":{"field":"type","operator":"exists"}}`),
      });
      expect([answer.status, answer.json.errors]).toMatchObject([
        422,
        [{ pointer: "/name", code: "duplicate_key" }],
      ]);
    }
  });

  test.each(hostile.filter(isAcceptable))(
    "as a name and a description, %j is nothing but text",
    async (text) => {
      const rule = { field: "data.x", operator: "equals", value: text };
      const sent = { name: text, description: text, rule };
      const created = await system.call("POST", "/v1/campaigns", { token: admin, json: sent });
      expect(created.status).toBe(201);
      const stored = await system.call("GET", `/v1/campaigns/${created.json.id}`, { token: user });
      expect(stored.json).toMatchObject(sent);
    },
  );

  test("every refusal of input is counted by its code", async () => {
    const before = await counted();
    for (const [, options] of bodies.slice(0, 40)) {
      await system.call("POST", "/v1/campaigns", { token: admin, ...options });
    }
    await eventually(
      async () => {
        const now = await counted();
        const more = (reason: string) =>
          (now.get(`invalid ${reason}`) ?? 0) - (before.get(`invalid ${reason}`) ?? 0);
        return more("malformed_json") >= 20 && more("unsupported_media_type") >= 3 && more("invalid") >= 3
          ? true
          : undefined;
      },
      { what: "counting refused bodies" },
    );
  });

  test("a pattern that would explode elsewhere is decided in time linear in the text", async () => {
    const rule = { field: "data.text", operator: "matches", value: "^(a+)+$" };
    const data = { text: `${"a".repeat(60_000)}b` };
    // Backtracking would take 2^60,000 steps: there would be no answer.
    const answer = await system.call("POST", "/v1/rules/explain", {
      token: user,
      json: { rule, event: { id: "1", type: "x", data } },
    });
    expect(answer.json.matched).toBe(false);
  });

  const lists: readonly string[] = [
    "/v1/campaigns",
    "/v1/events",
    "/v1/matches",
    "/v1/users",
    "/v1/api-keys",
    "/v1/audit",
    "/v1/dead-letters",
  ];
  const queries = [
    "limit=0",
    "limit=101",
    "limit=-1",
    "limit=1e2",
    "limit=1;drop",
    "limit=10&limit=20",
    "limit[]=10",
    "sort=password_hash",
    "order=desc",
    "cursor=",
    "cursor=%00",
    "cursor=AAAA",
    "cursor=W10",
    `cursor=${"A".repeat(3_000)}`,
    `cursor=${Buffer.from(JSON.stringify(["users", "2026-01-01T00:00:00Z", "' or 1=1 --"])).toString("base64url")}`,
    `cursor=${Buffer.from(JSON.stringify(["campaigns", "x'; drop table users; --", "x"])).toString("base64url")}`,
    "__proto__=1",
    "constructor=1",
  ];
  test.each(lists)("%s refuses every forged parameter", async (list) => {
    for (const query of queries) {
      const answer = await system.call("GET", `${list}?${query}`, { token: admin });
      expect(answer.status, query).toBe(422);
    }
  });

  test.each(hostile.filter((text) => text.isWellFormed()))(
    "as a filter, %j finds nothing and breaks nothing",
    async (text) => {
      for (const [path, token] of [
        ["/v1/events?type=", user],
        ["/v1/events?subject=", user],
        ["/v1/matches?subject=", user],
        ["/v1/matches?event_id=", user],
        ["/v1/dead-letters?event_id=", admin],
        ["/v1/dead-letters?source=", admin],
      ] as const) {
        const answer = await system.call("GET", path + encodeURIComponent(text), { token });
        if (answer.status === 200) expect(answer.json.data).toEqual([]);
        else expect(answer.status).toBe(422);
      }
      const byId = await system.call("GET", `/v1/events/${encodeURIComponent(text)}`, { token: user });
      expect([404, 422]).toContain(byId.status);
    },
  );

  test.each([
    "..%2f..%2fetc",
    "%00",
    "'",
    "00000000-0000-0000-0000-000000000000x",
    "__proto__",
    "%F0%28%8C%28",
  ])("as an id in a path, %s is refused", async (id) => {
    for (const path of [`/v1/campaigns/${id}`, `/v1/users/${id}`, `/v1/campaigns/${id}/versions`]) {
      const answer = await system.call("GET", path, { token: admin });
      expect([400, 404, 422], path).toContain(answer.status);
    }
  });

  test.each(['W/"1"', "*", "1", '"1", "2"', '"\' or 1=1"', '"99999999999999999999"'])(
    "If-Match %s matches nothing",
    async (etag) => {
      const created = await system.call("POST", "/v1/campaigns", { token: admin, json: CAMPAIGN });
      const answer = await system.call("PATCH", `/v1/campaigns/${created.json.id}`, {
        token: admin,
        json: { name: "y" },
        headers: { "If-Match": etag },
      });
      expect(answer.status).toBe(412);
    },
  );
});

describe("access", () => {
  test("a cursor that one user was given works for another and shows only what that one may read", async () => {
    for (const name of ["a", "b"])
      await system.call("POST", "/v1/campaigns", { token: admin, json: { ...CAMPAIGN, name } });
    const first = await system.call("GET", "/v1/campaigns?limit=1", { token: admin });
    const path = `/v1/campaigns?limit=1&cursor=${first.json.next_cursor}`;
    expect((await system.call("GET", path, { token: user })).status).toBe(200);
    expect((await system.call("GET", path)).status).toBe(401);
    const users = await system.call("GET", "/v1/users?limit=1", { token: admin });
    const stolen = `/v1/users?limit=1&cursor=${users.json.next_cursor}`;
    expect((await system.call("GET", stolen, { token: user })).status).toBe(403);
    const key = await newKey(system);
    expect((await system.call("GET", stolen, { token: key.secret })).status).toBe(403);
  });

  test("every 403 is counted", async () => {
    const forbidden = async () =>
      (await readRefusals(system.db))
        .filter(({ name }) => name === "forbidden")
        .reduce((total, { count }) => total + count, 0);
    const before = await forbidden();
    for (let i = 0; i < 3; i++) await system.call("POST", "/v1/campaigns", { token: user, json: CAMPAIGN });
    await eventually(async () => ((await forbidden()) >= before + 3 ? true : undefined), {
      what: "counting three 403s",
    });
  });

  test.each([
    "GET /v1/users",
    "GET /v1/api-keys",
    "GET /v1/audit",
    "GET /v1/audit/checkpoints",
  ] satisfies RouteKey[])("%s is closed to a user", async (key) => {
    const [method = "", path = ""] = key.split(" ");
    expect((await system.call(method, path, { token: user })).status).toBe(403);
  });
});

test("every attack of this file was counted, once, as what it was", async () => {
  expect(owed.get("unauthenticated")).toBeGreaterThan(250);
  expect(owed.get("invalid")).toBeGreaterThan(150);
  expect(owed.get("forbidden")).toBeGreaterThan(10);
  await eventually(
    async () => {
      const tallied = new Map<string, number>();
      for (const { name, reason, count } of await readRefusals(system.db)) {
        for (const key of name === "invalid" ? [name, `${name} ${reason}`] : [name]) {
          tallied.set(key, (tallied.get(key) ?? 0) + count);
        }
      }
      return [...owed].every(([key, count]) => tallied.get(key) === count) ? true : undefined;
    },
    { what: `counting ${JSON.stringify([...owed])}` },
  );
});

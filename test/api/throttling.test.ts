/** What is refused for coming too often, through the Workers: 429 or 503, Retry-After, and counted. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import {
  ADDRESS_REQUESTS_MAX,
  ANALYSIS_PERIOD_SECONDS,
  CALLER_ANALYSES_MAX,
  EDGE_PERIOD_SECONDS,
  HASHING_RETRY_SECONDS,
  KEY_INGESTIONS_MAX,
  LOGIN_PAIR_FREE_MAX,
} from "../../src/limits.ts";
import { newKey, newPerson, newUser } from "../support/accounts.ts";
import { readRefusals } from "../support/refusals.ts";
import { type Answer, eventually, PASSWORD, type System, startSystem } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const logInFrom = (system: System, address: string | undefined, username: string, password = PASSWORD) =>
  system.call("POST", "/v1/auth/token", {
    body: new URLSearchParams({ grant_type: "password", username, password }).toString(),
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      ...(address === undefined ? {} : { "CF-Connecting-IP": address }),
    },
  });

/** What has been counted for a reason, once it is `atLeast` so much. */
const counted = (system: System, name: string, reason: string, atLeast = 1) =>
  eventually(
    async () => {
      const refusals = await readRefusals(system.db);
      const count = refusals.find((row) => row.name === name && row.reason === reason)?.count ?? 0;
      return count >= atLeast ? count : undefined;
    },
    { what: `${atLeast} × ${name} ${reason}` },
  );

function expectThrottled(answer: Answer): void {
  expect(answer.status).toBe(429);
  expect(answer.json.code).toBe("throttled");
  expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
}

describe("logging in", () => {
  const system = useSystem();

  /** As if all waiting were over. */
  const passTime = () => system.database.sql`update login_throttle set blocked_until = null`;

  test("waits after too many wrong passwords, right password or not; elsewhere and for others it goes on", async () => {
    const { username } = await newUser(system, "user");
    const other = await newUser(system, "user");
    for (let n = 0; n <= LOGIN_PAIR_FREE_MAX; n++) {
      expect((await logInFrom(system, "203.0.113.1", username, "wrong password")).status).toBe(401);
    }
    await system.database.sql`update login_throttle set blocked_until = blocked_until + interval '1 minute'`;
    expectThrottled(await logInFrom(system, "203.0.113.1", username));
    expectThrottled(await logInFrom(system, "203.0.113.1", username.toUpperCase()));
    expect((await logInFrom(system, "203.0.113.1", other.username)).status).toBe(200);
    expect((await logInFrom(system, "203.0.113.2", username)).status).toBe(200);
    await passTime();
    expect((await logInFrom(system, "203.0.113.1", username)).status).toBe(200);
    await counted(system, "throttled", "login", 2);
    await counted(system, "unauthenticated", "invalid_grant", LOGIN_PAIR_FREE_MAX + 1);
  });

  test("as somebody who does not exist waits just the same", async () => {
    for (let n = 0; n <= LOGIN_PAIR_FREE_MAX; n++) {
      expect((await logInFrom(system, "203.0.113.3", "nobody", "wrong password")).status).toBe(401);
    }
    await system.database.sql`update login_throttle set blocked_until = blocked_until + interval '1 minute'`;
    expectThrottled(await logInFrom(system, "203.0.113.3", "nobody", "wrong password"));
    await passTime();
  });

  test("is counted by an IPv6 network, not by one of its endless addresses", async () => {
    const { username } = await newUser(system, "user");
    for (let n = 0; n <= LOGIN_PAIR_FREE_MAX; n++) {
      await logInFrom(system, `2001:db8:1:2::${n}`, username, "wrong password");
    }
    await system.database.sql`update login_throttle set blocked_until = blocked_until + interval '1 minute'`;
    expectThrottled(await logInFrom(system, "2001:db8:1:2:ffff::", username));
    expect((await logInFrom(system, "2001:db8:1:3::1", username)).status).toBe(200);
    await passTime();
  });

  test("is not told apart by headers that anybody can write", async () => {
    const { username } = await newUser(system, "user");
    const attempt = (n: number) =>
      system.call("POST", "/v1/auth/token", {
        body: new URLSearchParams({
          grant_type: "password",
          username,
          password: "wrong password",
        }).toString(),
        headers: {
          "Content-Type": "application/x-www-form-urlencoded",
          "CF-Connecting-IP": "203.0.113.4",
          "X-Forwarded-For": `198.51.100.${n}`,
          "X-Real-IP": `198.51.100.${n}`,
          Forwarded: `for=198.51.100.${n}`,
        },
      });
    for (let n = 0; n <= LOGIN_PAIR_FREE_MAX; n++) await attempt(n);
    await system.database.sql`update login_throttle set blocked_until = blocked_until + interval '1 minute'`;
    expectThrottled(await attempt(99));
    await passTime();
  });

  test("and changing one's password are guesses at one password: they are counted together", async () => {
    const person = await newPerson(system, "user");
    const change = (current: string) =>
      system.call("POST", "/v1/auth/password", {
        token: person.token,
        json: { current_password: current, new_password: "another fine passphrase" },
        headers: { "CF-Connecting-IP": "203.0.113.5" },
      });
    for (let n = 0; n < LOGIN_PAIR_FREE_MAX; n++) expect((await change("wrong password")).status).toBe(403);
    expect((await logInFrom(system, "203.0.113.5", person.username, "wrong password")).status).toBe(401);
    await system.database.sql`update login_throttle set blocked_until = blocked_until + interval '1 minute'`;
    expectThrottled(await change("wrong password"));
    expectThrottled(await change(PASSWORD));
    expectThrottled(await logInFrom(system, "203.0.113.5", person.username));
    await counted(system, "forbidden", "wrong_password", LOGIN_PAIR_FREE_MAX);
    await passTime();
    expect((await change(PASSWORD)).status).toBe(200);
  });

  test("leaves neither a username nor an address in the database", async () => {
    const { username } = await newUser(system, "user", "unmistakable");
    await logInFrom(system, "198.51.100.200", username, "wrong password");
    const rows = JSON.stringify(await system.database.sql`select * from login_throttle`);
    expect(rows).not.toContain("unmistakable");
    expect(rows).not.toContain("198.51.100");
    const [row] = await system.database.sql`
      select count(*) as plain from login_throttle
      where key in (sha256('198.51.100.200'), sha256(E'address\n198.51.100.200'))`;
    expect(row).toEqual({ plain: "0" });
  });

  test("a hundred and fifty at once neither end the isolate nor stop others: some are asked to come again", async () => {
    const { username } = await newUser(system, "user");
    const token = await system.login("admin");
    const logins = Promise.all(Array.from({ length: 150 }, () => logInFrom(system, undefined, username)));
    const reads: number[] = [];
    let waiting = true;
    const reader = (async () => {
      while (waiting) reads.push((await system.call("GET", "/v1/campaigns", { token })).status);
    })();
    const answers = await logins;
    waiting = false;
    await reader;
    const refused = answers.filter(({ status }) => status !== 200);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(3);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers } of refused) {
      expect(status).toBe(503);
      expect(headers.get("Retry-After")).toBe(String(HASHING_RETRY_SECONDS));
    }
    expect(new Set(reads)).toEqual(new Set([200]));
    expect((await logInFrom(system, undefined, username)).status).toBe(200);
  });
});

const JSON_TYPE = { "Content-Type": "application/json" };

describe("the edge's limits", () => {
  const LIMIT = 8;
  let system: System;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wrangler-"));
    const text = (await readFile("wrangler.toml", "utf8"))
      .replace(/limit = \d+/g, `limit = ${LIMIT}`)
      .replace(/period = 10/g, "period = 60")
      .replace('"src/api/worker.ts"', JSON.stringify(resolve("src/api/worker.ts")))
      .replace('"node_modules/swagger-ui-dist"', JSON.stringify(resolve("node_modules/swagger-ui-dist")));
    await writeFile(join(folder, "wrangler.toml"), text);
    system = await startSystem({ apiConfig: join(folder, "wrangler.toml") });
  });
  afterAll(async () => {
    await system?.close();
    await rm(folder, { recursive: true });
  });

  const get = (path: string, address: string) =>
    system.call("GET", path, { headers: { "CF-Connecting-IP": address } });

  /**
   * Asks until it is refused. The local limiter counts in windows of the clock, so that more than the limit may pass
   * where one window ends and the next begins.
   */
  async function untilThrottled(request: () => Promise<Answer>): Promise<Answer[]> {
    const answers: Answer[] = [];
    while (answers.at(-1)?.status !== 429) {
      // Together, so that a slow machine too sends more than the limit within a window.
      answers.push(
        ...(await Promise.all(Array.from({ length: answers.length < LIMIT ? 1 : 2 * LIMIT }, request))),
      );
      answers.sort((a, b) => Number(a.status === 429) - Number(b.status === 429));
    }
    return answers;
  }

  test("hold an address to its share before anything else is looked at, and count what they refuse", async () => {
    const answers = await untilThrottled(() => get("/v1/users", "203.0.113.9"));
    expect(answers.slice(0, LIMIT).map(({ status }) => status)).toEqual(Array(LIMIT).fill(401));
    const last = answers.at(-1) as Answer;
    expectThrottled(last);
    expect(last.headers.get("Retry-After")).toBe(String(EDGE_PERIOD_SECONDS));
    expect((await get("/health", "203.0.113.10")).status).toBe(200);
    await counted(system, "throttled", "address");
  });

  test("take an IPv6 network for one address", async () => {
    let n = 0;
    const answers = await untilThrottled(() => get("/health", `2001:db8:5:6::${++n}`));
    expect(answers.at(-1)?.status).toBe(429);
    expect((await get("/health", "2001:db8:5:7::1")).status).toBe(200);
  });

  test("hold an API key to its share of requests that ingest, and no other key", async () => {
    const [mine, another] = [await newKey(system), await newKey(system)];
    const post = (token: string) =>
      system.call("POST", "/v1/events", { token, json: { id: "1", type: "t" } });
    const answers = await untilThrottled(() => post(mine.secret));
    expect(answers.slice(0, LIMIT).map(({ status }) => status)).toEqual(Array(LIMIT).fill(202));
    expectThrottled(answers.at(-1) as Answer);
    expect((await post(another.secret)).status).toBe(202);
    expect((await system.call("GET", "/v1/auth/me", { token: mine.secret })).status).toBe(200);
    await counted(system, "throttled", "key");
  });

  test("hold a caller to their share of analyses, whatever they ask with, and nobody else", async () => {
    const [user, admin] = [await system.login("user"), await system.login("admin")];
    const analyze = (token: string) =>
      system.call("POST", "/v1/campaigns/analyze", { token, body: "{", headers: JSON_TYPE });
    const answers = await untilThrottled(() => analyze(user));
    expect(answers.slice(0, LIMIT).map(({ status }) => status)).toEqual(Array(LIMIT).fill(400));
    const last = answers.at(-1) as Answer;
    expectThrottled(last);
    expect(last.headers.get("Retry-After")).toBe(String(ANALYSIS_PERIOD_SECONDS));
    expect((await analyze(admin)).status).toBe(400);
    expect((await system.call("GET", "/v1/campaigns", { token: user })).status).toBe(200);
    await counted(system, "throttled", "analysis");
  });
});

test("wrangler.toml sets the limits that limits.ts names", () => {
  expect(readConfig({ config: "wrangler.toml" }).ratelimits).toMatchObject([
    { name: "ADDRESS_LIMIT", simple: { limit: ADDRESS_REQUESTS_MAX, period: EDGE_PERIOD_SECONDS } },
    { name: "KEY_LIMIT", simple: { limit: KEY_INGESTIONS_MAX, period: EDGE_PERIOD_SECONDS } },
    { name: "ANALYSIS_LIMIT", simple: { limit: CALLER_ANALYSES_MAX, period: ANALYSIS_PERIOD_SECONDS } },
  ]);
});

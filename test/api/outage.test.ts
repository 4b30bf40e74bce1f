/** While the database does not answer: events are still accepted, everything else says so and recovers. */
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { DATABASE_REQUESTS_MAX, READINESS_CACHE_MS } from "../../src/limits.ts";
import { exchange, type Key, logIn, newKey, newUser, tokenOf } from "../support/accounts.ts";
import type { Fault, FaultOptions, ScriptedFault } from "../support/database-faults.ts";
import { eventually, PASSWORD } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
let user: string;
let cached: Key;
let scraper: Key;
let keyToken: string;
beforeAll(async () => {
  [admin, user, cached] = [
    await system.login("admin"),
    await system.login("user"),
    await newKey(system, { name: "cached", sources: ["outage"] }),
  ];
  scraper = await newKey(system, { name: "scraper", scopes: ["metrics:read"] });
  expect((await system.call("GET", "/metrics", { token: scraper.secret })).status).toBe(200);
  keyToken = await tokenOf(exchange(system, cached));
  expect((await system.call("GET", "/v1/auth/me", { token: cached.secret })).status).toBe(200);
});

let fault: ScriptedFault | undefined;
/** Breaks what the API asks of the database; the consumer has its own endpoint, but the same faults. */
function breakDatabase(how: Fault, options?: FaultOptions): ScriptedFault {
  fault = system.faults.fail(how, options);
  return fault;
}
afterEach(() => {
  fault?.release();
  fault = undefined;
});

const CAUSE = "password authentication failed for user neondb_owner at ep-canary.neon.tech";
const FAULTS: readonly (readonly [string, Fault])[] = [
  ["drops every connection", { kind: "drop" }],
  ["answers 500", { kind: "answer", status: 500, body: CAUSE }],
  ["answers 503 in HTML", { kind: "answer", status: 503, body: `<html>${CAUSE}</html>` }],
  [
    "is shutting down",
    {
      kind: "answer",
      status: 400,
      body: JSON.stringify({ message: CAUSE, code: "57P01", severity: "FATAL" }),
    },
  ],
];

let made = 0;
const post = (token: string) =>
  system.call("POST", "/v1/events", { token, json: { id: `o-${++made}`, source: "outage", type: "t" } });

/** Waits for the consumer, whose next statements would meet the next fault. */
const decided = (...ids: string[]) =>
  eventually(
    async () => {
      const rows = await system.database.sql`select id from events where id = any(${ids})`;
      return rows.length === ids.length ? true : undefined;
    },
    { what: "that every accepted event is decided" },
  );

describe.each(FAULTS)("a database that %s", (_, how) => {
  test("does not keep events out: a key's token, a known key and an admin's token go on", async () => {
    const broken = breakDatabase(how);
    const before = made;
    expect((await post(keyToken)).status).toBe(202);
    expect((await post(cached.secret)).status).toBe(202);
    // While the database was just found not to answer it is not asked for each event.
    await eventually(async () => {
      expect((await post(admin)).status).toBe(202);
      return broken.hits > 0 ? true : undefined;
    });
    broken.release();
    const ids = Array.from({ length: made - before }, (__, i) => `o-${before + 1 + i}`);
    await decided(...ids);
  });

  test("still keeps out who may not post", async () => {
    breakDatabase(how);
    expect((await post("garbage")).status).toBe(401);
    expect((await post(user)).status).toBe(403);
  });

  test("answers 503 with Retry-After and no cause to everything that needs it, and recovers", async () => {
    const uncached = await newKey(system, { sources: ["outage"] });
    const broken = breakDatabase(how);
    const calls = {
      "a read": () => system.call("GET", "/v1/campaigns", { token: admin }),
      "a scrape of the metrics": () => system.call("GET", "/metrics", { token: scraper.secret }),
      "a read of events": () => system.call("GET", "/v1/events", { token: admin }),
      "a write": () => system.call("POST", "/v1/campaigns", { token: admin, json: {} }),
      "an unknown key": () => post(uncached.secret),
      "a login": () => logIn(system, "nobody", PASSWORD),
      "a key's exchange": () => exchange(system, uncached),
      "a refresh": () => system.call("POST", "/v1/auth/refresh", { token: admin }),
      "a logout": () => system.call("POST", "/v1/auth/logout", { token: admin }),
    };
    for (const [name, call] of Object.entries(calls)) {
      const answer = await call();
      expect([name, answer.status, answer.json.code]).toEqual([name, 503, "unavailable"]);
      expect(answer.headers.get("Retry-After")).toMatch(/^\d+$/);
      expect(answer.text).not.toMatch(/canary|neon|password|postgres|57P01/i);
    }
    broken.release();
    expect((await calls["a read"]()).status).toBe(200);
    expect((await calls["an unknown key"]()).status).toBe(202);
    await decided(`o-${made}`);
    expect((await calls["a refresh"]()).status).toBe(200);
  });

  test("does not stop what needs none: health, documents, public keys", async () => {
    // Counts of what was answered are written a while later, and nobody waits for them.
    const broken = breakDatabase(how, { when: (body) => !body.includes("count_metrics") });
    for (const path of ["/health", "/openapi.json", "/docs", "/.well-known/jwks.json"]) {
      expect((await system.call("GET", path)).status).toBe(200);
    }
    expect(broken.hits).toBe(0);
  });
});

describe("readiness", () => {
  const ready = () => system.call("GET", "/health/ready");
  const GOOD = [
    200,
    {
      status: "ok",
      dependencies: { database: "ok", queue: "ok" },
      database_role: "ok",
      campaigns_over_limit: 0,
    },
  ];
  const BAD = [
    503,
    {
      status: "unavailable",
      dependencies: { database: "unavailable", queue: "ok" },
      database_role: "unknown",
      campaigns_over_limit: null,
    },
  ];
  /** What was found is repeated for a second, and no longer. */
  const eventuallyFinds = (expected: unknown[]) =>
    eventually(async () => {
      const { status, json } = await ready();
      return isDeepStrictEqual([status, json], expected) ? true : undefined;
    });

  test.each([...FAULTS, ["hangs", { kind: "hold" }] as const])(
    "names a database that %s, within 2 seconds, and recovers",
    async (_, how) => {
      await eventuallyFinds(GOOD);
      const broken = breakDatabase(how);
      await eventuallyFinds(BAD);
      broken.release();
      await eventuallyFinds(GOOD);
    },
  );

  test("tells of a database role that may do more than it should, as the consumer's cron does of its own", async () => {
    const consumer = system.harness.getWorker("campaign-manager-consumer");
    const consumerSaysSo = async () => {
      system.harness.clearLogs();
      expect((await consumer.scheduled({ cron: "*/5 * * * *" })).outcome).toBe("ok");
      return system.harness.getLogs().some(({ message }) => message.includes("database_role_too_powerful"));
    };
    const { sql } = system.database;
    await eventuallyFinds(GOOD);
    expect(await consumerSaysSo()).toBe(false);

    await sql`grant campaign_manager_consumer to campaign_manager_api`;
    await eventuallyFinds([200, { ...(GOOD[1] as object), database_role: "too_powerful" }]);
    await sql`revoke campaign_manager_consumer from campaign_manager_api`;
    await eventuallyFinds(GOOD);

    await sql`grant campaign_manager_api to campaign_manager_consumer`;
    expect(await consumerSaysSo()).toBe(true);
    await sql`revoke campaign_manager_api from campaign_manager_consumer`;
    expect(await consumerSaysSo()).toBe(false);
  });

  test("costs the database one query a second, however many ask", async () => {
    await eventuallyFinds(GOOD);
    await new Promise((resolve) => setTimeout(resolve, READINESS_CACHE_MS));
    const asked = breakDatabase({ kind: "hold" }, { when: (body) => body.includes("acts_as_owner") });
    const started = Date.now();
    const answers = Promise.all(Array.from({ length: 40 }, ready));
    await asked.struck;
    asked.release();
    for (const { status } of await answers) expect(status).toBe(200);
    const seconds = (Date.now() - started) / READINESS_CACHE_MS;
    expect(asked.hits).toBeLessThanOrEqual(2 + seconds);
  });
});

test("a database that hangs is given up, not waited for", async () => {
  const { username } = await newUser(system, "admin");
  const token = await tokenOf(logIn(system, username)); // of a session that no cache knows
  const broken = breakDatabase({ kind: "hold" });
  const answer = await system.call("GET", "/v1/users", { token });
  expect([answer.status, answer.json.code]).toEqual([503, "unavailable"]);
  expect(broken.hits).toBeGreaterThan(0);
});

test("while a database hangs, more reads than may wait are sent away at once, and events go on being accepted", async () => {
  const broken = breakDatabase({ kind: "hold" });
  const read = () => system.call("GET", "/v1/campaigns", { token: admin });
  const waiting = Array.from({ length: DATABASE_REQUESTS_MAX }, read);
  await eventually(async () => (broken.hits >= DATABASE_REQUESTS_MAX ? true : undefined));
  // Sent away at once is `overloaded`. On a machine so slow that places become free again, the last ones wait and are
  // `unavailable`; were there no limit, all of them would be.
  const answers = await Promise.all(Array.from({ length: 20 }, read));
  for (const { status, headers } of answers) {
    expect(status).toBe(503);
    expect(headers.get("Retry-After")).toMatch(/^\d+$/);
  }
  const shed = answers.filter(({ json }) => json.code === "overloaded").length;
  expect(shed).toBeGreaterThan(0);
  // The first of the admin's finds that the database does not answer whether the session has ended, the next knows.
  for (const token of [keyToken, cached.secret, admin, admin]) expect((await post(token)).status).toBe(202);
  expect((await system.call("GET", "/health")).status).toBe(200);
  broken.release();
  for (const { status, json } of await Promise.all(waiting)) {
    if (status !== 200) expect(json.code).toBe("unavailable"); // given up meanwhile
  }
  expect((await read()).status).toBe(200);
  await eventually(async () => {
    const { text } = await system.call("GET", "/metrics", { token: scraper.secret });
    const counted = /^campaign_manager_requests_shed_total\{route="\/v1\/campaigns"\} (\d+)$/m.exec(text);
    return Number(counted?.[1]) >= shed ? true : undefined;
  });
});

test("while reads wait for a database that answers, nobody posts events with what was revoked or ended", async () => {
  const [revoked, { username }] = [
    await newKey(system, { name: "revoked", sources: ["outage"] }),
    await newUser(system, "admin"),
  ];
  const ended = await tokenOf(logIn(system, username));
  expect((await post(revoked.secret)).status).toBe(202);
  const revoke = await system.call("DELETE", `/v1/api-keys/${revoked.id}`, { token: admin });
  expect(revoke.status).toBe(204);
  expect((await system.call("POST", "/v1/auth/logout", { token: ended })).status).toBe(204);
  // A minute later no isolate knows the key any more: this is a key that none ever knew.
  const unknown = `${revoked.secret.slice(0, -1)}${revoked.secret.endsWith("A") ? "B" : "A"}`;

  const held = breakDatabase({ kind: "hold" }, { when: (body) => body.includes("from events e") });
  const read = () => system.call("GET", "/v1/events", { token: admin });
  const waiting = Array.from({ length: DATABASE_REQUESTS_MAX }, read);
  await eventually(async () => (held.hits >= DATABASE_REQUESTS_MAX ? true : undefined));
  const full = await Promise.all([read(), read(), read()]);
  expect(full.some(({ json }) => json.code === "overloaded")).toBe(true);

  for (let n = 0; n < 6; n++) {
    expect((await post(ended)).status).toBe(401);
    expect((await post(unknown)).status).toBe(401);
  }
  // Who has not ended is let in.
  expect((await post(admin)).status).toBe(202);
  held.release();
  await Promise.all(waiting);
});

test("150 logins at once, wrong ones from one address, keep nobody else out", async () => {
  const calls = {
    "a read": () => system.call("GET", "/v1/campaigns", { token: admin }),
    "a write": () => system.call("POST", "/v1/campaigns", { token: admin, json: {} }),
    "who am I": () => system.call("GET", "/v1/auth/me", { token: user }),
    events: () => post(cached.secret),
  };
  const logins = Array.from({ length: 150 }, (_, n) => logIn(system, `nobody-${n}`, "a wrong password"));
  const flooded = Promise.all(logins);
  let over = false;
  void flooded.then(() => {
    over = true;
  });
  for (let round = 0; round < 5 || !over; round++) {
    for (const [name, call] of Object.entries(calls)) {
      const { status } = await call();
      expect([name, status]).toEqual([
        name,
        { "a read": 200, "a write": 422, "who am I": 200, events: 202 }[name],
      ]);
    }
  }
  const statuses = new Set((await flooded).map(({ status }) => status));
  for (const status of statuses) expect([401, 429, 503]).toContain(status);
});

test("a query that the database finds wrong is a 500 without its words, and the log has none of them either", async () => {
  breakDatabase({
    kind: "answer",
    status: 400,
    body: JSON.stringify({ message: CAUSE, code: "42P01", severity: "ERROR", detail: "canary detail" }),
  });
  const answer = await system.call("GET", "/v1/events", { token: admin });
  expect([answer.status, answer.json.code]).toEqual([500, "internal"]);
  expect(answer.text).not.toMatch(/canary|42P01/);
  const logged = system.harness.getLogs().map(({ message }) => message);
  expect(logged.some((line) => line.includes("unexpected_error") && line.includes("42P01"))).toBe(true);
  expect(logged.join("\n")).not.toMatch(/canary/);
});

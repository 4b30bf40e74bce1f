/** Every refusal is counted by its reason, in the database, without one being waited for. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { askToken, exchange, logIn, newKey, newUser } from "../support/accounts.ts";
import { readRefusals } from "../support/refusals.ts";
import { type Answer, eventually, type System, startSystem } from "../support/system.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.close());

const count = async (name: string, reason: string): Promise<number> =>
  (await readRefusals(system.db)).find((row) => row.name === name && row.reason === reason)?.count ?? 0;

const get = (path: string, token?: string) => system.call("GET", path, { token });

const REFUSALS: readonly (readonly [name: string, reason: string, request: () => Promise<Answer>])[] = [
  ["unauthenticated", "no_credentials", () => get("/v1/users")],
  ["unauthenticated", "token_not_compact", () => get("/v1/users", "nonsense")],
  ["unauthenticated", "token_too_large", () => get("/v1/users", "x".repeat(9_000))],
  [
    "unauthenticated",
    "scheme",
    () => system.call("GET", "/v1/users", { headers: { Authorization: "Basic eDp5" } }),
  ],
  ["unauthenticated", "api_key", () => get("/v1/auth/me", `cm_live_${"A".repeat(43)}`)],
  [
    "unauthenticated",
    "token_signature",
    async () => get("/v1/users", (await system.login("user")).replace(/.{8}$/, "AAAAAAAA")),
  ],
  ["unauthenticated", "invalid_grant", () => logIn(system, "nobody", "wrong password")],
  [
    "unauthenticated",
    "invalid_client",
    () =>
      askToken(system, {
        grant_type: "client_credentials",
        client_id: "nobody",
        client_secret: `cm_live_${"A".repeat(43)}`,
      }),
  ],
  ["forbidden", "forbidden", async () => get("/v1/users", await system.login("user"))],
  ["forbidden", "forbidden", async () => get("/v1/users", (await newKey(system)).secret)],
  ["forbidden", "insecure_transport", () => get("http://api.example.com/health")],
];

test.each(REFUSALS)("%s: %s", async (name, reason, request) => {
  const before = await count(name, reason);
  const { status } = await request();
  expect(status).toBe({ unauthenticated: 401, forbidden: 403 }[name]);
  await eventually(async () => ((await count(name, reason)) === before + 1 ? true : undefined));
});

test("many refusals are one statement, and none is lost", async () => {
  const before = await count("unauthenticated", "no_credentials");
  const statements = system.faults.fail({ kind: "hold" }, { when: (body) => body.includes("count_metrics") });
  await Promise.all(Array.from({ length: 200 }, () => get("/v1/users")));
  await statements.struck;
  statements.release();
  await eventually(async () =>
    (await count("unauthenticated", "no_credentials")) === before + 200 ? true : undefined,
  );
  expect(statements.hits).toBeLessThan(20);
});

test("while the database does not answer refusals go on, and are counted afterwards", async () => {
  const before = await count("unauthenticated", "no_credentials");
  const outage = system.faults.fail({ kind: "drop" });
  expect((await get("/v1/users")).status).toBe(401);
  await outage.struck;
  outage.release();
  await eventually(async () => {
    await get("/v1/users");
    return (await count("unauthenticated", "no_credentials")) > before + 1 ? true : undefined;
  });
});

test("what is not refused is not counted", async () => {
  const total = async () => (await readRefusals(system.db)).reduce((sum, row) => sum + row.count, 0);
  const { username } = await newUser(system, "user");
  const key = await newKey(system);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const before = await total();
  expect((await logIn(system, username)).status).toBe(200);
  expect((await exchange(system, key)).status).toBe(200);
  expect((await get("/nowhere")).status).toBe(404);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await total()).toBe(before);
});

/** Anomalies, made through the Workers as somebody would make them, and found by the API's cron. */
import { beforeAll, expect, test } from "vitest";
import {
  ANOMALY_CONFLICTS,
  ANOMALY_EXPORTS,
  ANOMALY_FORBIDDEN,
  ANOMALY_USERS_TRIED,
} from "../../src/limits.ts";
import { newKey } from "../support/accounts.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();

/** What a run of the cron reports, by kind. */
async function run(scheduledTime = new Date()): Promise<Record<string, number>> {
  system.harness.clearLogs();
  await system.harness.getWorker("campaign-manager-api").scheduled({ cron: "*/10 * * * *", scheduledTime });
  const lines = system.harness.getLogs().flatMap(({ message }) => {
    const line = message.startsWith("{") ? JSON.parse(message) : {};
    return line.message === "anomaly" ? [line] : [];
  });
  return Object.fromEntries(lines.map(({ kind, count }) => [kind, count]));
}

const guess = (n: number, address: string) =>
  system.call("POST", "/v1/auth/token", {
    body: new URLSearchParams({
      grant_type: "password",
      username: `nobody-${n}`,
      password: "Winter-2026-guess",
    }).toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": address },
  });

beforeAll(async () => {
  await system.login("admin");
});

test("an ordinary day has none", async () => {
  expect(await run()).toEqual({});
});

test("passwords of many users tried from one network, one guess each, from changing addresses", async () => {
  for (let n = 1; n < ANOMALY_USERS_TRIED; n++) await guess(n, `203.0.113.${n}`);
  await guess(0, "198.51.100.1");
  expect(await run()).toEqual({});
  await guess(0, "203.0.113.99");
  expect(await run()).toEqual({ password_spraying: ANOMALY_USERS_TRIED });
  const [row] = await system.database.sql`
    select sum(value)::int as n from metric_counters where labels = 'kind="password_spraying"'`;
  expect(row).toEqual({ n: 1 });
  await system.database.sql`truncate login_throttle`;
});

test("subjects exported in number by one admin", async () => {
  const token = await system.login("admin");
  const exported = () => system.call("GET", "/v1/subjects/customer-42/export", { token });
  for (let n = 1; n < ANOMALY_EXPORTS; n++) await exported();
  expect(await run()).toEqual({});
  await exported();
  expect(await run()).toEqual({ many_exports: ANOMALY_EXPORTS });
});

test("conflicts under one source", async () => {
  const { secret } = await newKey(system, { name: "pos" });
  const post = (amount: number, count: number) =>
    system.call("POST", "/v1/events", {
      token: secret,
      json: Array.from({ length: count }, (_, n) => ({ id: `${n}`, type: "purchase", data: { amount } })),
    });
  await post(1, ANOMALY_CONFLICTS);
  const rows = async (table: string) =>
    Number((await system.database.sql.query(`select count(*) as n from ${table}`))[0]?.["n"]);
  await eventually(async () => (await rows("events")) === ANOMALY_CONFLICTS || undefined);
  await post(2, ANOMALY_CONFLICTS - 1);
  await eventually(async () => (await rows("event_conflicts")) === ANOMALY_CONFLICTS - 1 || undefined);
  expect(await run()).not.toHaveProperty("many_conflicts");
  await post(3, 1);
  await eventually(async () => (await rows("event_conflicts")) === ANOMALY_CONFLICTS || undefined);
  expect(await run()).toHaveProperty("many_conflicts", ANOMALY_CONFLICTS);
});

test("a burst of requests that are forbidden, counted between two runs", async () => {
  const token = await system.login("user");
  const started = new Date();
  await run(started);
  for (let n = 0; n < ANOMALY_FORBIDDEN; n++) await system.call("GET", "/v1/users", { token });
  await eventually(async () => {
    const [row] = await system.database.sql`
      select sum(value)::int as n from metric_counters where starts_with(labels, 'kind="forbidden"')`;
    return (row?.["n"] ?? 0) >= ANOMALY_FORBIDDEN ? true : undefined;
  });
  const next = new Date(started.getTime() + 10 * 60_000);
  expect(await run(next)).toHaveProperty("forbidden_burst", ANOMALY_FORBIDDEN);
});

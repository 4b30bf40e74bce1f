/** Every refusal is counted by its reason, in the database, without one being waited for; and what metrics show. */
import { beforeAll, describe, expect, test } from "vitest";
import { parseMetrics, samplesOf } from "../../dev/chaos/metrics-text.ts";
import { CATALOGUE, METRIC_PREFIX } from "../../src/telemetry/catalogue.ts";
import { askToken, exchange, logIn, newKey, newUser } from "../support/accounts.ts";
import { activeCampaign } from "../support/campaigns.ts";
import { counted, truth } from "../support/counted.ts";
import { CANARY, expectNoLeak } from "../support/leaks.ts";
import { readRefusals } from "../support/refusals.ts";
import { type Answer, eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();

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
  /** Counts are written together: when this refusal's is there, so are those of everything before it. */
  const countedSoFar = async (): Promise<number> => {
    const before = await count("unauthenticated", "no_credentials");
    expect((await get("/v1/users")).status).toBe(401);
    await eventually(async () =>
      (await count("unauthenticated", "no_credentials")) > before ? true : undefined,
    );
    return total();
  };
  const { username } = await newUser(system, "user");
  const key = await newKey(system);
  const before = await countedSoFar();
  expect((await logIn(system, username)).status).toBe(200);
  expect((await exchange(system, key)).status).toBe(200);
  expect((await get("/nowhere")).status).toBe(404);
  expect(await countedSoFar()).toBe(before + 1);
});

describe("GET /metrics", () => {
  let secret: string;
  let post: (json: unknown) => Promise<Answer>;
  beforeAll(async () => {
    ({ secret } = await newKey(system, { name: "prometheus", scopes: ["metrics:read"] }));
    const { secret: writer } = await newKey(system);
    post = (json) => system.call("POST", "/v1/events", { token: writer, json });
    await activeCampaign(system.db);
  });

  const scrape = async () => {
    const answer = await system.call("GET", "/metrics", { token: secret });
    expect(answer.status).toBe(200);
    return {
      text: answer.text,
      type: answer.headers.get("Content-Type"),
      samples: samplesOf(parseMetrics(answer.text)),
    };
  };
  const value = (samples: ReadonlyMap<string, number>, key: string) =>
    samples.get(`${METRIC_PREFIX}${key}`) ?? 0;
  /** Scrapes until everything has come in that is written a moment later. */
  const scrapeUntil = (key: string, atLeast: number) =>
    eventually(
      async () => {
        const scraped = await scrape();
        return value(scraped.samples, key) >= atLeast ? scraped : undefined;
      },
      { what: `${key} ≥ ${atLeast}` },
    );

  test("is Prometheus' text format, and has every metric of the catalogue", async () => {
    await post([{ id: "m-0", type: "t" }]);
    await scrapeUntil("event_age_seconds_count", 1);
    const { type, text } = await scrapeUntil(
      'http_requests_total{method="POST",route="/v1/events",status="202"}',
      1,
    );
    expect(type).toBe("text/plain; version=0.0.4; charset=utf-8");
    const shown = parseMetrics(text).map(({ name }) => name.slice(METRIC_PREFIX.length));
    // Nothing was retried or sent away here; everything else has happened at least once.
    const absent = ["messages_retried_total", "requests_shed_total"];
    expect([...shown, ...absent].toSorted()).toEqual(Object.keys(CATALOGUE).toSorted());
  });

  test("counts exactly what became of events, and is what the tables hold", async () => {
    const before = (await scrape()).samples;
    const event = { id: "m-1", type: "purchase", data: { note: CANARY } };
    await post([event, event, { id: "m-2", type: "purchase", subject: CANARY }, { type: "no id" }]);
    await post({ ...event, data: { note: "other" } });
    await system.enqueue({ not: "ours", note: CANARY });
    const grown = (after: ReadonlyMap<string, number>, key: string) => value(after, key) - value(before, key);
    const after = await eventually(async () => {
      const { samples } = await scrape();
      const all = [
        "events_decided_total",
        "event_conflicts_total",
        'dead_letters_total{cause="malformed_message"}',
      ];
      const arrived = all.reduce((sum, key) => sum + grown(samples, key), 0);
      return arrived >= 4 && grown(samples, "events_accepted_total") >= 4 ? samples : undefined;
    });
    expect({
      accepted: grown(after, "events_accepted_total"),
      rejected: grown(after, 'events_rejected_total{reason="invalid"}'),
      decided: grown(after, "events_decided_total"),
      matches: grown(after, 'matches_total{outcome="granted"}'),
      duplicates: grown(after, "event_duplicates_total"),
      conflicts: grown(after, "event_conflicts_total"),
      unreadable: grown(after, 'dead_letters_total{cause="malformed_message"}'),
      open: value(after, 'dead_letters_open{cause="malformed_message"}'),
    }).toEqual({
      ...{ accepted: 4, rejected: 1, decided: 2, matches: 2, duplicates: 1, conflicts: 1 },
      ...{ unreadable: 1, open: 1 },
    });
    expect(await counted(system.db)).toEqual(await truth(system.database));
    expect(value(after, "campaigns_active")).toBe(1);
    expect(value(after, "campaign_epoch")).toBe(1);
    for (const queue of ["events", "events-dlq"]) {
      expect(after.has(`${METRIC_PREFIX}queue_backlog_messages{queue="${queue}"}`)).toBe(true);
    }
  });

  test("holds nothing that a client sent: no path, no method, no name, no payload", async () => {
    const paths = [`/v1/subjects/${CANARY}/export`, `/${CANARY}`, `/v1/campaigns/${CANARY}?x=${CANARY}`];
    for (const path of paths) await get(path);
    await system.call("PROPFIND", `/v1/${CANARY}`);
    const { text } = await scrapeUntil('http_requests_total{method="other",route="/*",status="404"}', 1);
    expectNoLeak("a scrape", text);
    expect(text).not.toMatch(/PROPFIND|prometheus"|customer/);
  });
});

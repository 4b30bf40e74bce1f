/** The parts of the benchmarks of the running services: what they send, what they count, and that both sides do the same. */
import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bareInserts } from "../../bench/consumer/ceiling.ts";
import { jobsIn, startRedis } from "../../bench/ingest/redis.ts";
import { record } from "../../bench/read/recorder.ts";
import { type Child, startChild } from "../../bench/service/child.ts";
import { ask, httpRequest, run } from "../../bench/service/load.ts";
import { timeMany } from "../../bench/service/timed.ts";
import { acceptedAt, addCampaigns, eventAt } from "../../bench/service/workload.ts";
import { type HttpServer, startHttpServer } from "../../dev/http-server.ts";
import { API_GZIP_BYTES_MAX } from "../../dev/workerd/bundle.ts";
import { acceptEvent, checkEvent } from "../../src/api/ingest/event.ts";
import { generateSigningKey, loadKeys } from "../../src/auth/keys.ts";
import { issueToken } from "../../src/auth/tokens.ts";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import { listCampaigns } from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { commitDecisions } from "../../src/storage/decisions.ts";
import { readEvents } from "../../src/storage/events.ts";
import { BUNDLES } from "../support/build-workers.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

test("the API Worker stays below its weight", async () => {
  const folder = BUNDLES["wrangler.toml"];
  const uploaded = (await readdir(folder)).filter((name) => /\.(js|wasm)$/.test(name));
  expect(uploaded).toContain("worker.js");
  const parts = await Promise.all(uploaded.map((name) => readFile(`${folder}/${name}`)));
  const bytes = parts.reduce((sum, part) => sum + gzipSync(part).length, 0);
  expect(bytes).toBeLessThan(API_GZIP_BYTES_MAX);
});

describe("the load generator", () => {
  const asked: string[] = [];
  let server: HttpServer;
  let port = 0;
  beforeAll(async () => {
    server = await startHttpServer(async (request, response) => {
      asked.push(request.url ?? "");
      if (request.url === "/refused") response.writeHead(500);
      if (request.url === "/chunked") response.write("first part, ");
      response.end("done");
    });
    port = server.port;
  });
  afterAll(() => server.close());
  const load = { connections: 2, seconds: 1, status: 200, pid: process.pid };

  test.each(["/plain", "/chunked"])("counts each answer once: %s", async (path) => {
    asked.length = 0;
    const result = await run({ ...load, port, requests: [httpRequest("GET", path, {})] });
    expect(result.answered).toBe(asked.length);
    expect(result.answered).toBeGreaterThan(0);
    expect(result.p50).toBeLessThanOrEqual(result.p99);
  });

  test("does not count another status as an answer", async () => {
    const requests = [httpRequest("GET", "/refused", {})];
    await expect(run({ ...load, port, requests })).rejects.toThrow("500 instead of 200");
  });
});

test("things are done so many times, so many at once", async () => {
  let running = 0;
  let most = 0;
  const { count } = await timeMany(9, 3, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
  });
  expect([count, most]).toEqual([9, 3]);
});

describe("the events", () => {
  const events = Array.from({ length: 50 }, (_, i) => eventAt(i));

  test("are ones that the API accepts, and puts into its queue as the consumer is given them here", () => {
    for (const [i, posted] of events.entries()) {
      const checked = checkEvent(posted, Date.now());
      if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
      const expected = acceptedAt(i);
      expect(acceptEvent(checked.event, "api", expected.received_at)).toEqual(expected);
      expect(expected.received_at > expected.time).toBe(true);
    }
  });
});

describe("the ceiling of the consumer", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.close());

  test("stores what the product stores of the same events", async () => {
    const db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
    await addCampaigns(db);
    const { rows: campaigns } = await listCampaigns(db, {}, 1_000, undefined);
    const decided = (first: number) => {
      const events = Array.from({ length: 10 }, (_, i) => acceptedAt(first + i));
      const matched = events.flatMap((event) =>
        campaigns.filter(({ rule }) => evaluate(rule, event)).map((campaign) => ({ event, campaign })),
      );
      return { events, matched };
    };
    const ours = decided(0);
    const { epoch } = await epochOf(db);
    await commitDecisions(
      db,
      epoch,
      ours.events,
      ours.matched.map(({ event, campaign: { id, version } }) => ({
        event: ours.events.indexOf(event),
        campaign_id: id,
        campaign_version: version,
      })),
    );
    const bare = decided(100);
    await bareInserts(database.url)(
      bare.events,
      bare.matched.map(({ event, campaign }) => ({
        campaign_id: campaign.id,
        campaign_version: campaign.version,
        source: event.source,
        event_id: event.id,
        subject: event.subject,
      })),
    );
    for (const { events, matched } of [ours, bare]) {
      expect(matched.length).toBeGreaterThan(0);
      for (const event of events) {
        const [stored] = await readEvents(db, event.id, event.source);
        const matches = matched
          .filter((match) => match.event.id === event.id)
          .map(({ campaign: { id, version } }) => ({ campaign_id: id, campaign_version: version }));
        expect(stored).toMatchObject({ ...event, matches });
      }
    }
  });
});

test("a read's request to the database is recorded as the driver sends it", async () => {
  const { headers, body } = await record((db) => readEvents(db, "event-1", "shop"));
  expect(headers).toMatchObject({ "neon-raw-text-output": "true", "neon-array-mode": "true" });
  expect(JSON.parse(body)).toMatchObject({ params: expect.arrayContaining(["event-1", "shop"]) });
});

const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

describe.skipIf(!hasRedis)("the peer of ingestion (needs redis-server)", () => {
  let redis: Child | undefined;
  let peer: Child;
  let token = "";
  beforeAll(async () => {
    redis = await startRedis(undefined);
    const { pem, jwk } = await generateSigningKey();
    const loaded = await loadKeys({ signingKey: pem });
    if (redis === undefined || !loaded.ok) throw new Error("neither Redis nor a key");
    const settings = { issuer: "https://bench.example", audience: "bench" };
    const subject = {
      kind: "key",
      keyId: crypto.randomUUID(),
      keyName: "shop",
      scopes: ["events:write"],
      sources: ["*"],
    } as const;
    ({ token } = await issueToken(loaded.keys, settings, subject, new Date()));
    const script = new URL("../../bench/ingest/peer-process.ts", import.meta.url);
    const args = [
      String(redis.port),
      JSON.stringify(jwk),
      settings.issuer,
      settings.audience,
      "job an event",
    ];
    peer = await startChild(script, args, undefined);
  });
  afterAll(async () => {
    await peer?.stop();
    await redis?.stop();
  });
  const post = (credentials: string, body: unknown) =>
    ask(
      peer.port,
      httpRequest(
        "POST",
        "/v1/events",
        { Authorization: `Bearer ${credentials}`, "Content-Type": "application/json" },
        JSON.stringify(body),
      ),
    );

  test("puts every valid event into its queue, and no other", async () => {
    expect((await post(`${token}x`, [eventAt(1)])).status).toBe(401);
    expect((await post(token, [{ ...eventAt(1), extra: true }])).status).toBe(422);
    expect(await jobsIn(redis?.port ?? 0)).toBe(0);
    const answer = await post(token, [eventAt(1), { id: 2 }, eventAt(3)]);
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 2, rejected: 1 });
    expect(await jobsIn(redis?.port ?? 0)).toBe(2);
  });
});

async function epochOf(db: Database): Promise<{ epoch: number }> {
  const { rows } = await db.execute(sql`select epoch::int from campaign_epoch`);
  return rows[0] as { epoch: number };
}

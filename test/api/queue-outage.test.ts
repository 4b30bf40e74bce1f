/** While the queue takes nothing, or not everything: the API Worker as it is deployed, before a queue that fails. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Fault } from "../../dev/chaos/faults.ts";
import { openQueueProxy, type QueueProxy } from "../../dev/chaos/queue-fault-proxy.ts";
import { startWorker, type Worker } from "../../dev/chaos/worker.ts";
import { apiConfig } from "../../dev/workerd/configuration.ts";
import { createApiKey as createSecret, hashApiKey } from "../../src/auth/api-keys.ts";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { parseBody, type QueueMessage } from "../../src/messages.ts";
import { createApiKey } from "../../src/storage/api-keys.ts";
import { openDatabase } from "../../src/storage/core/client.ts";
import { builtWorker } from "../support/build-workers.ts";
import { OPERATOR } from "../support/campaigns.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

let database: TestDatabase;
let door: QueueProxy;
let worker: Worker;
let url: string;
const secret = createSecret();

/** What happens to the next calls of the queue, in order; after them it takes everything. */
let script: (Fault | undefined)[] = [];
const taken: QueueMessage[] = [];
const takenIds = () => taken.flatMap(({ events }) => events.map(({ id }) => id));

beforeAll(async () => {
  database = await openTestDatabase();
  const db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  const key = {
    id: crypto.randomUUID(),
    name: "shop",
    scopes: ["events:write"] as const,
    sources: ["shop"],
    expiresAt: null,
  };
  await createApiKey(db, { ...key, secretHash: await hashApiKey(secret) }, OPERATOR);
  const scripted = { draw: () => script.shift(), struck: () => {} };
  door = await openQueueProxy(scripted as never, (body) => void taken.push(parseBody(body) as QueueMessage));
  const [{ pem }, built] = await Promise.all([generateSigningKey(), builtWorker("wrangler.toml")]);
  worker = await startWorker("queue-outage", () =>
    apiConfig({
      bundle: built,
      values: {
        DATABASE_URL: database.url,
        NEON_FETCH_ENDPOINT: database.endpointUrl,
        ALLOW_HTTP: "loopback",
        JWT_SIGNING_KEY: pem,
      },
      queueAddress: door.address,
    }),
  );
  url = await worker.url();
});
afterAll(async () => {
  await worker?.stop();
  await door?.close();
  await database?.close();
});
beforeEach(() => {
  script = [];
  taken.length = 0;
});

const event = (id: string, bytes = 10) => ({ id, type: "purchase", data: { text: "x".repeat(bytes) } });
/** Too much for one call of the queue: the first four events, then the others. */
const large = ["1", "2", "3", "4", "5", "6"].map((id) => event(id, 60_000));

async function post(json: unknown) {
  const response = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
    body: JSON.stringify(json),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on its shape
  return { status: response.status, headers: response.headers, json: (await response.json()) as any };
}
const acceptedOf = ({ json }: { json: { results: { id: string; status: string }[] } }) =>
  json.results.filter(({ status }) => status === "accepted").map(({ id }) => id);

describe.each<Fault>(["queue send refused", "queue send dropped"])("%s", (fault) => {
  test.each<[string, unknown, number]>([
    ["one event", event("1"), 1],
    ["a batch", [event("1"), event("2")], 1],
    ["more than one call takes", large, 2],
  ])("%s: 503 with Retry-After, and the queue holds nothing", async (_, json, calls) => {
    script = Array.from({ length: calls }, () => fault);
    const answer = await post(json);
    expect([answer.status, answer.json.code]).toEqual([503, "queue_unavailable"]);
    expect(answer.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect([script, taken]).toEqual([[], []]);
    expect((await post(json)).status).toBe(202);
  });

  test.each<[string, (Fault | undefined)[]]>([
    ["later", [undefined, fault]],
    ["first", [fault, undefined]],
  ])("%s: tells of each event whether the queue holds it", async (_, calls) => {
    script = [...calls];
    const answer = await post(large);
    expect(answer.status).toBe(202);
    expect(acceptedOf(answer)).toEqual(takenIds());
    expect([answer.json.accepted, answer.json.rejected]).toEqual([takenIds().length, 6 - takenIds().length]);
    expect(takenIds().length % 6).toBeGreaterThan(0);
    for (const { status, error } of answer.json.results) {
      if (status === "rejected") expect(error).toEqual({ code: "queue_unavailable", errors: [] });
    }
  });
});

test("a batch that the queue took, of which it did not tell, is not called accepted; sent again it is", async () => {
  script = ["queue send taken, reply lost"];
  expect((await post([event("1"), event("2")])).status).toBe(503);
  expect(takenIds()).toEqual(["1", "2"]);
  expect(acceptedOf(await post([event("1"), event("2")]))).toEqual(["1", "2"]);
  expect(takenIds()).toEqual(["1", "2", "1", "2"]); // one of each pair takes no effect: the commit deduplicates
});

import { beforeAll, beforeEach, expect, test } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import { acceptedEvent, queueMessage } from "../support/accepted-events.ts";
import { activeCampaign, campaignFromBefore } from "../support/campaigns.ts";
import { forgetAll, type Recorded, recorded } from "../support/recorded.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let token: string;

beforeAll(async () => {
  token = await system.login("admin");
});
beforeEach(() => forgetAll(system.database));

/** Of a wrangler file, what its own types leave open. */
interface QueueConsumer {
  readonly queue: string;
  readonly max_retries?: number;
}

const isCommit = (body: string) => body.includes("commit_decisions");

async function post(json: unknown, headers: Record<string, string> = {}): Promise<void> {
  const answer = await system.call("POST", "/v1/events", { token, json, headers });
  expect(answer.status).toBe(202);
}

/** What is recorded once it is `enough`. */
function recordedWhen(enough: (found: Recorded) => boolean, what: string): Promise<Recorded> {
  return eventually(
    async () => {
      const found = await recorded(system.database);
      return enough(found) ? found : undefined;
    },
    { what },
  );
}

const processed = (...ids: string[]): Promise<Recorded> =>
  recordedWhen(
    ({ events }) => ids.every((id) => events.some((event) => event.id === id)),
    `the events ${ids.join(", ")} are processed`,
  );

/** The consumer knows the active set as it is now: its next commit is not refused for a moved epoch. */
async function learnActiveSet(): Promise<void> {
  await post({ id: "warm-up", type: "purchase", time: "2000-01-01T00:00:00Z" });
  await processed("warm-up");
  await system.database.sql`truncate events, matches cascade`;
}

/** The JSON lines that a Worker logged, of both. */
function logged(message: string): Record<string, unknown>[] {
  return system.harness.getLogs().flatMap((entry) => {
    const line = entry.message.startsWith("{") ? JSON.parse(entry.message) : {};
    return line.message === message ? [line] : [];
  });
}

test("a request's id and trace lead from the API's log to the consumer's", async () => {
  const ids = {
    request_id: "from-client-to-commit",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  await post({ id: "1", type: "purchase" }, { "X-Request-Id": ids.request_id, traceparent: ids.traceparent });
  await processed("1");
  await eventually(async () =>
    logged("message_decided").find((line) => line["request_id"] === ids.request_id),
  );
  expect(logged("request")).toContainEqual(expect.objectContaining({ ...ids, route: "/v1/events" }));
  expect(logged("message_decided")).toContainEqual(expect.objectContaining({ ...ids, events: 1 }));
});

test("a campaign from before Unicode's case folding decides as before until its rule is edited", async () => {
  const rule = { field: "data.street", operator: "contains", value: "ΟΔΟΣ" } as const;
  const id = await campaignFromBefore(system.database.sql, rule);
  const today = await activeCampaign(system.db, { rule });
  const campaign = `/v1/campaigns/${id}`;
  const edit = async (json: unknown, etag: string): Promise<string> => {
    const edited = await system.call("PATCH", campaign, { token, json, headers: { "If-Match": etag } });
    expect(edited.status).toBe(200);
    return edited.headers.get("ETag") ?? "";
  };
  const decided = async (event: string) => {
    await post([
      { id: `${event} inside`, type: "purchase", data: { street: "ΟΔΟΣΑ" } },
      { id: `${event} at the end`, type: "purchase", data: { street: "Η ΟΔΟΣ" } },
    ]);
    const { matches } = await processed(`${event} inside`, `${event} at the end`);
    return matches
      .filter((match) => match.campaign_id === id && match.event_id.startsWith(event))
      .map((match) => `${match.event_id}, version ${match.version}`)
      .sort();
  };
  expect(await decided("old")).toEqual(["old at the end, version 1"]);
  const read = await system.call("GET", campaign, { token });
  const etag = await edit({ name: "Renamed" }, read.headers.get("ETag") ?? "");
  expect(await decided("renamed")).toEqual(["renamed at the end, version 1"]);
  await edit({ rule: { and: [rule] } }, etag);
  expect(await decided("edited")).toEqual(["edited at the end, version 2", "edited inside, version 2"]);
  const { matches } = await recorded(system.database);
  expect(matches.filter((match) => match.campaign_id === today.id)).toHaveLength(6);
  const { json } = await system.call("GET", `${campaign}/versions`, { token });
  expect(json.data).toMatchObject([
    { version: 2, semantics: 2 },
    { version: 1, semantics: 1 },
  ]);
});

test("a campaign from before goes on with a number that a new rule may not have", async () => {
  const rule = {
    or: [
      { field: "data.amount", operator: "in", value: [1, 1e20] },
      { field: "data.amount", operator: "between", value: [100, 2 ** 53] },
    ],
  } as const;
  const { id } = await activeCampaign(system.db, { rule });
  const campaign = `/v1/campaigns/${id}`;
  const refused = [
    { pointer: "/rule/or/0/value/1", code: "number_not_exact" },
    { pointer: "/rule/or/1/value/1", code: "number_not_exact" },
  ];
  const send = async (method: string, path: string, json: unknown, etag = "") =>
    system.call(method, path, { token, json, headers: { "If-Match": etag } });

  const read = await system.call("GET", campaign, { token });
  expect(read.json.rule).toEqual(rule);
  const etag = read.headers.get("ETag") ?? "";
  for (const answer of [
    await send("POST", "/v1/campaigns", { name: "New", rule }),
    await send("PATCH", campaign, { rule }, etag),
    await send("POST", "/v1/rules/explain", { rule, event: { id: "1", type: "purchase" } }),
  ]) {
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject(refused);
  }
  expect((await send("PATCH", campaign, { name: "Renamed" }, etag)).json).toMatchObject({ version: 1, rule });

  await post([
    { id: "one", type: "purchase", data: { amount: 1 } },
    { id: "two", type: "purchase", data: { amount: 2 } },
    { id: "most", type: "purchase", data: { amount: 2 ** 53 - 1 } },
  ]);
  const { matches } = await processed("one", "two", "most");
  const ids = matches.filter((match) => match.campaign_id === id).map((match) => match.event_id);
  expect(ids.sort()).toEqual(["most", "one"]);
});

test("copies and other content under the same id: one is decided, one kept as a conflict", async () => {
  const { id } = await activeCampaign(system.db, {
    rule: { field: "data.amount", operator: "at_least", value: 100 },
  });
  const event = { id: "1", type: "purchase", data: { amount: 120 } };
  await post([event, event, { id: "2", type: "purchase" }]);
  await post(event);
  await processed("1", "2");
  await post([{ ...event, data: { amount: 500 } }, event]);
  await post({ ...event, data: { amount: 500 } });
  await post({ id: "last", type: "purchase" });
  await processed("last");
  // Kept after the decisions of its batch, in a transaction of its own.
  const { events, matches, conflicts } = await eventually(
    async () => {
      const found = await recorded(system.database);
      return found.conflicts.length > 0 ? found : undefined;
    },
    { what: "keeping the conflict" },
  );
  expect(events.map(({ id }) => id)).toEqual(["1", "2", "last"]);
  expect(matches.map(({ event_id, campaign_id }) => [event_id, campaign_id])).toEqual([["1", id]]);
  expect(conflicts).toHaveLength(1);
  const read = await system.call("GET", "/v1/events/1", { token });
  expect(read.json).toMatchObject({ data: { amount: 120 }, matches: [{ campaign_id: id }] });
});

test("a campaign paused between match and commit does not match", async () => {
  const [stays, paused] = [await activeCampaign(system.db), await activeCampaign(system.db)];
  await learnActiveSet();
  const held = system.faults.fail({ kind: "hold" }, { when: isCommit, times: 1 });
  await post({ id: "1", type: "purchase" });
  await held.struck;
  const answer = await system.call("POST", `/v1/campaigns/${paused.id}/pause`, { token });
  expect(answer.status).toBe(200);
  held.release();
  const { matches } = await processed("1");
  expect(matches.map(({ campaign_id }) => campaign_id)).toEqual([stays.id]);
});

test("an error, then a lost reply: the message comes again after a delay and is decided once", async () => {
  const { id } = await activeCampaign(system.db);
  await learnActiveSet();
  const error = system.faults.fail({ kind: "answer", status: 500 }, { when: isCommit, times: 1 });
  const lost = system.faults.fail({ kind: "lose-reply" }, { when: isCommit, times: 1 });
  system.harness.clearLogs();
  await post({ id: "1", type: "purchase" });
  await lost.struck;
  await eventually(async () => logged("batch_decided").find((line) => line["duplicates"] === 1));
  expect([error.hits, lost.hits]).toEqual([1, 1]);
  expect(logged("message_retried")).toMatchObject([
    { attempts: 1, failure: "no_answer" },
    { attempts: 2, failure: "no_answer" },
  ]);
  const { events, matches } = await recorded(system.database);
  expect(events).toHaveLength(1);
  expect(matches.map(({ campaign_id }) => campaign_id)).toEqual([id]);
});

test("a database that hangs is given up, and the event decided once it answers", async () => {
  const hung = system.faults.fail({ kind: "hold" }, { when: isCommit, times: 1 });
  await post({ id: "1", type: "purchase" });
  await hung.struck;
  const { events } = await processed("1");
  hung.release();
  expect(events).toHaveLength(1);
});

test("malformed messages and a poisoned event become dead letters, all else is decided", async () => {
  const poisoned = acceptedEvent({ id: "poisoned", data: { text: "a\0b" } });
  await system.enqueue("not a message");
  await system.enqueue({ ...queueMessage([acceptedEvent({ id: "future" })]), version: 4 });
  await system.enqueue(queueMessage([acceptedEvent({ id: "1" }), poisoned, acceptedEvent({ id: "2" })]));
  const { events, deadLetters } = await recordedWhen(
    (found) => found.events.length >= 2 && found.deadLetters.length >= 3,
    "two events and three dead letters",
  );
  expect(events.map(({ id }) => id)).toEqual(["1", "2"]);
  expect(deadLetters.map(({ cause, error_code }) => [cause, error_code])).toEqual([
    ["malformed_message", null],
    ["malformed_message", null],
    ["refused_by_database", "22P05"],
  ]);
  expect(JSON.parse(deadLetters.at(-1)?.body ?? "")).toEqual(poisoned);
});

test("what exhausts its retries goes through the dead-letter queue into the table", async () => {
  await deliverAgainAtMostOnce();
  const down = system.faults.fail({ kind: "answer", status: 503 }, { when: isCommit });
  await post([
    { id: "1", type: "purchase", source: "shop", time: "2026-11-21T10:00:00Z" },
    { id: "2", type: "purchase", source: "shop", time: "2026-11-21T10:00:00Z" },
  ]);
  const { events, deadLetters } = await recordedWhen(
    (found) => found.deadLetters.length >= 2,
    "two dead letters",
  );
  down.release();
  expect(events).toEqual([]);
  expect(deadLetters).toMatchObject([
    { cause: "retries_exhausted", source: "shop", event_id: "1", error_code: null },
    { cause: "retries_exhausted", source: "shop", event_id: "2", error_code: null },
  ]);
  const token = await system.login("admin");
  const { json: me } = await system.call("GET", "/v1/auth/me", { token });
  const { json: listed } = await system.call("GET", "/v1/dead-letters", { token });
  for (const letter of listed.data) expect(letter.sender).toEqual({ kind: "user", id: me.id });
  expect(JSON.parse(deadLetters[0]?.body ?? "")).toMatchObject({ id: "1", time: "2026-11-21T10:00:00Z" });
});

/** A hundred retries with growing delays take a day: the consumer as it is deployed, but for their number. */
async function deliverAgainAtMostOnce(): Promise<void> {
  const { name, compatibility_date, main, alias, queues } = readConfig({ config: "wrangler.consumer.toml" });
  const config = {
    name: String(name),
    main: String(main),
    compatibility_date: String(compatibility_date),
    alias: alias ?? {},
    vars: { NEON_FETCH_ENDPOINT: system.faults.url, DATABASE_URL: system.database.url },
    queues: {
      consumers: (queues.consumers ?? []).map((consumer: QueueConsumer) => ({
        ...consumer,
        max_retries: 1,
        max_batch_timeout: 1,
      })),
    },
  };
  await system.harness.update(({ workers }) => ({ workers: [...workers.slice(0, 1), { config }] }));
}

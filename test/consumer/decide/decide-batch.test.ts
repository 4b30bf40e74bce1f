import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ActiveSet, createActiveSet } from "../../../src/consumer/active-set/active-set.ts";
import { decideBatch } from "../../../src/consumer/decide/decide-batch.ts";
import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../../src/limits.ts";
import { parseBody } from "../../../src/messages.ts";
import { transitionCampaign } from "../../../src/storage/campaigns.ts";
import type { Point } from "../../../src/telemetry/analytics.ts";
import { createMetricBuffer, type MetricBuffer } from "../../../src/telemetry/metric-buffer.ts";
import { formatTime } from "../../../src/time.ts";
import {
  acceptedEvent,
  eventOfVersion1,
  messageOfVersion1,
  queueMessage,
} from "../../support/accepted-events.ts";
import { activeCampaign, changed, OPERATOR } from "../../support/campaigns.ts";
import { counted, truth } from "../../support/counted.ts";
import type { Fault } from "../../support/database-faults.ts";
import { forgetAll, recorded } from "../../support/recorded.ts";
import { deliver, type RecordedDelivery } from "../../support/recorded-delivery.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const { database, faults, db } = await useFaultyDatabase();
let lines: string[];
beforeEach(async () => {
  await forgetAll(database);
  lines = [];
  for (const level of ["info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
  }
});
afterEach(() => void vi.restoreAllMocks());

/** Whatever a test did to it: what is counted is what is there. */
afterEach(async () => {
  expect(await counted(db)).toEqual(await truth(database));
});

const isCommit = (body: string) => body.includes("commit_decisions");
const isRefresh = (body: string) => body.includes("from campaign_epoch e");
const isDeadLetterRecord = (body: string) => body.includes("insert into dead_letters");

/** Delivers messages to a consumer that knows no campaign yet. */
async function decided(...messages: RecordedDelivery[]): Promise<void> {
  await decideBatch(db, createActiveSet(), { messages });
}

const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

describe("an event that comes again", () => {
  const event = acceptedEvent({ id: "1" });

  test.each([
    ["twice in one message", [[[event, event]]]],
    ["in two messages of one batch", [[[event], [event]]]],
    ["in a later batch, with others", [[[event]], [[acceptedEvent({ id: "0" }), event]]]],
  ])("%s is decided once", async (_, batches) => {
    const { id } = await activeCampaign(db);
    for (const batch of batches) {
      const messages = batch.map((events) => deliver(queueMessage(events)));
      await decided(...messages);
      expect(messages.map(({ said }) => said)).toEqual(messages.map(() => ["ack"]));
    }
    const { events, matches, conflicts } = await recorded(database);
    expect(events.filter((found) => found.id === "1")).toHaveLength(1);
    expect(matches.filter((found) => found.event_id === "1")).toEqual([
      { source: "shop", event_id: "1", campaign_id: id, version: 1 },
    ]);
    expect(conflicts).toEqual([]);
  });

  test("keeps the time of its first delivery when it was sent without one", async () => {
    const at = (time: string) => ({ ...event, time, received_at: time });
    const [first, later] = [at("2026-11-21T10:00:00Z"), at("2026-11-21T10:00:05Z")];
    await decided(deliver(queueMessage([first, later])));
    await decided(deliver(queueMessage([later])));
    expect(await database.sql`select time = ${first.time} as first from events`).toEqual([{ first: true }]);
    expect((await recorded(database)).conflicts).toEqual([]);
  });

  test("in a message of version 1, then of version 2, and of 1 again, is decided once", async () => {
    const other = acceptedEvent({ id: "1", type: "other" });
    await decided(deliver(messageOfVersion1([event])));
    await decided(deliver(queueMessage([event, other])));
    await decided(deliver(JSON.stringify(messageOfVersion1([event, other]))));
    const { events, conflicts, deadLetters } = await recorded(database);
    expect([events.length, conflicts.length, deadLetters.length]).toEqual([1, 1, 0]);
  });

  test("the same id of another source is another event", async () => {
    await decided(deliver(queueMessage([event, acceptedEvent({ id: "1", source: "web" })])));
    expect((await recorded(database)).events).toHaveLength(2);
  });
});

describe("other content under the same source and id", () => {
  const a = acceptedEvent({ id: "1", type: "a" });
  const b = acceptedEvent({ id: "1", type: "b" });
  const c = acceptedEvent({ id: "1", type: "c" });
  const stored = { source: "shop", id: "1", type: "a" };
  const conflict = (type: string) => ({ source: "shop", event_id: "1", type });

  test.each([
    ["in later batches, several times", [[[a]], [[b]], [[b, b], [b]]], ["b"]],
    ["before the first comes again", [[[a]], [[b, a]]], ["b"]],
    ["in one message", [[[a, b]]], ["b"]],
    ["in one batch, in two messages", [[[a], [b]]], ["b"]],
    ["in three versions at once", [[[a, c, b, a, c]]], ["b", "c"]],
    ["after a copy of the first", [[[a, a, b]]], ["b"]],
  ])("%s leaves the first and is kept once as a conflict", async (_, batches, conflicting) => {
    await activeCampaign(db, { rule: { field: "type", operator: "equals", value: "b" } });
    for (const batch of batches) await decided(...batch.map((events) => deliver(queueMessage(events))));
    const { events, matches, conflicts } = await recorded(database);
    expect(events).toEqual([stored]);
    expect(conflicts).toEqual(conflicting.map(conflict));
    // The only campaign is for what came second: it must not be matched by an event that was not taken.
    expect(matches).toEqual([]);
  });

  test("matches the first content alone when several come together", async () => {
    const forA = await activeCampaign(db, { rule: { field: "type", operator: "equals", value: "a" } });
    await activeCampaign(db, { rule: { field: "type", operator: "equals", value: "b" } });
    await decided(deliver(queueMessage([a, b])));
    expect((await recorded(database)).matches.map(({ campaign_id }) => campaign_id)).toEqual([forA.id]);
  });

  test("a thousand times in one message costs a handful of requests", async () => {
    const versions = Array.from({ length: 1_000 }, (_, n) => acceptedEvent({ id: "1", data: { n } }));
    let requests = 0;
    const counting = (): boolean => {
      requests += 1;
      return false;
    };
    const counter = faults.fail({ kind: "drop" }, { when: counting });
    await decided(deliver(queueMessage(versions)));
    counter.release();
    expect(requests).toBe(3); // the campaigns, what changed since, the commit
    const { events, conflicts } = await recorded(database);
    expect([events.length, conflicts.length]).toEqual([1, 999]);
  });
});

test("an event whose attributes are as long as may be fits into every index, and so does a conflict", async () => {
  /** Characters of four bytes that do not compress. */
  const long = (seed: number) =>
    Array.from({ length: EVENT_ATTRIBUTE_CHARS_MAX }, (_, n) =>
      String.fromCodePoint(0x10000 + (((seed + n) * 7_919 * 104_729) % 0xe0000)),
    ).join("");
  await activeCampaign(db);
  const event = acceptedEvent({ id: long(1), source: long(2), type: long(3), subject: long(4) });
  await decided(deliver(queueMessage([event, { ...event, type: long(5) }])));
  const { events, matches, conflicts, deadLetters } = await recorded(database);
  expect([events, matches, conflicts, deadLetters].map((rows) => rows.length)).toEqual([1, 1, 1, 0]);
});

test("events are decided alike in whatever order they come", async () => {
  const campaign = await activeCampaign(db, {
    rule: { field: "data.n", operator: "at_least", value: 2 },
  });
  const [one, two, three] = [1, 2, 3].map((n) => acceptedEvent({ id: String(n), data: { n } }));
  if (!one || !two || !three) throw new Error("three events");
  await decided(deliver(queueMessage([three])), deliver(queueMessage([one])));
  await decided(deliver(queueMessage([two])));
  const { events, matches } = await recorded(database);
  expect(ids(events)).toEqual(["1", "2", "3"]);
  expect(matches.map(({ event_id, campaign_id }) => [event_id, campaign_id])).toEqual([
    ["2", campaign.id],
    ["3", campaign.id],
  ]);
});

describe("a change of the active set between match and commit", () => {
  test("a paused campaign does not match any more", async () => {
    const [stays, paused] = [await activeCampaign(db), await activeCampaign(db)];
    const held = faults.fail({ kind: "hold" }, { when: isCommit, times: 1 });
    const message = deliver(queueMessage([acceptedEvent({ id: "1" })]));
    const deciding = decided(message);
    await held.struck;
    changed(await transitionCampaign(db, paused.id, "pause", undefined, OPERATOR));
    held.release();
    await deciding;
    expect(message.said).toEqual(["ack"]);
    expect((await recorded(database)).matches.map(({ campaign_id }) => campaign_id)).toEqual([stays.id]);
  });

  test("an activated campaign matches", async () => {
    const held = faults.fail({ kind: "hold" }, { when: isCommit, times: 1 });
    const deciding = decided(deliver(queueMessage([acceptedEvent({ id: "1" })])));
    await held.struck;
    const { id } = await activeCampaign(db);
    held.release();
    await deciding;
    expect((await recorded(database)).matches.map(({ campaign_id }) => campaign_id)).toEqual([id]);
  });

  test("a set that moves at every attempt puts the batch off, and it is decided later", async () => {
    const { id } = await activeCampaign(db);
    const moved = faults.fail(
      { kind: "answer", status: 400, body: JSON.stringify({ message: "moved", code: "CM001" }) },
      { when: isCommit, times: 6 },
    );
    const message = deliver(queueMessage([acceptedEvent({ id: "1" })]));
    await decided(message);
    expect(moved.hits).toBe(6);
    expect(message.said).toEqual([{ retryAfter: expect.any(Number) }]);
    const again = deliver(message.body, 2);
    await decided(again);
    expect(again.said).toEqual(["ack"]);
    expect((await recorded(database)).matches.map(({ campaign_id }) => campaign_id)).toEqual([id]);
  });
});

test("a campaign's window is compared with the event's own time, start included and end not", async () => {
  const { id } = await activeCampaign(db, {
    starts_at: "2020-02-01T00:00:00Z",
    ends_at: "2020-03-01T00:00:00.500Z",
  });
  const at = (time: string) => acceptedEvent({ id: time, time });
  await decided(
    deliver(
      queueMessage([
        at("2020-01-31T23:59:59.999Z"),
        at("2020-02-01T00:00:00Z"),
        at("2020-03-01T00:00:00.499Z"),
        at("2020-03-01T00:00:00.500Z"),
        at("2026-11-21T10:00:00Z"),
      ]),
    ),
  );
  const { events, matches } = await recorded(database);
  expect(events).toHaveLength(5);
  expect(matches.map(({ event_id, campaign_id }) => [event_id, campaign_id])).toEqual([
    ["2020-02-01T00:00:00Z", id],
    ["2020-03-01T00:00:00.499Z", id],
  ]);
});

describe("a database that does not answer", () => {
  const FAULTS: readonly (readonly [string, Fault])[] = [
    ["answers 500", { kind: "answer", status: 500 }],
    ["answers 503", { kind: "answer", status: 503 }],
    ["answers 507", { kind: "answer", status: 507 }],
    ["is cut short", { kind: "answer", status: 200, body: '{"results":[{"fie' }],
    ["refuses for want of memory", { kind: "answer", status: 400, body: '{"message":"","code":"53200"}' }],
    ["found a deadlock", { kind: "answer", status: 400, body: '{"message":"","code":"40P01"}' }],
    ["lost its own connection", { kind: "answer", status: 400, body: '{"message":"","code":null}' }],
    ["drops the connection", { kind: "drop" }],
    ["does its work and loses the reply", { kind: "lose-reply" }],
    ["does its work and answers 500", { kind: "lose-reply", status: 500 }],
  ];
  const STATEMENTS = [
    ["the campaigns are read", isRefresh],
    ["decisions are committed", isCommit],
    ["dead letters are kept", isDeadLetterRecord],
  ] as const;
  const cases = FAULTS.flatMap(([fault, script]) =>
    STATEMENTS.map(([when, fits]) => [fault, when, script, fits] as const),
  );

  /** A message that makes the consumer run every statement: plain events, a conflict, a poisoned event. */
  const body = queueMessage([
    acceptedEvent({ id: "1" }),
    acceptedEvent({ id: "2" }),
    acceptedEvent({ id: "2", type: "other" }),
    acceptedEvent({ id: "3", data: { text: "\0" } }),
    acceptedEvent({ id: "4" }),
  ]);

  async function expectDecided(campaignId: string): Promise<void> {
    const { events, matches, conflicts, deadLetters } = await recorded(database);
    expect(ids(events)).toEqual(["1", "2", "4"]);
    expect(matches.map(({ event_id, campaign_id }) => [event_id, campaign_id])).toEqual(
      ["1", "2", "4"].map((id) => [id, campaignId]),
    );
    expect(conflicts).toEqual([{ source: "shop", event_id: "2", type: "other" }]);
    expect(deadLetters.map(({ event_id, cause }) => [event_id, cause])).toEqual([
      ["3", "refused_by_database"],
    ]);
  }

  test.each(cases)("%s when %s: put off, then decided once", async (_, __, script, fits) => {
    const { id } = await activeCampaign(db);
    const fault = faults.fail(script, { when: fits, times: 1 });
    const first = deliver(body, 3);
    await decided(first);
    expect(fault.hits).toBe(1);
    // Third delivery: between half of 2 s · 2² and all of it.
    expect(first.said).toEqual([{ retryAfter: expect.toSatisfy((delay) => delay >= 4 && delay <= 8) }]);

    const second = deliver(body, 4);
    await decided(second);
    expect(second.said).toEqual(["ack"]);
    await expectDecided(id);
  });

  test("hangs: given up after the time-out, then decided once", async () => {
    const { id } = await activeCampaign(db);
    const fault = faults.fail({ kind: "hold" }, { when: isCommit, times: 1 });
    const first = deliver(body);
    const timeOut = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(timeOut.signal);
    const gaveUp = decided(first);
    await fault.struck;
    timeOut.abort(new DOMException("The operation timed out", "TimeoutError"));
    await gaveUp;
    vi.mocked(AbortSignal.timeout).mockRestore();
    expect(first.said).toEqual([{ retryAfter: expect.any(Number) }]);
    expect((await recorded(database)).events).toEqual([]);

    const second = deliver(body, 2);
    await decided(second);
    fault.release();
    expect(second.said).toEqual(["ack"]);
    await expectDecided(id);
  });
});

describe("a malformed message", () => {
  const good = acceptedEvent({ id: "good" });
  const MALFORMED: readonly (readonly [string, unknown])[] = [
    ["null", null],
    ["a number", 5],
    ["a string with NUL", "not JSON \0"],
    ["an array", [queueMessage([good])]],
    ["an empty object", {}],
    ["of a version unknown here", { ...queueMessage([good]), version: 4 }],
    ["without events", { ...queueMessage([]) }],
    ["whose events are no list", { ...queueMessage([good]), events: good }],
    ["without a request id", { version: 3, events: [good] }],
    ["with an unknown key", { ...queueMessage([good]), priority: 1 }],
    ["of a version unknown here, as text", JSON.stringify({ ...queueMessage([good]), version: 4 })],
  ];

  test.each(MALFORMED)("%s is kept as a dead letter, once, and its neighbours decided", async (_, body) => {
    const neighbour = () => deliver(queueMessage([acceptedEvent({ id: "neighbour" })]));
    const messages = [neighbour(), deliver(body), neighbour()];
    await decided(...messages);
    await decided(deliver(body, 2));
    expect(messages.map(({ said }) => said)).toEqual([["ack"], ["ack"], ["ack"]]);
    const { events, deadLetters } = await recorded(database);
    expect(ids(events)).toEqual(["neighbour"]);
    expect(deadLetters).toHaveLength(1);
    expect(deadLetters[0]).toMatchObject({ cause: "malformed_message", error_code: null });
    expect(JSON.parse(deadLetters[0]?.body ?? "")).toEqual(parseBody(body));
  });

  test("a message is read alike whether it came as text, as the API sends it, or as an object", async () => {
    const body = queueMessage([acceptedEvent({ id: "1" })]);
    await decided(deliver(JSON.stringify(body)), deliver(body));
    const { events, deadLetters } = await recorded(database);
    expect(ids(events)).toEqual(["1"]);
    expect(deadLetters).toEqual([]);
  });

  const BAD_EVENTS: readonly (readonly [string, unknown])[] = [
    ["null", null],
    ["of version 1", eventOfVersion1(acceptedEvent({ id: "bad" }))],
    ["of no type", { ...acceptedEvent({ id: "bad" }), type: "" }],
    ["at no time", { ...acceptedEvent({ id: "bad" }), time: "yesterday" }],
    ["whose data is a list", { ...acceptedEvent({ id: "bad" }), data: [] }],
    ["with an unknown key", { ...acceptedEvent({ id: "bad" }), ttl: 5 }],
  ];

  test.each(BAD_EVENTS)("one event %s among good ones is kept alone", async (_, bad) => {
    const message = deliver({ ...queueMessage([]), events: [good, bad, acceptedEvent({ id: "too" })] });
    await decided(message);
    expect(message.said).toEqual(["ack"]);
    const { events, deadLetters } = await recorded(database);
    expect(ids(events)).toEqual(["good", "too"]);
    expect(deadLetters).toMatchObject([
      { cause: "malformed_message", event_id: bad === null ? null : "bad", source: bad && "shop" },
    ]);
    expect(JSON.parse(deadLetters[0]?.body ?? "")).toEqual(bad);
  });

  test("only events that are malformed leave nothing to decide", async () => {
    const message = deliver({ ...queueMessage([]), events: [1] });
    await decided(message);
    expect(message.said).toEqual(["ack"]);
    expect((await recorded(database)).deadLetters).toHaveLength(1);
  });
});

describe("a poisoned event", () => {
  const POISON = [
    ["NUL in its data", { data: { text: "a\0b" } }, "22P05"],
    ["NUL in its id", { id: "bad\0" }, "22P05"],
    ["half a character in its data", { data: { text: "\ud800" } }, "22P02"],
    ["a time that Postgres does not know", { time: "0000-01-01T00:00:00Z" }, "22008"],
    ["a source longer than its column takes", { source: "s".repeat(300) }, "23514"],
    ["a subject too long for any column", { subject: "s".repeat(100_000) }, "23514"],
  ] as const;

  test.each(POISON)("with %s is found among others, kept, and they are decided", async (_, fields, code) => {
    const { id } = await activeCampaign(db);
    const bad = acceptedEvent({ id: "bad", ...fields });
    const others = Array.from({ length: 20 }, (_, n) => acceptedEvent({ id: `good-${n}` }));
    const messages = [
      deliver(queueMessage(others.slice(0, 7))),
      deliver(queueMessage([...others.slice(7, 12), bad, ...others.slice(12, 15)])),
      deliver(queueMessage(others.slice(15))),
    ];
    await decided(...messages);
    expect(messages.map(({ said }) => said)).toEqual([["ack"], ["ack"], ["ack"]]);
    const { events, matches, deadLetters } = await recorded(database);
    expect(ids(events).toSorted()).toEqual(ids(others).toSorted());
    expect(matches.filter(({ campaign_id }) => campaign_id === id)).toHaveLength(20);
    expect(deadLetters).toMatchObject([{ cause: "refused_by_database", error_code: code, attempts: 1 }]);
    expect(JSON.parse(deadLetters[0]?.body ?? "")).toEqual(bad);

    await decided(deliver(queueMessage([bad]), 2));
    const again = (await recorded(database)).deadLetters;
    expect(again).toMatchObject([{ attempts: 3 }]);
  });

  test("first under its id, it leaves the id to the next", async () => {
    const bad = acceptedEvent({ id: "1", data: { text: "\0" } });
    await decided(deliver(queueMessage([bad, acceptedEvent({ id: "1" })])));
    const { events, deadLetters } = await recorded(database);
    expect([events.length, deadLetters.length]).toEqual([1, 1]);
  });

  test("several, next to one another and at the ends", async () => {
    const events = Array.from({ length: 9 }, (_, n) =>
      acceptedEvent({ id: String(n), data: [0, 4, 5, 8].includes(n) ? { text: "\0" } : {} }),
    );
    await decided(deliver(queueMessage(events)));
    const found = await recorded(database);
    expect(ids(found.events)).toEqual(["1", "2", "3", "6", "7"]);
    expect(found.deadLetters.map(({ event_id }) => event_id)).toEqual(["0", "4", "5", "8"]);
  });
});

describe("what is not the events' fault", () => {
  const event = acceptedEvent({ id: "1" });

  async function expectPutOffThenDecided(repair: () => Promise<unknown>, code: string): Promise<void> {
    const first = deliver(queueMessage([event]));
    try {
      await decided(first);
    } finally {
      await repair();
    }
    expect(first.said).toEqual([{ retryAfter: expect.any(Number) }]);
    expect(lines.some((line) => JSON.parse(line).failure === code)).toBe(true);
    expect((await recorded(database)).deadLetters).toEqual([]);
    await decided(deliver(queueMessage([event]), 2));
    expect(ids((await recorded(database)).events)).toEqual(["1"]);
  }

  test("a missing table", async () => {
    await database.sql`alter table matches rename to elsewhere`;
    await expectPutOffThenDecided(() => database.sql`alter table elsewhere rename to matches`, "42P01");
  });

  test("a missing right", async () => {
    // The embedded database has one session: a role set in it is everyone's.
    await database.sql`revoke insert on matches from campaign_manager_consumer`;
    await database.sql`set role campaign_manager_consumer`;
    await expectPutOffThenDecided(async () => {
      await database.sql`reset role`;
      await database.sql`grant insert on matches to campaign_manager_consumer`;
    }, "42501");
  });
});

test("the consumer's own role in the database has every right that deciding takes", async () => {
  const { id } = await activeCampaign(db);
  const message = deliver(
    queueMessage([
      acceptedEvent({ id: "1" }),
      acceptedEvent({ id: "1", type: "other" }),
      acceptedEvent({ id: "2", data: { text: "\0" } }),
    ]),
  );
  await database.sql`set role campaign_manager_consumer`;
  await decided(message).finally(() => database.sql`reset role`);
  expect(message.said).toEqual(["ack"]);
  const { matches, conflicts, deadLetters } = await recorded(database);
  expect(matches.map(({ campaign_id }) => campaign_id)).toEqual([id]);
  expect([conflicts.length, deadLetters.length]).toEqual([1, 1]);
});

test("no word of an event reaches the logs, whatever happens to it", async () => {
  const secret = "dGVsbCBubyBvbmU";
  const events = [
    acceptedEvent({ id: "1", subject: secret, data: { secret } }),
    acceptedEvent({ id: "1", subject: secret, type: secret }),
    acceptedEvent({ id: "2", subject: secret, data: { secret: `${secret}\0` } }),
  ];
  faults.fail({ kind: "answer", status: 500, body: secret }, { when: isCommit, times: 1 });
  for (const attempts of [1, 2]) {
    await decided(deliver(queueMessage(events), attempts), deliver({ secret }, attempts));
  }
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(
    expect.arrayContaining(["message_retried", "message_decided", "batch_decided", "message_unreadable"]),
  );
  expect(lines.join("\n")).not.toContain(secret);
});

test("logs what became of a batch, with the ids that lead from the client here", async () => {
  await activeCampaign(db);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const events = [
    acceptedEvent({ id: "1" }),
    acceptedEvent({ id: "1" }),
    acceptedEvent({ id: "1", type: "other" }),
    acceptedEvent({ id: "2", data: { text: "\0" } }),
  ];
  await decided(deliver({ ...queueMessage(events, "request-7"), traceparent }, 2));
  const logged = lines.map((line) => JSON.parse(line));
  expect(logged).toContainEqual({
    level: "info",
    message: "message_decided",
    request_id: "request-7",
    traceparent,
    events: 4,
    attempts: 2,
  });
  expect(logged).toContainEqual(
    expect.objectContaining({
      level: "info",
      message: "batch_decided",
      messages: 1,
      events: 4,
      inserted: 1,
      matched: 1,
      conflicts: 1,
      duplicates: 1,
      erased: 0,
      dead_letters: 1,
      duration_ms: expect.any(Number),
    }),
  );
});

describe("what is measured", () => {
  const events = [
    acceptedEvent({ id: "1", received_at: formatTime(Date.now() - 4_000) }),
    acceptedEvent({ id: "2", received_at: formatTime(Date.now() - 4_000) }),
    acceptedEvent({ id: "3", received_at: formatTime(Date.now() + 60 * 60_000) }),
  ];
  let points: Point[];
  let metricBuffer: MetricBuffer;
  beforeEach(() => {
    points = [];
    metricBuffer = createMetricBuffer();
  });
  const measured = (activeSet: ActiveSet, ...messages: RecordedDelivery[]) =>
    decideBatch(
      db,
      activeSet,
      { messages },
      { metricBuffer, analytics: { writeDataPoint: (point) => void points.push(point) } },
    );
  const counts = () =>
    Object.fromEntries(metricBuffer.take().map(({ name, labels, value }) => [`${name}{${labels}}`, value]));

  test("of a batch that is decided: its size, its time, the age of its events, and a point", async () => {
    await activeCampaign(db);
    await measured(createActiveSet(), deliver(queueMessage(events)), deliver(queueMessage(events)));
    const counted = counts();
    expect(counted).toMatchObject({
      'consumer_batch_messages_bucket{le="2"}': 1,
      'consumer_batch_events_bucket{le="10"}': 1,
      "consumer_batch_events_sum{}": 6,
      "consumer_decision_duration_seconds_sum{}": expect.any(Number),
      "consumer_commit_duration_seconds_sum{}": expect.any(Number),
      // From the future, by a clock that is ahead: as young as can be.
      'event_age_seconds_bucket{le="0.25"}': 2,
    });
    expect(counted["event_age_seconds_sum{}"]).toBeGreaterThan(4 * 4);
    expect(points).toEqual([
      {
        indexes: ["events"],
        blobs: ["batch", "events", "decided"],
        doubles: [expect.any(Number), 2, 6, 3, 3, 3, 0, 0, 0],
      },
    ]);
  });

  test("of a commit that the epoch refused: that it was, and both attempts", async () => {
    const activeSet = createActiveSet();
    await measured(activeSet, deliver(queueMessage([acceptedEvent({ id: "0" })])));
    await activeCampaign(db);
    counts();
    await measured(activeSet, deliver(queueMessage(events)));
    const counted = counts();
    expect(counted["epoch_reloads_total{}"]).toBe(1);
    const commits = Object.entries(counted).filter(([key]) =>
      key.startsWith("consumer_commit_duration_seconds_bucket"),
    );
    expect(commits.reduce((sum, [, value]) => sum + value, 0)).toBe(2);
  });

  test("of messages that are retried: how many and why, a point, and a line that names the request", async () => {
    faults.fail({ kind: "answer", status: 500 }, { when: isCommit, times: 1 });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await measured(createActiveSet(), deliver({ ...queueMessage(events, "request-8"), traceparent }));
    expect(counts()).toMatchObject({ 'messages_retried_total{queue="events",failure="no_answer"}': 1 });
    expect(points).toEqual([
      {
        indexes: ["events"],
        blobs: ["batch", "events", "no_answer"],
        doubles: [expect.any(Number), 1, 3, 0, 0, 0, 0, 0, 0],
      },
    ]);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ message: "message_retried", request_id: "request-8", traceparent }),
    );
  });
});

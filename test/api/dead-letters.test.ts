/** Dead letters as an admin meets them, and the sweep for what is stuck, through the real Workers. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Backlog } from "../../src/api/queues/backlog.ts";
import { lostBefore, sweepLetters, sweepQueues } from "../../src/api/scheduled/sweep.ts";
import { letterOfEvent, letterOfMalformed } from "../../src/consumer/dead-letters/letters.ts";
import {
  DISCARD_REASON_CHARS_MAX,
  STUCK_LETTER_SECONDS,
  STUCK_MESSAGE_SECONDS,
  STUCK_REPLAY_SECONDS,
} from "../../src/limits.ts";
import type { AcceptedEvent } from "../../src/messages.ts";
import { recordDeadLetters } from "../../src/storage/dead-letters.ts";
import { acceptedEvent } from "../support/accepted-events.ts";
import { forgetAll } from "../support/recorded.ts";
import { deliver } from "../support/recorded-delivery.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
beforeAll(async () => {
  admin = await system.login("admin");
});
beforeEach(() => forgetAll(system.database));

const get = (path: string) => system.call("GET", path, { token: admin });
const post = (path: string, json?: unknown) => system.call("POST", path, { token: admin, json });
const SECRET = "4111 1111 1111 1111";

async function keep(...events: readonly AcceptedEvent[]): Promise<void> {
  await recordDeadLetters(
    system.db,
    await Promise.all(events.map((event) => letterOfEvent(event, "retries_exhausted", null, 101))),
  );
}
/** The letter of this event, in full. */
async function letterOf(eventId: string) {
  const { json } = await get(`/v1/dead-letters?event_id=${eventId}`);
  return json.data[0];
}
const settled = (eventId: string, status: string) =>
  eventually(async () => ((await letterOf(eventId)).status === status ? true : undefined), {
    what: `that the letter of ${eventId} is ${status}`,
  });
const decided = (...ids: string[]) =>
  eventually(
    async () => {
      const rows = await system.database.sql`select id from events where id = any(${ids})`;
      return rows.length === ids.length ? true : undefined;
    },
    { what: `that ${ids} are decided` },
  );
const sweep = (scheduledTime: Date) =>
  system.harness.getWorker("campaign-manager-api").scheduled({ cron: "*/10 * * * *", scheduledTime });

describe("the routes", () => {
  test("list letters without their bodies, and show one with it", async () => {
    const event = acceptedEvent({ id: "1", data: { card: SECRET } });
    await keep(event, acceptedEvent({ id: "2", type: "refund" }));
    const list = await get("/v1/dead-letters?limit=1");
    expect(list.json).toMatchObject({
      data: [{ cause: "retries_exhausted" }],
      next_cursor: expect.any(String),
    });
    const rest = await get(`/v1/dead-letters?limit=1&cursor=${list.json.next_cursor}`);
    expect(rest.json).toMatchObject({ data: [{ status: "open", attempts: 101 }], next_cursor: null });
    const filtered = await get("/v1/dead-letters?type=purchase&status=open&subject=customer-1&source=shop");
    expect(filtered.json.data.map(({ event_id }: AcceptedEvent & { event_id: string }) => event_id)).toEqual([
      "1",
    ]);
    expect(filtered.text + list.text + rest.text).not.toContain(SECRET);
    const one = await get(`/v1/dead-letters/${filtered.json.data[0].id}`);
    expect(one.json).toEqual({ ...filtered.json.data[0], body: JSON.stringify(event) });
  });

  test("replay one: it is decided, and a second replay of it changes nothing", async () => {
    await keep(acceptedEvent({ id: "1" }));
    const { id } = await letterOf("1");
    const first = await post(`/v1/dead-letters/${id}/replay`);
    expect([first.status, first.json]).toMatchObject([
      200,
      { id, status: "replayed", cause: "retries_exhausted" },
    ]);
    const second = await post(`/v1/dead-letters/${id}/replay`);
    expect([second.status, second.json]).toEqual([200, first.json]);
    await decided("1");
    await sweep(new Date());
    await settled("1", "resolved");
    expect((await post(`/v1/dead-letters/${id}/replay`)).json.status).toBe("resolved");
    const audit = await get(`/v1/audit?target=dead_letter/${id}`);
    expect(audit.json.data).toMatchObject([
      {
        action: "dead_letter.replay",
        actor_type: "user",
        before: { status: "open" },
        after: { status: "replayed" },
      },
    ]);
  });

  test("replay one that fails again: it is open again, with its cause", async () => {
    await keep(acceptedEvent({ id: "1", data: { text: "a\0b" } }));
    const { id } = await letterOf("1");
    expect((await post(`/v1/dead-letters/${id}/replay`)).json.status).toBe("replayed");
    await settled("1", "open");
    expect(await letterOf("1")).toMatchObject({
      cause: "refused_by_database",
      error_code: "22P05",
      attempts: 102,
    });
  });

  test("replay those that fit, and say what became of the others", async () => {
    await keep(...["1", "2"].map((id) => acceptedEvent({ id })), acceptedEvent({ id: "3", type: "refund" }));
    await recordDeadLetters(system.db, [
      await letterOfMalformed({ ...acceptedEvent({ id: "4" }), tenant: 1 }, deliver(null)),
    ]);
    const { status, json } = await post("/v1/dead-letters/replay", { type: "purchase" });
    expect([status, json]).toEqual([
      200,
      { replayed: 2, resolved: 0, refused: 1, unsent: 0, next_cursor: null },
    ]);
    await decided("1", "2");
    expect((await letterOf("3")).status).toBe("open");
    const unreadable = await letterOf("4");
    const refused = await post(`/v1/dead-letters/${unreadable.id}/replay`);
    expect([refused.status, refused.json.code]).toEqual([409, "not_replayable"]);
    const audit = await get("/v1/audit?action=dead_letter.replay&limit=2");
    expect(new Set(audit.json.data.map(({ target_id }: Record<string, string>) => target_id)).size).toBe(2);
  });

  test("discard one with a reason: once, and not to be replayed then", async () => {
    await keep(acceptedEvent({ id: "1" }));
    const { id } = await letterOf("1");
    const discarded = await post(`/v1/dead-letters/${id}/discard`, { reason: "sent by a test rig" });
    expect([discarded.status, discarded.json]).toMatchObject([
      200,
      { id, status: "discarded", discard_reason: "sent by a test rig" },
    ]);
    const again = await post(`/v1/dead-letters/${id}/discard`, { reason: "another" });
    expect([again.status, again.json]).toEqual([200, discarded.json]);
    const replayed = await post(`/v1/dead-letters/${id}/replay`);
    expect([replayed.status, replayed.json.code]).toEqual([409, "conflict"]);
    const audit = await get(`/v1/audit?target=dead_letter/${id}`);
    expect(audit.json.data.map(({ after }: Record<string, unknown>) => after)).toEqual([
      { status: "discarded", reason: "sent by a test rig" },
    ]);
  });

  test("discard those that fit; one that is replayed stays so", async () => {
    await keep(acceptedEvent({ id: "1", type: "spam" }), acceptedEvent({ id: "2", type: "spam" }));
    const { id } = await letterOf("1");
    await post(`/v1/dead-letters/${id}/replay`);
    const late = await post(`/v1/dead-letters/${id}/discard`, { reason: "spam" });
    expect([late.status, late.json.code]).toEqual([409, "conflict"]);
    const { json } = await post("/v1/dead-letters/discard", { type: "spam", reason: "spam" });
    expect(json).toEqual({ discarded: 1, more: false });
    expect((await letterOf("2")).status).toBe("discarded");
  });

  test.each<[string, unknown, string]>([
    ["/v1/dead-letters/replay", { status: "discarded" }, "/status"],
    ["/v1/dead-letters/replay", { cause: "bad luck" }, "/cause"],
    ["/v1/dead-letters/replay", { cursor: "forged" }, "/cursor"],
    ["/v1/dead-letters/replay", { type: "a\0b" }, "/type"],
    ["/v1/dead-letters/discard", { type: "spam" }, "/reason"],
    ["/v1/dead-letters/discard", { reason: "" }, "/reason"],
    ["/v1/dead-letters/discard", { reason: "r".repeat(DISCARD_REASON_CHARS_MAX + 1) }, "/reason"],
  ])("refuse %s with %o", async (path, json, pointer) => {
    const { status, json: problem } = await post(path, json);
    expect([status, problem.errors[0].pointer]).toEqual([422, pointer]);
  });

  test("are of no letter but one that is there", async () => {
    const path = "/v1/dead-letters/018f0000-0000-7000-8000-000000000000";
    const answers = [
      await get(path),
      await post(`${path}/replay`),
      await post(`${path}/discard`, { reason: "r" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});

describe("the sweep", () => {
  const NOW = Date.parse("2026-11-22T00:00:00Z");
  const HOUR = 3_600_000;
  const lines: Record<string, unknown>[] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const level of ["info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(JSON.parse(line)));
    }
  });
  afterEach(() => void vi.restoreAllMocks());

  const holding = (messages: number, oldestAt: number) => ({
    metrics: async () => ({
      backlogCount: messages,
      backlogBytes: messages * 10,
      oldestMessageTimestamp: new Date(oldestAt),
    }),
  });
  const EMPTY = { metrics: async () => ({ backlogCount: 0, backlogBytes: 0 }) };
  const SILENT = { metrics: async () => Promise.reject(new Error("down")) };

  test.each<[string, Backlog | undefined, number]>([
    ["the queue is empty", { messages: 0, bytes: 0, oldestAt: null }, NOW - HOUR],
    ["what is in it is younger", { messages: 1, bytes: 1, oldestAt: NOW - HOUR / 2 }, NOW - HOUR],
    ["something older is in it", { messages: 1, bytes: 1, oldestAt: NOW - 5 * HOUR }, NOW - 5 * HOUR],
    ["the queue does not say", undefined, 0],
  ])("takes no replay for lost that may still be in the queue: %s", (_, backlog, expected) => {
    expect(STUCK_REPLAY_SECONDS * 1_000).toBe(HOUR);
    expect(lostBefore(backlog, NOW)).toBe(expected);
  });

  test("names a queue whose oldest message is too old, with how much waits", async () => {
    const old = NOW - (STUCK_MESSAGE_SECONDS + 1) * 1_000;
    const young = NOW - STUCK_MESSAGE_SECONDS * 1_000;
    await sweepQueues({ queue: holding(3, young) as never, deadLetterQueue: EMPTY }, NOW);
    expect(lines).toEqual([]);
    await sweepQueues({ queue: holding(3, old) as never, deadLetterQueue: holding(7, old) }, NOW);
    const stuck = { level: "error", message: "queue_stuck", age_seconds: STUCK_MESSAGE_SECONDS + 1 };
    expect(lines).toEqual([
      { ...stuck, queue: "events", messages: 3, bytes: 30 },
      { ...stuck, queue: "events-dlq", messages: 7, bytes: 70 },
    ]);
  });

  test("says that a queue does not answer, and goes on to the next", async () => {
    await sweepQueues({ queue: SILENT as never, deadLetterQueue: holding(1, 1) }, NOW);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ["warn", "queue_metrics_unavailable"],
      ["error", "queue_stuck"],
    ]);
  });

  test("opens replays that came to nothing, and names what waits for an operator", async () => {
    await keep(...["lost", "late", "old"].map((id) => acceptedEvent({ id })));
    const { sql } = system.database;
    await sql`update dead_letters set status = 'replayed', replayed_at = ${new Date(NOW - 3 * HOUR).toISOString()}
      where event_id = 'lost'`;
    await sql`update dead_letters set status = 'replayed', replayed_at = ${new Date(NOW - 2 * HOUR).toISOString()}
      where event_id = 'late'`;
    await sql`update dead_letters set last_at = ${new Date(NOW - (STUCK_LETTER_SECONDS + 60) * 1_000).toISOString()}
      where event_id = 'old'`;
    const run = (queue: object) => sweepLetters({ db: system.db, queue: queue as never }, NOW);
    await run(SILENT);
    await run(holding(1, NOW - 2.5 * HOUR));
    expect(lines.filter(({ message }) => message !== "queue_metrics_unavailable")).toEqual([
      {
        level: "info",
        message: "letters_swept",
        ...{ dead_letters: 1, overdue: 1, replayed: 2, resolved: 0, reopened: 0 },
      },
      { level: "warn", message: "replays_waiting", replayed: 2, age_seconds: 3 * 3_600 },
      { level: "warn", message: "dead_letters_waiting", overdue: 1, age_seconds: STUCK_LETTER_SECONDS + 60 },
      {
        level: "info",
        message: "letters_swept",
        ...{ dead_letters: 2, overdue: 1, replayed: 1, resolved: 0, reopened: 1 },
      },
      { level: "error", message: "replays_lost", reopened: 1 },
      { level: "warn", message: "replays_waiting", replayed: 1, age_seconds: 2 * 3_600 },
      { level: "warn", message: "dead_letters_waiting", overdue: 1, age_seconds: STUCK_LETTER_SECONDS + 60 },
    ]);
    expect((await letterOf("lost")).status).toBe("open");
  });

  test("runs in the API Worker's cron, and tells of the queue while the database is down", async () => {
    const down = system.faults.fail({ kind: "drop" });
    system.harness.clearLogs();
    await post("/v1/events", { id: "stuck", type: "purchase" });
    try {
      const logged = await eventually(
        async () => {
          // A message that is being delivered is not in the local queue's backlog; one that waits for its retry is.
          await sweep(new Date(Date.now() + HOUR));
          const found = system.harness.getLogs().map(({ message }) => message);
          return found.some((line) => line.includes("queue_stuck")) ? found : undefined;
        },
        { what: "that the sweep finds the event" },
      );
      expect(logged.some((line) => line.includes("letter_sweep_failed"))).toBe(true);
    } finally {
      down.release();
    }
    await decided("stuck");
  });
});

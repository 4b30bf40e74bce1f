/** What /health/ready finds out, with dependencies that answer, fail and hang as no local queue can be made to. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createReadiness } from "../../../src/api/isolate/readiness.ts";
import { readBacklog } from "../../../src/api/queues/backlog.ts";
import { QUEUE_METRICS_TIMEOUT_MS, READINESS_CACHE_MS, READINESS_TIMEOUT_MS } from "../../../src/limits.ts";

const STATE = { tooPowerful: false, campaignsOverLimit: 3 };
const yes = async () => STATE;
const no = () => Promise.reject(new Error("down"));
const thrown = () => {
  throw new Error("no such method");
};
const hangs = () => new Promise<never>(() => {});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("dependencies", () => {
  test.each([
    ["everything answers", yes, yes, { database: true, queue: true, found: STATE }],
    ["the database fails", no, yes, { database: false, queue: true, found: null }],
    ["the queue fails", yes, no, { database: true, queue: false, found: STATE }],
    ["the queue cannot be asked", yes, thrown, { database: true, queue: false, found: STATE }],
    ["both hang", hangs, hangs, { database: false, queue: false, found: null }],
  ])("%s", async (_, database, queue, found) => {
    const answer = createReadiness().check({ database, queue }, Date.now);
    await vi.advanceTimersByTimeAsync(READINESS_TIMEOUT_MS);
    expect(await answer).toEqual(found);
  });

  test("are asked once a second, and then again", async () => {
    const readiness = createReadiness();
    let asked = 0;
    let now = 1_000_000;
    const database = async () => {
      asked += 1;
      return STATE;
    };
    const check = () => readiness.check({ database, queue: yes }, () => now);
    for (let i = 0; i < 100; i++) await check();
    expect(asked).toBe(1);
    now += READINESS_CACHE_MS;
    await check();
    expect(asked).toBe(2);
  });

  test("are asked by one probe of many at the same time; the others hear what was found last", async () => {
    const readiness = createReadiness();
    let now = 1_000_000;
    await readiness.check({ database: yes, queue: yes }, () => now);
    now += READINESS_CACHE_MS;
    let asked = 0;
    const answer = Promise.withResolvers<typeof STATE>();
    const database = () => {
      asked += 1;
      return answer.promise;
    };
    const flood = Array.from({ length: 50 }, () => readiness.check({ database, queue: yes }, () => now));
    expect(await flood[49]).toEqual({ database: true, queue: true, found: STATE });
    answer.reject(new Error("down"));
    expect(await flood[0]).toEqual({ database: false, queue: true, found: null });
    expect(asked).toBe(1);
    expect(await readiness.check({ database, queue: yes }, () => now)).toMatchObject({
      database: false,
      queue: true,
      found: null,
    });
  });
});

describe("the backlog", () => {
  const NOW = Date.parse("2026-11-21T10:00:00Z");
  const queue = (metrics: () => Promise<unknown>) => ({ metrics }) as Pick<Queue, "metrics">;
  const read = async (metrics: () => Promise<unknown>) =>
    Object.fromEntries(
      (await readBacklog("events", queue(metrics), () => NOW)).map(({ name, value }) => [name, value]),
    );

  test.each([
    [
      "messages and their age",
      { backlogCount: 3, backlogBytes: 99, oldestMessageTimestamp: new Date(NOW - 5_000) },
      5,
    ],
    ["an empty queue", { backlogCount: 0, backlogBytes: 0 }, 0],
    [
      "an empty queue, as workerd says it",
      { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: new Date(0) },
      0,
    ],
    [
      "a clock that is ahead of ours",
      { backlogCount: 1, backlogBytes: 9, oldestMessageTimestamp: new Date(NOW + 9_000) },
      0,
    ],
  ])("%s", async (_, metrics, age) => {
    expect(await read(async () => metrics)).toEqual({
      queue_backlog_messages: metrics.backlogCount,
      queue_backlog_bytes: metrics.backlogBytes,
      queue_oldest_message_age_seconds: age,
    });
  });

  test.each([
    ["fails", no],
    ["cannot be asked", thrown],
    ["hangs", hangs],
  ])("is left out when the queue %s", async (_, metrics) => {
    const answer = read(metrics);
    await vi.advanceTimersByTimeAsync(QUEUE_METRICS_TIMEOUT_MS);
    expect(await answer).toEqual({});
  });
});

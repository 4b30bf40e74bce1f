import { describe, expect, test, vi } from "vitest";
import { createInjector, FAULTS, type Place } from "../../dev/chaos/faults.ts";
import { type BatchResult, createQueue, type QueueMessage } from "../../dev/chaos/queue.ts";
import { makeWorkload } from "../../dev/chaos/workload.ts";
import { randomFor } from "../../dev/random.ts";

const PLACES: Place[] = ["statement", "commit", "acknowledgement", "message", "send", "request"];

describe("a seed", () => {
  test("fixes the workload, and another makes another", () => {
    expect(makeWorkload(7, 300, 0)).toEqual(makeWorkload(7, 300, 0));
    expect(makeWorkload(8, 300, 0)).not.toEqual(makeWorkload(7, 300, 0));
  });

  test("fixes the faults at each place, whatever happens at the others meanwhile", () => {
    const dealt = (others: readonly Place[]) => {
      const injector = createInjector(7);
      injector.start();
      return Array.from({ length: 200 }, () => {
        for (const other of others) injector.draw(other);
        return injector.draw("commit");
      });
    };
    expect(dealt(["send", "send", "statement"])).toEqual(dealt([]));
  });

  test("deals every fault but the skewed clocks, which Workers start with", () => {
    const injector = createInjector(7);
    injector.start();
    const dealt = new Set(PLACES.flatMap((place) => Array.from({ length: 150 }, () => injector.draw(place))));
    dealt.delete(undefined);
    expect(dealt).toEqual(new Set(Object.keys(FAULTS).filter((fault) => fault !== "clock skewed")));
  });

  test("deals nothing while it is calm", () => {
    const injector = createInjector(7);
    const calm = Array.from({ length: 100 }, () => injector.draw("commit"));
    expect(new Set(calm)).toEqual(new Set([undefined]));
  });
});

test("a workload sends duplicates, other content under the same id, and requests of every size", () => {
  const { contents, posts } = makeWorkload(7, 3_000, 0);
  const sent = posts.flatMap((post) => post.contents);
  expect(new Set(sent).size).toBe(contents.length);
  expect(sent.length).toBeGreaterThan(contents.length * 1.1);
  const ids = new Set(contents.map(({ source, id }) => `${source}/${id}`));
  expect(contents.length - ids.size).toBeGreaterThan(50);
  const sizes = posts.map((post) => post.contents.length);
  expect(Math.min(...sizes)).toBe(1);
  expect(Math.max(...sizes)).toBeGreaterThan(100);
  expect(new Set(posts.map(({ cloudEvents }) => cloudEvents))).toEqual(new Set([true, false]));
});

describe("the queue", () => {
  const put = (attemptsMax = 3) => {
    const givenUp: string[] = [];
    const queue = createQueue("events", randomFor(1, "queue"), ({ id }) => givenUp.push(id));
    for (const id of ["a", "b", "c"])
      queue.put({ id, body: id, sentAt: new Date(0), attempts: 0, attemptsMax });
    return { queue, givenUp };
  };
  const result = (fields: Partial<BatchResult> = {}): BatchResult => ({
    outcome: "ok",
    ackAll: false,
    retryBatch: { retry: false },
    explicitAcks: [],
    retryMessages: [],
    ...fields,
  });
  const names = (settled: ReadonlyMap<QueueMessage, string>) =>
    Object.fromEntries([...settled].map(([{ id }, settlement]) => [id, settlement]));

  test("delivers a message to one consumer at a time, and counts its deliveries", () => {
    const { queue } = put();
    const batch = queue.take(2);
    expect([...batch, ...queue.take(2)].map(({ id, attempts }) => `${id}${attempts}`).toSorted()).toEqual([
      "a1",
      "b1",
      "c1",
    ]);
    expect(queue.take(1)).toEqual([]);
    expect(queue.unsettled.size).toBe(3);
  });

  test.each<[what: string, answer: BatchResult | undefined, settlements: Record<string, string>]>([
    [
      "what is acknowledged, and what is not spoken of",
      result({ explicitAcks: ["a"], retryMessages: [{ msgId: "b" }] }),
      { a: "acknowledged", b: "retried", c: "acknowledged" },
    ],
    [
      "after an exception only what was acknowledged before",
      result({ outcome: "exception", explicitAcks: ["a"] }),
      { a: "acknowledged", b: "retried", c: "retried" },
    ],
    [
      "nothing of a batch that is retried",
      result({ retryBatch: { retry: true } }),
      { a: "retried", b: "retried", c: "retried" },
    ],
    ["nothing of a consumer that died", undefined, { a: "retried", b: "retried", c: "retried" }],
  ])("lets go of %s", (_, answer, settlements) => {
    const { queue } = put();
    const settled = queue.settle(queue.take(3), answer);
    expect(names(settled)).toEqual(settlements);
    expect([...queue.unsettled.keys()]).toEqual(
      Object.keys(settlements).filter((id) => settlements[id] === "retried"),
    );
  });

  test("delivers again what was not acknowledged, until it gives it up", () => {
    vi.useFakeTimers();
    try {
      const { queue, givenUp } = put(2);
      queue.settle(
        queue.take(3),
        result({ explicitAcks: ["a", "b"], retryMessages: [{ msgId: "c", delaySeconds: 4 }] }),
      );
      vi.advanceTimersByTime(19);
      expect(queue.take(3)).toEqual([]);
      vi.advanceTimersByTime(1);
      const again = queue.take(3);
      expect(again).toMatchObject([{ id: "c", attempts: 2 }]);
      expect(names(queue.settle(again, undefined))).toEqual({ c: "given up" });
      expect(givenUp).toEqual(["c"]);
      expect(queue.unsettled.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

/** What becomes of events when the queue refuses: workerd's own queue cannot be made to. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ingest } from "../../../src/api/ingest/ingest.ts";
import { HttpProblem } from "../../../src/errors.ts";
import { QUEUE_SEND_TIMEOUT_MS } from "../../../src/limits.ts";
import type { QueueMessage } from "../../../src/messages.ts";
import { createMetricBuffer, type MetricBuffer } from "../../../src/telemetry/metric-buffer.ts";
import { SENDER } from "../../support/accepted-events.ts";

/** What is logged of a failed send: its class, and nothing of the events. */
let logged: string[];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line) => logged.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** What became of the events, counted. */
let metricBuffer: MetricBuffer;
beforeEach(() => {
  metricBuffer = createMetricBuffer();
});

const counts = () =>
  Object.fromEntries(metricBuffer.take().map(({ name, labels, value }) => [`${name}{${labels}}`, value]));

const NOW = Date.parse("2026-11-21T10:00:00Z");

/** A queue that takes the batches that `takes` says, in order from 0, and keeps what it took. */
function queueThat(takes: (batch: number) => boolean) {
  const taken: QueueMessage[] = [];
  let batches = 0;
  return {
    taken,
    get batches() {
      return batches;
    },
    async sendBatch(messages: Iterable<{ readonly body: string }>) {
      if (!takes(batches++)) throw new Error("Queue sendBatch failed: Too Many Requests");
      taken.push(...[...messages].map(({ body }) => JSON.parse(body)));
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    },
  };
}

/** Events so large that three fill a message and about six a batch. */
const events = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `e-${n}`, type: "t", data: { text: "x".repeat(35_000) } }));

const request = (json: unknown) => ({
  json,
  format: "events" as const,
  defaultSource: "api",
  sources: ["*"],
  envelope: { request_id: "r-1", sender: SENDER },
});

describe("a queue that takes", () => {
  test("everything: every event is accepted, once and in order", async () => {
    const queue = queueThat(() => true);
    const sent = events(20);
    const receipt = await ingest(request(sent), queue, NOW, metricBuffer);
    expect(receipt).toMatchObject({ accepted: 20, rejected: 0 });
    expect(queue.taken.flatMap((message) => message.events.map(({ id }) => id))).toEqual(
      sent.map(({ id }) => id),
    );
    expect(queue.taken[0]).toMatchObject({ version: 3, request_id: "r-1", sender: SENDER });
    expect(queue.batches).toBeGreaterThan(1);
    expect(counts()).toEqual({ "events_accepted_total{}": 20 });
  });

  test("nothing: a problem with Retry-After, which becomes a 503", async () => {
    const queue = queueThat(() => false);
    const refused = ingest(request(events(20)), queue, NOW, metricBuffer);
    await expect(refused).rejects.toBeInstanceOf(HttpProblem);
    await expect(refused).rejects.toMatchObject({
      code: "queue_unavailable",
      options: { headers: { "Retry-After": expect.stringMatching(/^\d+$/) } },
    });
    expect(logged[0]).toContain('"queue_unavailable"');
    expect(counts()).toEqual({
      'events_rejected_total{reason="queue_unavailable"}': 20,
      "queue_send_failures_total{}": queue.batches,
    });
    expect(logged.join("\n")).not.toMatch(/xxxx|e-0|Too Many/);
  });

  test.each([
    ["only the first batch", (batch: number) => batch === 0],
    ["all but the first", (batch: number) => batch !== 0],
    ["every other", (batch: number) => batch % 2 === 1],
  ])("%s: each event is answered for by what became of it", async (_, takes) => {
    const queue = queueThat(takes);
    const sent = [...events(20), { type: "no id" }];
    const receipt = await ingest(request(sent), queue, NOW, metricBuffer);
    const taken = new Set(queue.taken.flatMap((message) => message.events.map(({ id }) => id)));
    expect(taken.size).toBeGreaterThan(0);
    expect(taken.size).toBeLessThan(20);
    expect(receipt.accepted).toBe(taken.size);
    expect(receipt.rejected).toBe(sent.length - taken.size);
    expect(counts()).toMatchObject({
      "events_accepted_total{}": taken.size,
      'events_rejected_total{reason="invalid"}': 1,
      'events_rejected_total{reason="queue_unavailable"}': 20 - taken.size,
    });
    for (const { index, id, status, error } of receipt.results) {
      if (index === 20) expect(error).toMatchObject({ code: "invalid", errors: [{ pointer: "/id" }] });
      else if (taken.has(id ?? "")) expect([status, error]).toEqual(["accepted", undefined]);
      else expect([status, error]).toEqual(["rejected", { code: "queue_unavailable", errors: [] }]);
    }
  });
});

test("a queue that does not answer is given up after ten seconds, however much is left to send", async () => {
  vi.useFakeTimers();
  let calls = 0;
  const queue = {
    sendBatch: () => {
      calls += 1;
      return new Promise<never>(() => {});
    },
  };
  const refused = expect(ingest(request(events(20)), queue, NOW, metricBuffer)).rejects.toMatchObject({
    code: "queue_unavailable",
    options: { headers: { "Retry-After": expect.stringMatching(/^\d+$/) } },
  });
  await vi.waitFor(() => expect(calls).toBe(1));
  await vi.advanceTimersByTimeAsync(QUEUE_SEND_TIMEOUT_MS);
  await refused;
  expect(calls).toBe(1);
  vi.useRealTimers();
});

test("nothing is sent when no event is acceptable", async () => {
  const queue = queueThat(() => true);
  await expect(ingest(request([{ type: "no id" }]), queue, NOW, metricBuffer)).rejects.toMatchObject({
    code: "invalid",
  });
  expect(queue.batches).toBe(0);
  expect(counts()).toEqual({ 'events_rejected_total{reason="invalid"}': 1 });
});

test("an event that gives no time gets that of its receipt, one that does keeps it", async () => {
  const queue = queueThat(() => true);
  const sent = [
    { id: "1", type: "t" },
    { id: "2", type: "t", time: "2026-01-01T01:00:00+01:00" },
  ];
  await ingest(request(sent), queue, NOW, metricBuffer);
  const received_at = "2026-11-21T10:00:00Z";
  expect(queue.taken[0]?.events).toEqual([
    { ...{ source: "api", id: "1", type: "t", subject: null, data: {} }, time: received_at, received_at },
    {
      ...{ source: "api", id: "2", type: "t", subject: null, data: {} },
      ...{ time: "2026-01-01T00:00:00Z", received_at },
    },
  ]);
});

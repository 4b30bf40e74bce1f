import { describe, expect, test, vi } from "vitest";
import { COUNTS_FLUSH_MS } from "../../src/limits.ts";
import { flushSoon } from "../../src/telemetry/flush.ts";
import { createMetricBuffer, type Increment } from "../../src/telemetry/metric-buffer.ts";

describe("what an isolate gathers", () => {
  test("adds up by name and labels, and is handed out once", () => {
    const metricBuffer = createMetricBuffer();
    metricBuffer.count("events_accepted_total", {}, 3);
    metricBuffer.count("events_accepted_total", {}, 4);
    metricBuffer.count("events_rejected_total", { reason: "invalid" });
    metricBuffer.count("events_rejected_total", { reason: "queue_unavailable" }, 0);
    expect(metricBuffer.take()).toEqual([
      { name: "events_accepted_total", labels: "", value: 7 },
      { name: "events_rejected_total", labels: 'reason="invalid"', value: 1 },
    ]);
    expect(metricBuffer.take()).toEqual([]);
  });

  test.each([
    [0, "0.005"],
    [0.005, "0.005"],
    [0.0051, "0.01"],
    [10, "10"],
    [10.1, "+Inf"],
  ])("observes %d s in the first bucket that holds it, %s", (seconds, le) => {
    const metricBuffer = createMetricBuffer();
    metricBuffer.observe("http_request_duration_seconds", { method: "GET", route: "/health" }, seconds);
    const [bucket, sum] = metricBuffer.take();
    expect(bucket).toEqual({
      name: "http_request_duration_seconds_bucket",
      labels: `method="GET",route="/health",le="${le}"`,
      value: 1,
    });
    expect(sum?.value ?? 0).toBe(seconds);
  });

  test("observes many of one value at once", () => {
    const metricBuffer = createMetricBuffer();
    metricBuffer.observe("event_age_seconds", {}, 2, 500);
    expect(metricBuffer.take()).toEqual([
      { name: "event_age_seconds_bucket", labels: 'le="2.5"', value: 500 },
      { name: "event_age_seconds_sum", labels: "", value: 1_000 },
    ]);
  });

  test("is flushed by one at a time, unless that one is long overdue", () => {
    const metricBuffer = createMetricBuffer();
    expect(metricBuffer.claimFlush(0)).toBe(true);
    expect(metricBuffer.claimFlush(1)).toBe(false);
    metricBuffer.take();
    expect(metricBuffer.claimFlush(2)).toBe(true);
    expect(metricBuffer.claimFlush(2 + 10 * COUNTS_FLUSH_MS)).toBe(true);
  });
});

test("what could not be written is written with what came meanwhile", async () => {
  const metricBuffer = createMetricBuffer();
  const written: (readonly Increment[])[] = [];
  const pending: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void pending.push(promise) };
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  let down = true;
  const write = async (increments: readonly Increment[]) => {
    if (down) throw new Error("the database does not answer");
    written.push(increments);
  };
  metricBuffer.count("events_accepted_total", {}, 1);
  flushSoon(metricBuffer, write, context);
  flushSoon(metricBuffer, write, context);
  expect(pending).toHaveLength(1);
  metricBuffer.count("events_accepted_total", {}, 2);
  await Promise.all(pending);
  down = false;
  metricBuffer.count("events_accepted_total", {}, 4);
  flushSoon(metricBuffer, write, context);
  await Promise.all(pending);
  expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("metrics_not_counted"));
  warned.mockRestore();
  expect(written).toEqual([[{ name: "events_accepted_total", labels: "", value: 7 }]]);
});

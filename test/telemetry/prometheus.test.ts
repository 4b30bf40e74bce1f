import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Family, parseMetrics, samplesOf } from "../../dev/chaos/metrics-text.ts";
import packageJson from "../../package.json" with { type: "json" };
import { CATALOGUE, METRIC_PREFIX, type Metric } from "../../src/telemetry/catalogue.ts";
import { labelText } from "../../src/telemetry/labels.ts";
import { createMetricBuffer } from "../../src/telemetry/metric-buffer.ts";
import { renderMetrics } from "../../src/telemetry/prometheus.ts";
import { VERSION } from "../../src/version.ts";

const METRICS = Object.entries<Metric>(CATALOGUE);

describe("the catalogue", () => {
  test.each(METRICS)("%s is named as Prometheus wants it", (name, { type, help, labels, from, buckets }) => {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(help).toMatch(/^[A-Z].*\.$|^[A-Z][^.]*[.;].*$/);
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
    expect(labels).not.toContain("le");
    expect(buckets !== undefined).toBe(type === "histogram");
    expect([...(buckets ?? [])].sort((a, b) => a - b)).toEqual([...(buckets ?? [])]);
    if (type === "gauge") expect(from).toBe("state");
  });
});

describe("the text", () => {
  test("shows every counter before anything has happened, in the order of the catalogue", () => {
    const families = parseMetrics(renderMetrics([]));
    const order = METRICS.map(([name]) => `${METRIC_PREFIX}${name}`);
    const shown = families.map(({ name }) => name);
    expect(shown).toEqual(order.filter((name) => shown.includes(name)));
    const samples = samplesOf(families);
    expect(samples.get("campaign_manager_events_decided_total")).toBe(0);
    expect(samples.get('campaign_manager_dead_letters_total{cause="retries_exhausted"}')).toBe(0);
    expect(samples.get("campaign_manager_consumer_batch_events_count")).toBe(0);
    // Of what is only known when it is read there is nothing to show.
    expect(shown).not.toContain("campaign_manager_queue_backlog_messages");
  });

  test("has cumulative buckets with their sum and count", () => {
    const metricBuffer = createMetricBuffer();
    for (const seconds of [0.004, 0.02, 0.02, 3, 99]) {
      metricBuffer.observe("http_request_duration_seconds", { method: "GET", route: "/health" }, seconds);
    }
    const text = renderMetrics(metricBuffer.take());
    const of = (suffix: string) =>
      text.split("\n").filter((line) => line.includes(`http_request_duration_seconds${suffix}`));
    const labels = 'method="GET",route="/health"';
    expect(
      of("_bucket").map((line) => line.replace("campaign_manager_http_request_duration_seconds", "")),
    ).toEqual(
      [
        ["0.005", 1],
        ["0.01", 1],
        ["0.025", 3],
        ["0.05", 3],
        ["0.1", 3],
        ["0.25", 3],
        ["0.5", 3],
        ["1", 3],
        ["2.5", 3],
        ["5", 4],
        ["10", 4],
        ["+Inf", 5],
      ].map(([le, count]) => `_bucket{${labels},le="${le}"} ${count}`),
    );
    expect(of("_sum")).toEqual([expect.stringMatching(/\} 102\.044$/)]);
    expect(of("_count")).toEqual([expect.stringMatching(/\} 5$/)]);
  });

  test("is what Prometheus reads, whatever is counted and however labels look", () => {
    const sample = fc.record({
      name: fc.constantFrom("http_requests_total", "messages_retried_total", "unknown_total"),
      labels: fc
        .dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string(), { minKeys: 1 })
        .map((labels) => labelText(labels)),
      value: fc.double({ min: 0, max: 1e15, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const families: Family[] = parseMetrics(renderMetrics(samples));
        for (const { name, labels, value } of samples.filter(({ name }) => name !== "unknown_total")) {
          const last = samples.findLast((other) => other.name === name && other.labels === labels)?.value;
          expect(samplesOf(families).get(`${METRIC_PREFIX}${name}{${labels}}`)).toBe(last ?? value);
        }
      }),
    );
  });

  test("the version shown is package.json's", () => {
    expect(VERSION).toBe(packageJson.version);
  });
});

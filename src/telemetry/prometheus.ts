/** The text format of Prometheus, version 0.0.4: prometheus.io/docs/instrumenting/exposition_formats. */
import { CATALOGUE, METRIC_PREFIX, type Metric } from "./catalogue.ts";
import { joinLabels, labelText } from "./labels.ts";
import type { Increment } from "./metric-buffer.ts";

export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A value of a metric; of histograms as they are counted (metric-buffer.ts). */
export type Sample = Increment;

/** Every metric of the catalogue, in its order, with its samples; samples that belong to no metric are left out. */
export function renderMetrics(samples: readonly Sample[]): string {
  const byName = new Map<string, Map<string, number>>();
  for (const { name, labels, value } of samples) {
    const values = byName.get(name) ?? new Map<string, number>();
    byName.set(name, values.set(labels, value));
  }
  return Object.entries<Metric>(CATALOGUE)
    .flatMap(([name, metric]) => {
      const lines =
        metric.type === "histogram" ? histogram(name, metric, byName) : plain(name, metric, byName);
      if (lines.length === 0) return [];
      const fullName = `${METRIC_PREFIX}${name}`;
      return [`# HELP ${fullName} ${metric.help}`, `# TYPE ${fullName} ${metric.type}`, ...lines];
    })
    .map((line) => `${line}\n`)
    .join("");
}

type Values = ReadonlyMap<string, ReadonlyMap<string, number>>;

function plain(name: string, metric: Metric, byName: Values): string[] {
  const values = new Map(zeros(metric).map((labels) => [labels, 0]));
  for (const [labels, value] of byName.get(name) ?? []) values.set(labels, value);
  return sorted(values.keys()).map((labels) => line(name, labels, values.get(labels) ?? 0));
}

/** The zeros that a counter shows before anything happened: Prometheus takes a rate only of a series that exists. */
function zeros({ type, labels, always, from }: Metric): string[] {
  if (from !== "state" && type === "counter" && labels.length === 0) return [""];
  return (always ?? []).map(labelText);
}

function histogram(name: string, { labels, buckets = [] }: Metric, byName: Values): string[] {
  const counted = byName.get(`${name}_bucket`) ?? new Map<string, number>();
  const sums = byName.get(`${name}_sum`) ?? new Map<string, number>();
  const bounds = [...buckets.map(String), "+Inf"].map((le) => labelText({ le }));
  // A value of 0 is in a bucket and adds nothing to the sum.
  const series = new Set([...sums.keys(), ...[...counted.keys()].map(withoutBound)]);
  if (labels.length === 0) series.add("");
  return sorted(series).flatMap((key) => {
    let total = 0;
    const lines = bounds.map((bound) => {
      const full = joinLabels(key, bound);
      total += counted.get(full) ?? 0;
      return line(`${name}_bucket`, full, total);
    });
    return [...lines, line(`${name}_sum`, key, sums.get(key) ?? 0), line(`${name}_count`, key, total)];
  });
}

const withoutBound = (labels: string): string => labels.replace(/,?le="[^"]*"$/, "");

const line = (name: string, labels: string, value: number): string =>
  `${METRIC_PREFIX}${name}${labels === "" ? "" : `{${labels}}`} ${value}`;

const sorted = (labels: Iterable<string>): string[] => [...labels].sort();

import { COUNTS_FLUSH_MS } from "../limits.ts";
import { CATALOGUE, type CounterName, type HistogramName, type Labels } from "./catalogue.ts";
import { joinLabels, labelText } from "./labels.ts";

/** By how much a stored counter grew. `labels` as Prometheus writes them. */
export interface Increment {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** What this isolate has yet to count in the database. Data only: nobody waits for another's I/O. */
export interface MetricBuffer {
  count<Name extends CounterName>(name: Name, labels: Labels<Name>, by?: number): void;
  /** @param times how many observations of this value */
  observe<Name extends HistogramName>(name: Name, labels: Labels<Name>, value: number, times?: number): void;
  /** Whether the caller is to `take` soon: true for one caller until somebody takes, or is long overdue. */
  claimFlush(now: number): boolean;
  /** Hands out everything gathered, and forgets it. */
  take(): Increment[];
  /** Takes back what could not be counted. */
  restore(increments: readonly Increment[]): void;
}

export function createMetricBuffer(): MetricBuffer {
  const gathered = new Map<string, Increment>();
  let claimedUntil = 0;

  function add(name: string, labels: string, value: number): void {
    if (value <= 0) return;
    const key = `${name}{${labels}}`;
    gathered.set(key, { name, labels, value: (gathered.get(key)?.value ?? 0) + value });
  }

  return {
    count: (name, labels, by = 1) => add(name, labelText(labels), by),
    observe(name, labels, value, times = 1) {
      const text = labelText(labels);
      add(`${name}_bucket`, joinLabels(text, bucketLabel(CATALOGUE[name].buckets, value)), times);
      add(`${name}_sum`, text, value * times);
    },
    claimFlush(now) {
      if (now < claimedUntil) return false;
      // A claim ends by itself: whoever made it may have been cancelled.
      claimedUntil = now + 10 * COUNTS_FLUSH_MS;
      return true;
    },
    take() {
      const taken = [...gathered.values()];
      gathered.clear();
      claimedUntil = 0;
      return taken;
    },
    restore(increments) {
      for (const { name, labels, value } of increments) add(name, labels, value);
    },
  };
}

/** Stored is only the bucket that a value falls into; a scrape adds up those below. */
function bucketLabel(buckets: readonly number[], value: number): string {
  const bound = buckets.find((upper) => value <= upper);
  return labelText({ le: bound === undefined ? "+Inf" : String(bound) });
}

import { COUNTS_CLAIM_MS } from "../limits.ts";
import { CATALOGUE, type CounterName, type HistogramName, type Labels } from "./catalogue.ts";
import { joinLabels, labelText } from "./labels.ts";

/** By how much a stored counter grew. `labels` as Prometheus writes them. */
export interface Increment {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/**
 * Counts of this isolate that are not in the database yet. It keeps data and no promise: nobody waits for another's
 * I/O.
 */
export interface MetricBuffer {
  count<Name extends CounterName>(name: Name, labels: Labels<Name>, by?: number): void;
  /** @param times how many observations of this value */
  observe<Name extends HistogramName>(name: Name, labels: Labels<Name>, value: number, times?: number): void;
  /** Whether the caller has to `take` soon. True for one caller at a time: until somebody takes, or is long overdue. */
  claimFlush(now: number): boolean;
  /** Returns everything that was collected, and empties the buffer. */
  take(): Increment[];
  /** Puts back counts that could not be written. */
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
      // A claim expires by itself: the request that made it may have been cancelled.
      claimedUntil = now + COUNTS_CLAIM_MS;
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

/** Only the bucket that a value falls into is counted; a scrape adds up the buckets below. */
function bucketLabel(buckets: readonly number[], value: number): string {
  const bound = buckets.find((upper) => value <= upper);
  return labelText({ le: bound === undefined ? "+Inf" : String(bound) });
}

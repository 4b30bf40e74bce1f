import type { Matcher } from "./engine.ts";
import { type Metric, percentiles } from "./measured.ts";
import { campaignAt, type Events } from "./prepared.ts";
import { processorMicroseconds } from "./processor-time.ts";
import type { CaseName } from "./workloads/index.ts";
import { distinct, integer, randomFor } from "./workloads/random.ts";

const CHANGES = 1001;
const SHARE = 0.01;
const TIME_MS = 2_000;

/** The positions of the 1 % of `n` rules that change, in the order in which they do. */
export function changesOf(n: number): number[] {
  const random = randomFor(CHANGES, n);
  return distinct(Math.ceil(n * SHARE), () => integer(random, 0, n - 1));
}

/**
 * Replaces 1 % of the rules, spread evenly over a run of events, and times both. Each engine makes the same
 * changes, so that their match sets can be compared afterwards.
 */
export async function timeChanges(
  matcher: Matcher,
  { documents }: Events,
  name: CaseName,
  n: number,
  eventMs: number,
): Promise<Metric[]> {
  const positions = changesOf(n);
  const events = documents.slice(0, Math.max(4, Math.floor(TIME_MS / eventMs)));
  const eventTimes = new Float64Array(events.length);
  const changeTimes = new Float64Array(positions.length);

  let changed = 0;
  for (const [position, event] of events.entries()) {
    for (const due = ((position + 1) / events.length) * positions.length; changed < due; changed++) {
      const target = positions[changed] ?? 0;
      const campaign = campaignAt(name, target, n, 1);
      const began = processorMicroseconds();
      matcher.replace(target, campaign);
      changeTimes[changed] = processorMicroseconds() - began;
    }
    const began = performance.now();
    await matcher.match(event);
    eventTimes[position] = performance.now() - began;
  }
  const perEvent = percentiles(eventTimes);
  const perChange = percentiles(changeTimes);
  return [
    { metric: "changing_event_median", value: perEvent.median * 1e3, unit: "µs" },
    { metric: "changing_event_p99", value: perEvent.p99 * 1e3, unit: "µs" },
    { metric: "change_median", value: perChange.median, unit: "µs" },
    { metric: "change_p99", value: perChange.p99, unit: "µs" },
    { metric: "change_max", value: changeTimes.reduce((most, time) => Math.max(most, time), 0), unit: "µs" },
    { metric: "changes", value: positions.length, unit: "changes" },
  ];
}

import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import type { Engine, Matcher } from "./engine.ts";
import { type Metric, percentiles } from "./measured.ts";
import type { Events } from "./prepared.ts";
import { processorMicroseconds } from "./processor-time.ts";

/** Milliseconds that one engine's measurement takes. A slow engine answers fewer events in them. */
const WARM_UP_MS = 400;
const MEASURE_MS = 700;
/** Fewer events than this are too few: a slow engine is measured for longer, up to SLOW_MS. */
const EVENTS_WANTED = 64;
const SLOW_MS = 2_500;

/** Matches event `position` and says how many campaigns matched. */
type Step = (position: number) => number | Promise<number>;

interface Sweep {
  readonly events: number;
  readonly matches: number;
  readonly microseconds: number;
}

/**
 * Events per second and mean in the thread's processor time, so that what else the machine does weighs little;
 * median and p99 per event by the clock. Each with the event parsed beforehand, and from its JSON text.
 */
export async function timeEvents(engine: Engine, matcher: Matcher, events: Events): Promise<Metric[]> {
  const count = events.documents.length;
  const metrics: Metric[] = [];
  for (const parse of [false, true]) {
    const suffix = parse ? "_with_parse" : "";
    const share = parse ? 0.5 : 1;
    const step = stepOf(engine, matcher, events, parse);
    await sweep(step, count, WARM_UP_MS * share);
    const { events: done, matches, microseconds } = await sweep(step, count, MEASURE_MS * share);
    const { median, p99 } = percentiles(await sample(step, count, MEASURE_MS * share));
    metrics.push(
      { metric: `events_per_second${suffix}`, value: (done / microseconds) * 1e6, unit: "events/s" },
      { metric: `event_mean${suffix}`, value: microseconds / done, unit: "µs" },
      { metric: `event_median${suffix}`, value: median, unit: "µs" },
      { metric: `event_p99${suffix}`, value: p99, unit: "µs" },
    );
    if (!parse) {
      metrics.push(
        { metric: "matches_per_event", value: matches / done, unit: "matches" },
        { metric: "events_measured", value: done, unit: "events" },
      );
    }
  }
  return metrics;
}

function stepOf(engine: Engine, matcher: Matcher, { texts, documents }: Events, parse: boolean): Step {
  const event = parse
    ? (position: number) => JSON.parse(texts[position] ?? "") as EventDocument
    : (position: number) => documents[position] as EventDocument;
  if (engine.asynchronous) return async (position) => (await matcher.match(event(position))).length;
  return (position) => (matcher.match(event(position)) as readonly unknown[]).length;
}

/** Whole rounds over the events until the time is up; an engine too slow for that stops within its first round. */
async function sweep(step: Step, count: number, milliseconds: number): Promise<Sweep> {
  let events = 0;
  let matches = 0;
  const usedBefore = processorMicroseconds();
  const began = performance.now();
  const isOver = () => {
    const elapsed = performance.now() - began;
    return elapsed >= milliseconds && (events >= EVENTS_WANTED || elapsed >= SLOW_MS);
  };
  do {
    for (let position = 0; position < count; position++) {
      const matched = step(position);
      // Awaiting a plain number would cost more than a fast engine takes.
      matches += typeof matched === "number" ? matched : await matched;
      events++;
      const looksAtClock = events <= EVENTS_WANTED || (events < count && (events & 63) === 0);
      if (looksAtClock && isOver()) break;
    }
  } while (!isOver());
  return { events, matches, microseconds: processorMicroseconds() - usedBefore };
}

/** Microseconds of each event on its own, less what reading the clock takes. */
async function sample(step: Step, count: number, milliseconds: number): Promise<Float64Array> {
  const samples: number[] = [];
  const overhead = clockOverhead();
  const end = performance.now() + milliseconds;
  let before = performance.now();
  for (let event = 0; before < end; event++) {
    const matched = step(event % count);
    if (typeof matched !== "number") await matched;
    const after = performance.now();
    samples.push(Math.max(0, after - before - overhead) * 1e3);
    before = performance.now();
  }
  return Float64Array.from(samples);
}

/** What reading the clock adds to a sample, in milliseconds: the median of many samples of nothing. */
function clockOverhead(): number {
  const readings = Float64Array.from({ length: 10_000 }, () => {
    const before = performance.now();
    return performance.now() - before;
  });
  return percentiles(readings).median;
}

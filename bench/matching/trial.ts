import { type Digest, digestOf, type Witness } from "./agreement.ts";
import { timeChanges } from "./changing.ts";
import type { Engine, Matcher } from "./engine.ts";
import { ENGINES } from "./engines.ts";
import type { Metric } from "./measured.ts";
import { liveBytes } from "./memory.ts";
import { campaignSource, type Events, eventsOf } from "./prepared.ts";
import { processorMicroseconds } from "./processor-time.ts";
import { timeEvents } from "./timing.ts";
import { type CaseName, CHANGING, WORKLOADS } from "./workloads/index.ts";

/** One engine on one case at one size. */
export interface Trial {
  readonly case: CaseName;
  readonly n: number;
  readonly engine: string;
}

export type Outcome =
  | {
      readonly kind: "measured";
      readonly metrics: readonly Metric[];
      readonly witnesses: readonly Witness[];
    }
  | { readonly kind: "left out"; readonly why: string };

/** An event may take this long, in milliseconds; an engine that needs more is left out of the size. */
export const EVENT_MS_MAX = 1_000;
const FIRST_EVENT_MS_MAX = 60_000;
const BUILD_MS_MAX = 90_000;
/** With fewer rules the engine's own code is most of the memory. */
export const BYTES_FROM = 1_000;
const CHECKED_EVENTS = 512;
const CHECKED_EVENTS_MIN = 3;
const CHECK_MS = 1_000;
export const CANDIDATE_EVENTS = 256;

/**
 * Builds, checks and measures. Needs a process of its own: a clean heap, and no code of other engines compiled.
 * @throws Error when there is no such engine
 */
export async function runTrial({ case: name, n, engine: engineName }: Trial): Promise<Outcome> {
  const engine = ENGINES.find((known) => known.name === engineName);
  if (engine === undefined) throw new Error(`no engine ${engineName}`);
  const cannot = engine.cannot[name];
  if (cannot !== undefined) return { kind: "left out", why: cannot };

  const events = eventsOf(name, n);
  const built = build(engine, name, n);
  if (built === undefined) return { kind: "left out", why: `building took over ${BUILD_MS_MAX / 1e3} s` };
  const { matcher } = built;
  const eventMs = await millisecondsOfOne(matcher, events);
  if (eventMs > EVENT_MS_MAX) return { kind: "left out", why: `one event took ${Math.round(eventMs)} ms` };

  const digests = (checked: Matcher) => digestsOf(checked, events);
  const witnesses: Witness[] = [{ name: engineName, rules: "as built", digests: await digests(matcher) }];
  const metrics = [
    ...built.metrics,
    ...(await timeEvents(engine, matcher, events)),
    ...candidates(matcher, events),
  ];
  const reloaded = reload(engine, matcher, n);
  if (reloaded !== undefined) {
    metrics.push(...reloaded.metrics);
    const name = `${engineName} from its snapshot`;
    witnesses.push({ name, rules: "as built", digests: await digests(reloaded.matcher) });
  }
  if (name === CHANGING) {
    metrics.push(...(await timeChanges(matcher, events, name, n, eventMs)));
    witnesses.push({ name: engineName, rules: "changed", digests: await digests(matcher) });
    if (matcher.compact !== undefined) {
      const began = processorMicroseconds();
      matcher.compact();
      metrics.push({ metric: "compact", value: (processorMicroseconds() - began) / 1e3, unit: "ms" });
      const name = `${engineName} compacted`;
      witnesses.push({ name, rules: "changed", digests: await digests(matcher) });
    }
  }
  return { kind: "measured", metrics, witnesses };
}

/** How many events' match sets are compared: fewer when one takes long, but never none. */
export function checkedEvents(eventMs: number): number {
  return Math.max(CHECKED_EVENTS_MIN, Math.min(CHECKED_EVENTS, Math.floor(CHECK_MS / eventMs)));
}

interface Built {
  readonly matcher: Matcher;
  readonly metrics: readonly Metric[];
}

function build(engine: Engine, name: CaseName, n: number): Built | undefined {
  // The first rule fills the tables that rules share, which are no engine's memory.
  for (const _ of campaignSource(name, 1).campaigns);
  const source = campaignSource(name, n, processorMicroseconds);
  const bytesBefore = liveBytes();
  const end = performance.now() + BUILD_MS_MAX;
  const limited = until(source.campaigns, () => performance.now() < end);
  const began = processorMicroseconds();
  const matcher = engine.build(limited.items, WORKLOADS[name].arrayFields);
  const buildTime = processorMicroseconds() - began - source.spent();
  if (limited.stopped()) return undefined;
  const metrics: Metric[] = [{ metric: "build_per_rule", value: buildTime / n, unit: "µs" }];
  if (n >= BYTES_FROM) {
    metrics.push({ metric: "bytes_per_rule", value: (liveBytes() - bytesBefore) / n, unit: "B" });
  }
  return { matcher, metrics };
}

function until<T>(items: Iterable<T>, goOn: () => boolean) {
  let stopped = false;
  function* taken(): Iterable<T> {
    for (const item of items) {
      if (!goOn()) {
        stopped = true;
        return;
      }
      yield item;
    }
  }
  return { items: taken(), stopped: () => stopped };
}

/** The second event's time: the first one also pays for work that was postponed, such as compiling each rule. */
async function millisecondsOfOne(matcher: Matcher, { documents }: Events): Promise<number> {
  let milliseconds = 0;
  for (const event of documents.slice(0, 2)) {
    const began = performance.now();
    await matcher.match(event);
    milliseconds = performance.now() - began;
    if (milliseconds > FIRST_EVENT_MS_MAX) break;
  }
  return milliseconds;
}

/** Of as many events as there is time for. Not estimated from one event: a first one is far slower than the rest. */
async function digestsOf(matcher: Matcher, { documents }: Events): Promise<Digest[]> {
  const digests: Digest[] = [];
  const end = performance.now() + CHECK_MS;
  for (const event of documents.slice(0, CHECKED_EVENTS)) {
    digests.push(digestOf(await matcher.match(event)));
    if (digests.length >= CHECKED_EVENTS_MIN && performance.now() > end) break;
  }
  return digests;
}

function candidates(matcher: Matcher, { documents }: Events): Metric[] {
  if (matcher.candidates === undefined) return [];
  const sample = documents.slice(0, CANDIDATE_EVENTS);
  let total = 0;
  for (const event of sample) total += matcher.candidates(event);
  return [{ metric: "candidates_per_event", value: total / sample.length, unit: "rules" }];
}

/** Stores the matcher as bytes and makes another one from them. */
function reload(engine: Engine, matcher: Matcher, n: number): Built | undefined {
  if (matcher.snapshot === undefined || engine.load === undefined) return undefined;
  const began = performance.now();
  const bytes = matcher.snapshot();
  const stored = performance.now();
  const loaded = engine.load(bytes);
  const end = performance.now();
  return {
    matcher: loaded,
    metrics: [
      { metric: "snapshot_store", value: stored - began, unit: "ms" },
      { metric: "snapshot_load", value: end - stored, unit: "ms" },
      { metric: "snapshot_bytes_per_rule", value: bytes.byteLength / n, unit: "B" },
    ],
  };
}

import { EPOCH_RETRIES_MAX } from "../../limits.ts";
import type { SentEvent } from "../../messages.ts";
import type { CampaignMatch } from "../../rules/evaluation/matcher.ts";
import type { Database } from "../../storage/core/client.ts";
import { failureOf } from "../../storage/core/failure.ts";
import { type Committed, commitDecisions, type Decision } from "../../storage/decisions.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import type { ActiveSet } from "../active-set/active-set.ts";
import type { CompiledSet } from "../active-set/compiled-set.ts";
import { type Allowance, createAllowance, matchAlone, matchTogether } from "./allowance.ts";

/** What became of some events. Those that are none of these were there already. */
export interface Decided extends Committed {
  readonly poisoned: readonly Poisoned[];
  readonly tooCostly: readonly TooCostlyEvent[];
}

/** An event that the database refuses, with the SQLSTATE. */
export interface Poisoned {
  readonly event: SentEvent;
  readonly code: string;
}

/** An event that cannot be decided within what it may take, and the campaign that took most of it. */
export interface TooCostlyEvent {
  readonly event: SentEvent;
  readonly campaign: CampaignMatch | null;
}

/** What became of events of one transaction. */
interface Attempt extends Committed {
  /** The active set that decided. */
  readonly epoch: number;
  /** Took more than it may: nothing is known of them. */
  readonly aside: readonly TooCostlyEvent[];
}

const NOTHING: Committed = { inserted: 0, matched: 0, conflicts: 0, erased: 0 };

/** What an event matches, or the campaign that takes too much for that to be told. */
type MatchOne = (
  set: CompiledSet,
  event: SentEvent,
) => CampaignMatch[] | { readonly aside: CampaignMatch | null };

/**
 * Decides events against the active campaigns and commits the decisions: all of them together but those that take
 * too much work, each of which is decided alone when the others are committed. May be called any number of times with
 * the same events.
 * @param events in the order they came
 * @param allowance the work that they may take, shared by all calls of one batch
 * @param metricBuffer counts how long commits take and how often the epoch moved; without one nobody does
 * @throws what a query throws when the database cannot answer: nothing is then certain, and the call is to be
 *   made again
 */
export async function decide(
  db: Database,
  activeSet: ActiveSet,
  events: readonly SentEvent[],
  allowance: Allowance = createAllowance(),
  metricBuffer?: MetricBuffer,
): Promise<Decided> {
  const aside: SentEvent[] = [];
  let decided = await decideTogether(db, activeSet, events, allowance, aside, metricBuffer);
  for (const event of aside) {
    decided = add(decided, await decideAlone(db, activeSet, event, allowance, metricBuffer));
  }
  if (aside.length > 0) metricBuffer?.count("events_decided_alone_total", {}, aside.length);
  return decided;
}

/** Decides all events, or when the database refuses some, all the others; but puts `aside` those that take too much. */
async function decideTogether(
  db: Database,
  activeSet: ActiveSet,
  events: readonly SentEvent[],
  allowance: Allowance,
  aside: SentEvent[],
  metricBuffer: MetricBuffer | undefined,
): Promise<Decided> {
  const match: MatchOne = ({ index }, event) => matchTogether(index, event, allowance) ?? { aside: null };
  try {
    const found = await commit(db, activeSet, events, match, metricBuffer);
    aside.push(...found.aside.map(({ event }) => event));
    return { ...found, poisoned: [], tooCostly: [] };
  } catch (error) {
    const poisoned = poisonedOf(error, events);
    if (poisoned !== undefined) return poisoned;
    // The answer does not say which event is at fault: halve until it stands alone.
    const middle = Math.ceil(events.length / 2);
    const half = (part: readonly SentEvent[]) =>
      decideTogether(db, activeSet, part, allowance, aside, metricBuffer);
    const first = await half(events.slice(0, middle));
    return add(first, await half(events.slice(middle)));
  }
}

/** Decides one event with all that one may take, or finds it too costly for the campaigns as they are now. */
async function decideAlone(
  db: Database,
  activeSet: ActiveSet,
  event: SentEvent,
  allowance: Allowance,
  metricBuffer: MetricBuffer | undefined,
): Promise<Decided> {
  const match: MatchOne = ({ index }, event) => matchAlone(index, event, allowance);
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await commit(db, activeSet, [event], match, metricBuffer);
      if (found.aside.length === 0) return { ...found, poisoned: [], tooCostly: [] };
      // Nothing was committed, so nobody has said that the campaigns have changed: the costly one may be paused.
      const { epoch } = await activeSet.refresh(db);
      if (epoch === found.epoch || attempt > EPOCH_RETRIES_MAX) {
        return { ...NOTHING, poisoned: [], tooCostly: found.aside };
      }
    } catch (error) {
      const poisoned = poisonedOf(error, [event]);
      if (poisoned !== undefined) return poisoned;
    }
  }
}

/**
 * What the database's refusal means when it stands for one event; undefined when it can be any of several.
 * @throws the error when it is no refusal
 */
function poisonedOf(error: unknown, events: readonly SentEvent[]): Decided | undefined {
  const failure = failureOf(error);
  if (failure.kind !== "refused") throw error;
  const [only, another] = events;
  if (only === undefined || another !== undefined) return undefined;
  return { ...NOTHING, poisoned: [{ event: only, code: failure.code }], tooCostly: [] };
}

/** Matched anew when the active set has moved meanwhile. */
async function commit(
  db: Database,
  activeSet: ActiveSet,
  events: readonly SentEvent[],
  match: MatchOne,
  metricBuffer: MetricBuffer | undefined,
): Promise<Attempt> {
  if (events.length === 0) return { ...NOTHING, epoch: 0, aside: [] };
  let set = activeSet.current() ?? (await activeSet.refresh(db));
  for (let attempt = 1; ; attempt++) {
    const { epoch } = set;
    const { within, decisions, aside } = matchAll(events, set, match);
    if (within.length === 0) return { ...NOTHING, epoch, aside };
    const began = Date.now();
    try {
      return { ...(await commitDecisions(db, epoch, within, decisions)), epoch, aside };
    } catch (error) {
      if (failureOf(error).kind !== "epoch_moved" || attempt > EPOCH_RETRIES_MAX) throw error;
    } finally {
      metricBuffer?.observe("consumer_commit_duration_seconds", {}, (Date.now() - began) / 1_000);
    }
    metricBuffer?.count("epoch_reloads_total", {});
    set = await activeSet.refresh(db);
  }
}

function matchAll(events: readonly SentEvent[], set: CompiledSet, match: MatchOne) {
  const within: SentEvent[] = [];
  const decisions: Decision[] = [];
  const aside: TooCostlyEvent[] = [];
  for (const event of events) {
    const found = match(set, event);
    if ("aside" in found) {
      aside.push({ event, campaign: found.aside });
      continue;
    }
    for (const { id, version, outcome, evidence } of set.decide(event, found)) {
      decisions.push({
        event: within.length,
        campaign_id: id,
        campaign_version: version,
        ...(outcome === "granted" ? {} : { outcome, evidence }),
      });
    }
    within.push(event);
  }
  return { within, decisions, aside };
}

function add(a: Decided, b: Decided): Decided {
  return {
    inserted: a.inserted + b.inserted,
    matched: a.matched + b.matched,
    conflicts: a.conflicts + b.conflicts,
    erased: a.erased + b.erased,
    poisoned: [...a.poisoned, ...b.poisoned],
    tooCostly: [...a.tooCostly, ...b.tooCostly],
  };
}

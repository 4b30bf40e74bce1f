import { EPOCH_RETRIES_MAX } from "../../limits.ts";
import type { SentEvent } from "../../messages.ts";
import type { Database } from "../../storage/core/client.ts";
import { failureOf } from "../../storage/core/failure.ts";
import { type Committed, commitDecisions, type Decision } from "../../storage/decisions.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import type { ActiveSet } from "../active-set/active-set.ts";
import type { CompiledSet } from "../active-set/compiled-set.ts";

/** What became of some events. Those that are none of these were there already. */
export interface Decided extends Committed {
  readonly poisoned: readonly Poisoned[];
}

/** An event that the database refuses, with the SQLSTATE. */
export interface Poisoned {
  readonly event: SentEvent;
  readonly code: string;
}

const NOTHING: Decided = { inserted: 0, matched: 0, conflicts: 0, erased: 0, poisoned: [] };

/**
 * Decides events against the active campaigns and commits the decisions, all of them or, when the database
 * refuses some events, all the others. May be called any number of times with the same events.
 * @param events in the order they came
 * @param metricBuffer counts how long commits take and how often the epoch moved; without one nobody does
 * @throws what a query throws when the database cannot answer: nothing is then certain, and the call is to be
 *   made again
 */
export async function decide(
  db: Database,
  activeSet: ActiveSet,
  events: readonly SentEvent[],
  metricBuffer?: MetricBuffer,
): Promise<Decided> {
  if (events.length === 0) return NOTHING;
  try {
    return { ...(await commit(db, activeSet, events, metricBuffer)), poisoned: [] };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== "refused") throw error;
    const [only, another] = events;
    if (only !== undefined && another === undefined) {
      return { ...NOTHING, poisoned: [{ event: only, code: failure.code }] };
    }
    // The answer does not say which event is at fault: halve until it stands alone.
    const middle = Math.ceil(events.length / 2);
    const first = await decide(db, activeSet, events.slice(0, middle), metricBuffer);
    return add(first, await decide(db, activeSet, events.slice(middle), metricBuffer));
  }
}

/** Matched anew when the active set has moved meanwhile. */
async function commit(
  db: Database,
  activeSet: ActiveSet,
  events: readonly SentEvent[],
  metricBuffer: MetricBuffer | undefined,
): Promise<Committed> {
  let set = activeSet.current() ?? (await activeSet.refresh(db));
  for (let attempt = 1; ; attempt++) {
    const decisions = decideAll(events, set);
    const began = Date.now();
    try {
      return await commitDecisions(db, set.epoch, events, decisions);
    } catch (error) {
      if (failureOf(error).kind !== "epoch_moved" || attempt > EPOCH_RETRIES_MAX) throw error;
    } finally {
      metricBuffer?.observe("consumer_commit_duration_seconds", {}, (Date.now() - began) / 1_000);
    }
    metricBuffer?.count("epoch_reloads_total", {});
    set = await activeSet.refresh(db);
  }
}

function decideAll(events: readonly SentEvent[], set: CompiledSet): Decision[] {
  const decisions: Decision[] = [];
  events.forEach((event, position) => {
    for (const { id, version, outcome, evidence } of set.decide(event)) {
      decisions.push({
        event: position,
        campaign_id: id,
        campaign_version: version,
        ...(outcome === "granted" ? {} : { outcome, evidence }),
      });
    }
  });
  return decisions;
}

function add(a: Decided, b: Decided): Decided {
  return {
    inserted: a.inserted + b.inserted,
    matched: a.matched + b.matched,
    conflicts: a.conflicts + b.conflicts,
    erased: a.erased + b.erased,
    poisoned: [...a.poisoned, ...b.poisoned],
  };
}

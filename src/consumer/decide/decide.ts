import { EPOCH_RETRIES_MAX } from "../../limits.ts";
import type { AcceptedEvent } from "../../messages.ts";
import type { Match } from "../../rules/evaluation/matcher.ts";
import type { Database } from "../../storage/core/client.ts";
import { failureOf } from "../../storage/core/failure.ts";
import { commitDecisions, contentKey, type Decision, recordConflicts } from "../../storage/decisions.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import type { ActiveSet } from "../active-set/active-set.ts";

/** What became of some events. Those of which nothing here speaks were there already. */
export interface Decided {
  readonly inserted: number;
  readonly matched: number;
  readonly conflicts: number;
  /** About a subject that was erased after they were received: dropped. */
  readonly erased: number;
  readonly poisoned: readonly Poisoned[];
}

/** An event that the database refuses, with the SQLSTATE. */
export interface Poisoned {
  readonly event: AcceptedEvent;
  readonly code: string;
}

const NOTHING: Decided = { inserted: 0, matched: 0, conflicts: 0, erased: 0, poisoned: [] };

/**
 * Decides events against the active campaigns and commits the decisions, all of them or, when the database
 * refuses some events, all the others. May be called any number of times with the same events.
 * @param metricBuffer counts how long commits take and how often the epoch moved; without one nobody does
 * Throws what a query throws when the database cannot answer: nothing is then certain, and the call is to be
 * made again.
 */
export function decide(
  db: Database,
  activeSet: ActiveSet,
  events: readonly AcceptedEvent[],
  metricBuffer?: MetricBuffer,
): Promise<Decided> {
  return decideDistinct(db, activeSet, distinct(events), metricBuffer);
}

/** An event of which there may have been copies in its batch. */
interface Distinct {
  readonly event: AcceptedEvent;
  /** How many came, itself included. */
  times: number;
}

/** @param events each content once, in the order they came */
async function decideDistinct(
  db: Database,
  activeSet: ActiveSet,
  events: readonly Distinct[],
  metricBuffer: MetricBuffer | undefined,
): Promise<Decided> {
  if (events.length === 0) return NOTHING;
  try {
    return await commit(db, activeSet, events, metricBuffer);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== "refused") throw error;
    const [only, ...others] = events;
    if (only !== undefined && others.length === 0) {
      return { ...NOTHING, poisoned: [{ event: only.event, code: failure.code }] };
    }
    // The answer does not say which event is at fault: halve until it stands alone.
    const middle = Math.ceil(events.length / 2);
    const first = await decideDistinct(db, activeSet, events.slice(0, middle), metricBuffer);
    return add(first, await decideDistinct(db, activeSet, events.slice(middle), metricBuffer));
  }
}

async function commit(
  db: Database,
  activeSet: ActiveSet,
  batch: readonly Distinct[],
  metricBuffer: MetricBuffer | undefined,
): Promise<Decided> {
  const events = batch.map(({ event }) => event);
  const copies = batch.reduce((sum, { times }) => sum + times - 1, 0);
  let set = activeSet.current() ?? (await activeSet.refresh(db));
  for (let attempt = 1; ; attempt++) {
    try {
      const decisions = matchAll(events, set.match);
      const began = Date.now();
      const { inserted, matched, conflicts, erased } = await commitDecisions(
        db,
        set.epoch,
        events,
        decisions,
        copies,
      ).finally(() =>
        metricBuffer?.observe("consumer_commit_duration_seconds", {}, (Date.now() - began) / 1_000),
      );
      const counts = { inserted, matched, conflicts: conflicts.length, erased, poisoned: [] };
      if (conflicts.length === 0) return counts;
      const keys = new Set(conflicts.map(contentKey));
      const conflicting = batch.filter(({ event }) => keys.has(contentKey(event)));
      if (
        await recordConflicts(
          db,
          conflicting.map(({ event }) => event),
        )
      )
        return counts;
      // What they were in conflict with has just been deleted: they are decided in its place.
      return add(
        { ...counts, conflicts: 0 },
        await decideDistinct(db, activeSet, conflicting.map(once), metricBuffer),
      );
    } catch (error) {
      if (failureOf(error).kind !== "epoch_moved" || attempt > EPOCH_RETRIES_MAX) throw error;
      metricBuffer?.count("epoch_reloads_total", {});
      set = await activeSet.refresh(db);
    }
  }
}

function matchAll(events: readonly AcceptedEvent[], match: Match): Decision[] {
  return events.flatMap((event) =>
    match(event).map(({ id, version }) => ({
      event,
      campaignId: id,
      campaignVersion: version,
    })),
  );
}

/** Without the copies: of one that came several times the first stays. */
function distinct(events: readonly AcceptedEvent[]): Distinct[] {
  const firsts = new Map<string, Distinct>();
  for (const event of events) {
    const key = contentKey(event);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, { event, times: 1 });
    else first.times += 1;
  }
  return [...firsts.values()];
}

/** Its copies are counted already. */
const once = ({ event }: Distinct): Distinct => ({ event, times: 1 });

function add(a: Decided, b: Decided): Decided {
  return {
    inserted: a.inserted + b.inserted,
    matched: a.matched + b.matched,
    conflicts: a.conflicts + b.conflicts,
    erased: a.erased + b.erased,
    poisoned: [...a.poisoned, ...b.poisoned],
  };
}

import type { ActiveSetChange } from "../history.ts";

/** The campaigns that were active at each epoch. */
export type ActiveSets = ReadonlyMap<number, readonly ActiveSetChange[]>;

/**
 * Replays the changes from the empty set of epoch 0.
 * @throws Error when an epoch is missing: it is then unknown what was active, and nothing can be concluded
 */
export function activeSetsOf(changes: readonly ActiveSetChange[]): ActiveSets {
  const sets = new Map<number, readonly ActiveSetChange[]>([[0, []]]);
  const active = new Map<string, ActiveSetChange>();
  for (const change of [...changes].sort((a, b) => a.epoch - b.epoch)) {
    if (change.epoch !== sets.size) throw new Error(`the change to epoch ${sets.size} was not written down`);
    if (change.active) active.set(change.campaign, change);
    else active.delete(change.campaign);
    sets.set(change.epoch, [...active.values()]);
  }
  return sets;
}

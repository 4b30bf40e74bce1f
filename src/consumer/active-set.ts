import { type Campaign, compile, type Match } from "../rules/matcher.ts";
import { type ActiveSetChange, type ActiveSetPage, readActiveSetChanges } from "../storage/campaigns.ts";
import type { Database } from "../storage/client.ts";

/** The active campaigns of one epoch, ready to match. */
export interface CompiledSet {
  readonly epoch: number;
  readonly match: Match;
}

/** What an isolate knows of the active campaigns, brought up to date by reading only what changed since. */
export interface ActiveSet {
  /** As last read; undefined before the first `refresh`. */
  current(): CompiledSet | undefined;
  /** Reads what changed. Throws what a query throws (storage/failure.ts), and then knows what it knew before. */
  refresh(db: Database): Promise<CompiledSet>;
}

/** @param page how much is read in one query; by default what limits.ts says */
export function createActiveSet(page?: ActiveSetPage): ActiveSet {
  const campaigns = new Map<string, Campaign>();
  let compiled: CompiledSet | undefined;
  return {
    current: () => compiled,
    async refresh(db) {
      const known = compiled;
      let read = await readChanges(db, page, known?.epoch);
      // An epoch only grows: this is a database restored to an earlier time, and what is known never was there.
      const isRestored = known !== undefined && read.epoch < known.epoch;
      if (isRestored) read = await readChanges(db, page, undefined);
      // Another batch in this isolate may have brought the set further while this one was reading.
      if (compiled !== known && compiled !== undefined) return compiled;
      if (isRestored) campaigns.clear();
      const { epoch, changes } = read;
      for (const change of changes) {
        if (change.rule === null) campaigns.delete(change.id);
        else campaigns.set(change.id, campaignOf(change, change.rule));
      }
      compiled = { epoch, match: compile([...campaigns.values()]) };
      return compiled;
    },
  };
}

/** Every change after epoch `known`, or the whole active set when nothing is known. */
async function readChanges(
  db: Database,
  size: ActiveSetPage | undefined,
  known: number | undefined,
): Promise<{ readonly epoch: number; readonly changes: readonly ActiveSetChange[] }> {
  const changes: ActiveSetChange[] = [];
  let since = known ?? 0;
  // Who knows nothing need not hear of campaigns that left the set before the first page was read, but must of
  // those that leave it between two pages.
  let heardOf = known ?? Number.MAX_SAFE_INTEGER;
  for (;;) {
    const page = await readActiveSetChanges(db, since, heardOf, size);
    changes.push(...page.changes);
    const last = page.changes.at(-1);
    if (!page.more || last === undefined) return { epoch: page.epoch, changes };
    since = last.epoch;
    heardOf = Math.min(heardOf, page.epoch);
  }
}

function campaignOf({ id, version, starts_at, ends_at }: ActiveSetChange, rule: Campaign["rule"]): Campaign {
  return { id, version, rule, startsAt: instant(starts_at), endsAt: instant(ends_at) };
}

const instant = (time: string | null): number | null => (time === null ? null : Date.parse(time));

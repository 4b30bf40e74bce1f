import { expect } from "vitest";
import { EVENT_STEPS_MAX } from "../../src/limits.ts";
import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import {
  type Campaign,
  type CampaignMatch,
  compileScan,
  type Match,
} from "../../src/rules/evaluation/matcher.ts";
import { createWork, renewWork } from "../../src/rules/evaluation/work.ts";
import { ids } from "./hostile-events.ts";

/** Matches by trying campaigns in turn. */
export function scanned(campaigns: readonly Campaign[]): Match {
  const work = createWork();
  const scan = compileScan(campaigns, work);
  return (event) => {
    const matches: CampaignMatch[] = [];
    renewWork(work, EVENT_STEPS_MAX);
    scan(event, matches);
    return matches;
  };
}

/**
 * Holds an index to what trying its campaigns in turn finds, event by event.
 * @returns how many matches there are in all: none would say nothing
 */
export function matchesAsScanned(
  index: { match(event: EventDocument): readonly CampaignMatch[] },
  live: readonly Campaign[],
  events: readonly EventDocument[],
): number {
  const expected = scanned(live);
  let matches = 0;
  for (const event of events) {
    const found = ids(index.match(event));
    expect(found).toEqual(ids(expected(event)));
    matches += found.length;
  }
  return matches;
}

import { EVENT_STEPS_MAX } from "../../src/limits.ts";
import {
  type Campaign,
  type CampaignMatch,
  compileScan,
  type Match,
} from "../../src/rules/evaluation/matcher.ts";
import { createWork, renewWork } from "../../src/rules/evaluation/work.ts";

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

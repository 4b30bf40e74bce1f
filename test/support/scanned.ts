import {
  type Campaign,
  type CampaignMatch,
  compileScan,
  type Match,
} from "../../src/rules/evaluation/matcher.ts";

/** Matches by trying campaigns in turn. */
export function scanned(campaigns: readonly Campaign[]): Match {
  const scan = compileScan(campaigns);
  return (event) => {
    const matches: CampaignMatch[] = [];
    scan(event, matches);
    return matches;
  };
}

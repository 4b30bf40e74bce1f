import { compileRule, type Decide } from "../closure.ts";
import type { EventDocument } from "../event.ts";
import type { Campaign, CampaignMatch } from "../matcher.ts";
import { instantOf } from "../time.ts";
import { createEventState, type EventState } from "./event-state.ts";
import type { Segment } from "./segment.ts";
import type { Symbols } from "./symbols.ts";

/** What an index is made of. */
export interface IndexParts {
  symbols: Symbols;
  state: EventState;
  /** Everything that was there at the last compaction, unless that is only scanned. */
  main: Segment | null;
  /** Later changes, compiled, in segments of about the same size on each level. */
  levels: Segment[][];
  /** The latest changes, and all campaigns while they are few. */
  scanned: Scanned[];
}

/** A campaign that is tried by itself. */
export interface Scanned {
  readonly campaign: Campaign;
  readonly match: CampaignMatch;
  readonly decide: Decide;
}

export function partsOf(symbols: Symbols, main: Segment | null, scanned: readonly Campaign[]): IndexParts {
  return { symbols, state: createEventState(symbols), main, levels: [], scanned: scanned.map(scannedOf) };
}

export function scannedOf(campaign: Campaign): Scanned {
  return {
    campaign,
    match: { id: campaign.id, version: campaign.version },
    decide: compileRule(campaign.rule),
  };
}

/** Appends the campaigns that match. */
export function matchScanned(
  scanned: readonly Scanned[],
  event: EventDocument,
  matches: CampaignMatch[],
): void {
  const now = instantOf(event.time);
  for (const { campaign, match, decide } of scanned) {
    if (campaign.startsAt !== null && !(now >= campaign.startsAt)) continue;
    if (campaign.endsAt !== null && !(now < campaign.endsAt)) continue;
    if (decide(event, now)) matches.push(match);
  }
}

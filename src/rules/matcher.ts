import { compileRule, type Decide } from "./closure.ts";
import type { EventDocument } from "./event.ts";
import type { Rule } from "./rule.ts";
import { instantOf } from "./time.ts";

/** An active campaign as matching sees it. Times in milliseconds since 1970, null when open on that side. */
export interface Campaign {
  readonly id: string;
  readonly version: number;
  readonly rule: Rule;
  /** The first instant at which an event's time is inside. */
  readonly startsAt: number | null;
  /** The first instant at which it is outside again. */
  readonly endsAt: number | null;
}

export interface CampaignMatch {
  readonly id: string;
  readonly version: number;
}

/** The campaigns an event matches, in no particular order. */
export type Match = (event: EventDocument) => CampaignMatch[];

/** A campaign made ready to be tried by itself. */
export interface Ready {
  readonly campaign: Campaign;
  readonly match: CampaignMatch;
  readonly decide: Decide;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
}

export function ready(campaign: Campaign): Ready {
  const { id, version, rule, startsAt, endsAt } = campaign;
  return { campaign, match: { id, version }, decide: compileRule(rule), startsAt, endsAt };
}

/**
 * Appends the campaigns that match, trying one after the other. An event whose time is not valid is in no
 * campaign that has a start or an end.
 */
export function tryEach(campaigns: readonly Ready[], event: EventDocument, matches: CampaignMatch[]): void {
  const now = instantOf(event.time);
  for (const { match, decide, startsAt, endsAt } of campaigns) {
    if (startsAt !== null && !(now >= startsAt)) continue;
    if (endsAt !== null && !(now < endsAt)) continue;
    if (decide(event, now)) matches.push(match);
  }
}

/**
 * Matches by trying every campaign in turn. The honest baseline: what the index is measured against, and what
 * it must agree with.
 */
export function compile(campaigns: readonly Campaign[]): Match {
  const all = campaigns.map(ready);
  return (event) => {
    const matches: CampaignMatch[] = [];
    tryEach(all, event, matches);
    return matches;
  };
}

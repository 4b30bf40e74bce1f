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
  /** Whether the event's time has to be read to decide. */
  readonly isTimed: boolean;
}

export function ready(campaign: Campaign): Ready {
  const { id, version, rule, startsAt, endsAt } = campaign;
  const isTimed = startsAt !== null || endsAt !== null || isRelative(rule);
  return { campaign, match: { id, version }, decide: compileRule(rule), startsAt, endsAt, isTimed };
}

/**
 * Appends the campaigns that match, trying one after the other. An event whose time is not valid is in no
 * campaign that has a start or an end.
 */
export function tryEach(campaigns: readonly Ready[], event: EventDocument, matches: CampaignMatch[]): void {
  let now: number | undefined;
  for (const { match, decide, startsAt, endsAt, isTimed } of campaigns) {
    if (!isTimed) {
      if (decide(event, Number.NaN)) matches.push(match);
      continue;
    }
    now ??= instantOf(event.time);
    if (startsAt !== null && !(now >= startsAt)) continue;
    if (endsAt !== null && !(now < endsAt)) continue;
    if (decide(event, now)) matches.push(match);
  }
}

/** Whether a rule asks how long before the event something was. */
function isRelative(rule: Rule): boolean {
  if ("and" in rule) return rule.and.some(isRelative);
  if ("or" in rule) return rule.or.some(isRelative);
  if ("not" in rule) return isRelative(rule.not);
  if ("some" in rule) return isRelative(rule.where);
  return rule.operator === "within_last" || rule.operator === "older_than";
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

import { compileRule } from "./closure.ts";
import type { EventDocument } from "./event.ts";
import { createFields, forgetEvent, readField } from "./fields.ts";
import { patternOf } from "./pattern.ts";
import type { Rule, Scalar } from "./rule.ts";
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

/** Appends what an event matches. */
export type Scan = (event: EventDocument, matches: CampaignMatch[]) => void;

/**
 * Campaigns made ready to be tried one after the other. An event whose time is not valid is in no campaign that
 * has a start or an end.
 */
export function compileScan(campaigns: readonly Campaign[]): Scan {
  const fields = createFields();
  const all = campaigns.map(({ id, version, rule, startsAt, endsAt }) => {
    const guard = guardOf(rule);
    return {
      match: { id, version },
      // Looked at first, in place: most campaigns are out before anything is called.
      field: guard === undefined ? undefined : fields.at(guard.field),
      wanted: guard?.value,
      decide: compileRule(rule, patternOf, fields),
      startsAt,
      endsAt,
      // Whether the event's time has to be read to decide.
      isTimed: startsAt !== null || endsAt !== null || isRelative(rule),
    };
  });
  return (event, matches) => {
    let now: number | undefined;
    try {
      for (const campaign of all) {
        const { field } = campaign;
        if (field !== undefined) {
          const value = field.isRead ? field.value : readField(fields, field, event);
          if (value !== campaign.wanted && !Array.isArray(value)) continue;
        }
        if (!campaign.isTimed) {
          if (campaign.decide(event, Number.NaN)) matches.push(campaign.match);
          continue;
        }
        const { startsAt, endsAt } = campaign;
        now ??= instantOf(event.time);
        if (startsAt !== null && !(now >= startsAt)) continue;
        if (endsAt !== null && !(now < endsAt)) continue;
        if (campaign.decide(event, now)) matches.push(campaign.match);
      }
    } finally {
      forgetEvent(fields);
    }
  };
}

interface Guard {
  readonly field: string;
  readonly value: Scalar;
}

/** An equality without which the rule does not hold, if it has one. */
function guardOf(rule: Rule): Guard | undefined {
  if ("operator" in rule) return rule.operator === "equals" ? rule : undefined;
  if (!("and" in rule)) return undefined;
  for (const part of rule.and) {
    const guard = guardOf(part);
    if (guard !== undefined) return guard;
  }
  return undefined;
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
  const scan = compileScan(campaigns);
  return (event) => {
    const matches: CampaignMatch[] = [];
    scan(event, matches);
    return matches;
  };
}

import type { Rule, Scalar } from "../language/rule.ts";
import { instantOf } from "../language/time.ts";
import { compileRule, type Decide } from "./closure.ts";
import type { EventDocument } from "./event.ts";
import { createFields, type Field, type Fields, forgetEvent, readField } from "./fields.ts";
import { account, charge, createTools, type Tools, type Work } from "./work.ts";

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

interface Ready {
  readonly match: CampaignMatch;
  readonly decide: Decide;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  /** Whether the event's time has to be read to decide. */
  readonly isTimed: boolean;
}

/** Campaigns that cannot match unless the field has a certain value. */
interface Guarded {
  readonly field: Field;
  readonly byValue: Map<unknown, Ready[]>;
  readonly all: Ready[];
}

/**
 * Campaigns made ready to be tried one after the other, all but those that an event's values rule out at once. An
 * event whose time is not valid is in no campaign that has a start or an end.
 *
 * @param work what an event's work comes out of. When it is used up, trying throws {@link TooCostly}.
 */
export function compileScan(campaigns: readonly Campaign[], work: Work): Scan {
  const tools = createTools(work);
  const fields = createFields(work);
  const groups = new Map<Field, Guarded>();
  const others: Ready[] = [];
  const rarest = rarestOf(campaigns);
  for (const campaign of campaigns) {
    const ready = readyOf(campaign, tools, fields);
    const guard = rarest(campaign.rule);
    if (guard === undefined) {
      others.push(ready);
      continue;
    }
    const field = fields.at(guard.field);
    const group: Guarded = groups.get(field) ?? { field, byValue: new Map(), all: [] };
    groups.set(field, group);
    group.all.push(ready);
    const same = group.byValue.get(guard.value);
    if (same === undefined) group.byValue.set(guard.value, [ready]);
    else same.push(ready);
  }
  const guarded = [...groups.values()];
  return (event, matches) => {
    try {
      for (const { field, byValue, all } of guarded) {
        const value = field.isRead ? field.value : readField(fields, field, event);
        const possible = Array.isArray(value) ? all : byValue.get(value);
        if (possible !== undefined) tryEach(possible, event, matches, work);
      }
      if (others.length > 0) tryEach(others, event, matches, work);
    } finally {
      forgetEvent(fields);
    }
  };
}

function readyOf({ id, version, rule, startsAt, endsAt }: Campaign, tools: Tools, fields: Fields): Ready {
  return {
    match: { id, version },
    decide: compileRule(rule, tools, fields),
    startsAt,
    endsAt,
    isTimed: startsAt !== null || endsAt !== null || isRelative(rule),
  };
}

function tryEach(
  campaigns: readonly Ready[],
  event: EventDocument,
  matches: CampaignMatch[],
  work: Work,
): void {
  let now: number | undefined;
  for (const { match, decide, startsAt, endsAt, isTimed } of campaigns) {
    if (isTimed) {
      now ??= instantOf(event.time);
      if (startsAt !== null && !(now >= startsAt)) continue;
      if (endsAt !== null && !(now < endsAt)) continue;
    }
    charge(work, match);
    if (decide(event, now ?? Number.NaN)) matches.push(match);
    account(work);
  }
}

interface Guard {
  readonly field: string;
  readonly value: Scalar;
}

/** The equalities without which the rule does not hold. */
function guardsOf(rule: Rule): Guard[] {
  if ("operator" in rule) return rule.operator === "equals" && rule.case !== "ignored" ? [rule] : [];
  return "and" in rule ? rule.and.flatMap(guardsOf) : [];
}

/**
 * Chooses among a rule's equalities the one that fewest of these campaigns have, since an event then tries fewest of
 * them; of equally rare ones the one whose field most of them ask for, since few fields are then read.
 */
function rarestOf(campaigns: readonly Campaign[]): (rule: Rule) => Guard | undefined {
  const fields = new Map<string, { count: number; readonly byValue: Map<Scalar, number> }>();
  for (const { field, value } of campaigns.flatMap(({ rule }) => guardsOf(rule))) {
    const known = fields.get(field) ?? { count: 0, byValue: new Map() };
    fields.set(field, known);
    known.count++;
    known.byValue.set(value, (known.byValue.get(value) ?? 0) + 1);
  }
  const sharing = ({ field, value }: Guard) => fields.get(field)?.byValue.get(value) ?? 0;
  const asking = ({ field }: Guard) => fields.get(field)?.count ?? 0;
  return (rule) => guardsOf(rule).sort((a, b) => sharing(a) - sharing(b) || asking(b) - asking(a))[0];
}

/** Whether a rule asks how long before the event something was. */
function isRelative(rule: Rule): boolean {
  if ("and" in rule) return rule.and.some(isRelative);
  if ("or" in rule) return rule.or.some(isRelative);
  if ("not" in rule) return isRelative(rule.not);
  if ("some" in rule || "every" in rule) return isRelative(rule.where);
  return rule.operator === "within_last" || rule.operator === "older_than";
}

import { EVENT_ATTRIBUTE_CHARS_MAX, EVENT_BYTES_MAX } from "../../limits.ts";
import { addressSteps, textSteps } from "../evaluation/predicate.ts";
import { pathOf } from "../language/path.ts";
import { patternOf } from "../language/pattern.ts";
import type { Condition, Rule } from "../language/rule.ts";

/** How much an event holds, as far as the work of deciding grows with it. */
export interface EventSize {
  /** Characters of one attribute. */
  readonly attributeChars: number;
  /** Values in `data`, arrays and objects among them. */
  readonly values: number;
  /** Characters of all texts in `data` together. */
  readonly chars: number;
}

/** The most that any event the API accepts can hold: a value takes a byte and a comma. */
export const LARGEST_EVENT: EventSize = {
  attributeChars: EVENT_ATTRIBUTE_CHARS_MAX,
  values: EVENT_BYTES_MAX / 2,
  chars: EVENT_BYTES_MAX,
};

/** What an event is like when nobody means harm: a text of some lines, a list of some dozen things. */
export const ORDINARY_EVENT: EventSize = { attributeChars: 64, values: 32, chars: 256 };

/** Steps of compiling an instruction of a pattern, which a cold isolate does with the first event. */
const COMPILING_STEPS = 64;
/** Arrays on the way to a value, the value in one of them, and the condition asked of it. */
const VALUE_STEPS = 3;
/** Likewise of `some`, whose elements its conditions ask for themselves. */
const ELEMENT_STEPS = 3;

/**
 * The most steps (evaluation/work.ts) that deciding a condition takes, for an event no larger than this.
 * @param inside whether it stands inside `some`
 */
export function conditionSteps(condition: Condition, inside: boolean, size: EventSize): number {
  const isAttribute = !inside && isEventAttribute(condition.field);
  const values = isAttribute ? 1 : size.values;
  const chars = isAttribute ? size.attributeChars : size.chars;
  return values * VALUE_STEPS + textConditionSteps(condition, values, chars);
}

/** The most steps that finding the elements of a `some` takes. */
export function someSteps(size: EventSize): number {
  return size.values * ELEMENT_STEPS;
}

/** Likewise of an `every`, which looks for an element without and for one at all. */
export function everySteps(size: EventSize): number {
  return 2 * someSteps(size);
}

/** What a condition takes beside finding values, of so many values with so many characters in all. */
function textConditionSteps(condition: Condition, values: number, chars: number): number {
  switch (condition.operator) {
    case "matches": {
      const pattern = patternOf(condition.value);
      return COMPILING_STEPS * pattern.size + values * pattern.steps(0) + pattern.steps(chars);
    }
    case "contains":
    case "not_contains":
    case "starts_with":
    case "ends_with":
    case "semver_equals":
    case "semver_greater_than":
    case "semver_at_least":
    case "semver_less_than":
    case "semver_at_most":
    case "before":
    case "after":
    case "within_last":
    case "older_than":
      return values * textSteps(0) + textSteps(chars);
    case "in_cidr":
      return values * addressSteps(0) + addressSteps(chars);
    case "equals":
    case "not_equals":
    case "in":
    case "not_in":
      return condition.case === "ignored" ? values * textSteps(0) + textSteps(chars) : 0;
    case "length_equals":
    case "length_at_least":
    case "length_at_most":
    case "type_is":
      return values;
    default:
      return 0;
  }
}

/** The most steps that deciding a rule takes, for an event no larger than this. */
export function ruleSteps(rule: Rule, size: EventSize, inside = false): number {
  if ("and" in rule) return rule.and.reduce((sum, part) => sum + ruleSteps(part, size, inside), 0);
  if ("or" in rule) return rule.or.reduce((sum, part) => sum + ruleSteps(part, size, inside), 0);
  if ("not" in rule) return ruleSteps(rule.not, size, inside);
  if ("some" in rule) return someSteps(size) + ruleSteps(rule.where, size, true);
  if ("every" in rule) return everySteps(size) + ruleSteps(rule.where, size, true);
  return conditionSteps(rule, inside, size);
}

/** What a rule costs, in steps. */
export interface RuleCost {
  /** About what a campaign with it adds to an ordinary event. */
  readonly ordinary: number;
  /** What it takes at most, of the largest event. */
  readonly largest: number;
}

export function costOf(rule: Rule): RuleCost {
  return { ordinary: activeSteps(rule), largest: ruleSteps(rule, LARGEST_EVENT) };
}

/** Of so many events about one asks what stands beside a selective condition. An estimate, and a cautious one. */
const EVENTS_PER_REACHED = 32;

/**
 * About what a campaign adds to the work of deciding an ordinary event: the steps of those parts that the index cannot
 * spare it. Plain comparisons are looked up for all campaigns together and add nothing; what stands beside a value of
 * `data` that an event must have is asked of few events.
 */
export function activeSteps(rule: Rule): number {
  if ("or" in rule) return rule.or.reduce((sum, part) => sum + activeSteps(part), 0);
  const steps = askedSteps(rule);
  return isSelective(rule) ? Math.ceil(steps / EVENTS_PER_REACHED) : steps;
}

/** Likewise, when everything in the rule is asked. */
function askedSteps(rule: Rule): number {
  if ("and" in rule) return rule.and.reduce((sum, part) => sum + askedSteps(part), 0);
  if ("or" in rule) return rule.or.reduce((sum, part) => sum + askedSteps(part), 0);
  if ("not" in rule) return askedSteps(rule.not);
  if ("some" in rule || "every" in rule) return ruleSteps(rule, ORDINARY_EVENT);
  const chars = isEventAttribute(rule.field) ? ORDINARY_EVENT.attributeChars : ORDINARY_EVENT.chars;
  return rule.operator === "matches"
    ? patternOf(rule.value).steps(chars)
    : textConditionSteps(rule, 1, chars);
}

/** Whether the rule needs a value that few events have. Many campaigns share a `type` or a `source`. */
function isSelective(rule: Rule): boolean {
  if ("and" in rule) return rule.and.some(isSelective);
  if ("or" in rule) return rule.or.every(isSelective);
  if ("some" in rule) return isSelective(rule.where);
  if (!("operator" in rule) || (rule.operator !== "equals" && rule.operator !== "in")) return false;
  return rule.case !== "ignored" && rule.field !== "type" && rule.field !== "source";
}

function isEventAttribute(field: string): boolean {
  const path = pathOf(field);
  return path.length === 1 && path[0] !== "data";
}

import { EXPLAINED_CHARS, EXPLAINED_FIELD_VALUES, EXPLAINED_LIST_VALUES } from "../../limits.ts";
import { pathOf } from "../language/path.ts";
import type { Condition, Every, Operator, Rule, Some, TextCase, TypeName } from "../language/rule.ts";
import { instantOf } from "../language/time.ts";
import { compileRule, conditionsIn } from "./closure.ts";
import type { EventDocument } from "./event.ts";
import { isNegative, lengthOf, predicateOf, reachedBy } from "./predicate.ts";
import { elementsAt } from "./reach.ts";
import { createTools, spend, type Tools, type Work } from "./work.ts";

/** The rule's own tree, with what each part was decided to be. Laid beside the rule, it reads in step. */
export type Explanation =
  | { readonly and: readonly Explanation[]; readonly matched: boolean }
  | { readonly or: readonly Explanation[]; readonly matched: boolean }
  | { readonly not: Explanation; readonly matched: boolean }
  | SomeExplanation
  | EveryExplanation
  | ConditionExplanation;

export interface SomeExplanation {
  readonly some: string;
  /** How many elements there were to choose from. */
  readonly elements: number;
  /** The first element that satisfied `where`, counted from 0 over all elements reached; null when none did. */
  readonly element: number | null;
  /** Explained for that element; for the first one when none satisfied it; null when there is no element. */
  readonly where: Explanation | null;
  readonly matched: boolean;
}

export interface EveryExplanation {
  readonly every: string;
  readonly elements: number;
  /** The first element that did not satisfy `where`, counted likewise; null when all did. */
  readonly element: number | null;
  /** Explained for that element; for the first one when all satisfied it; null when there is no element. */
  readonly where: Explanation | null;
  readonly matched: boolean;
}

export interface ConditionExplanation {
  readonly field: string;
  readonly operator: Operator;
  /** What the rule compares with, cut short when long. */
  readonly value?: unknown;
  /** Whether letter case counts, where the rule says so. */
  readonly case?: TextCase;
  /** What the path reached: nothing when the field is absent or null. At most a few, the telling one among them. */
  readonly found: readonly FoundValue[];
  readonly found_count: number;
  readonly matched: boolean;
}

export interface FoundValue {
  readonly type: TypeName;
  /** Left out for objects and arrays; a long string is cut. */
  readonly value?: string | number | boolean;
  /** Of an array, as `length_…` counts it: without elements that are missing. */
  readonly length?: number;
  /** Whether this value is what the operator (of a `not_…` one, its positive) asks for. */
  readonly satisfies: boolean;
}

/**
 * Why a rule is or is not true of an event. Agrees with `evaluate`; unlike it, decides every part, also those
 * that no longer matter. The size is bounded by the rule's, however large the event.
 *
 * @throws TooCostly when it takes more work than the tools allow
 */
export function explain(
  rule: Rule,
  event: EventDocument,
  tools: Tools = createTools(),
): { readonly matched: boolean; readonly explanation: Explanation } {
  const explanation = explainRule(rule, event, instantOf(event.time), tools);
  return { matched: explanation.matched, explanation };
}

function explainRule(rule: Rule, root: unknown, now: number, tools: Tools): Explanation {
  if ("and" in rule) {
    const and = rule.and.map((part) => explainRule(part, root, now, tools));
    return { and, matched: and.every((part) => part.matched) };
  }
  if ("or" in rule) {
    const or = rule.or.map((part) => explainRule(part, root, now, tools));
    return { or, matched: or.some((part) => part.matched) };
  }
  if ("not" in rule) {
    const not = explainRule(rule.not, root, now, tools);
    return { not, matched: !not.matched };
  }
  if ("every" in rule) return explainEvery(rule, root, now, tools);
  return "some" in rule ? explainSome(rule, root, now, tools) : explainCondition(rule, root, now, tools);
}

function explainSome({ some, where }: Some, root: unknown, now: number, tools: Tools): SomeExplanation {
  const elements = elementsAt(root, pathOf(some), tools.work);
  const satisfying = firstThat(where, elements, now, tools);
  return {
    some,
    elements: elements.length,
    element: satisfying < 0 ? null : satisfying,
    where: elements.length > 0 ? explainRule(where, elements[Math.max(0, satisfying)], now, tools) : null,
    matched: satisfying >= 0,
  };
}

function explainEvery({ every, where }: Every, root: unknown, now: number, tools: Tools): EveryExplanation {
  const elements = elementsAt(root, pathOf(every), tools.work);
  const failing = firstThat({ not: where }, elements, now, tools);
  return {
    every,
    elements: elements.length,
    element: failing < 0 ? null : failing,
    where: elements.length > 0 ? explainRule(where, elements[Math.max(0, failing)], now, tools) : null,
    matched: elements.length > 0 && failing < 0,
  };
}

/** The first element that satisfies a rule, or −1. Explaining every element would cost far more than deciding it. */
function firstThat(rule: Rule, elements: readonly unknown[], now: number, tools: Tools): number {
  const decide = compileRule(rule, tools);
  const steps = 1 + conditionsIn(rule);
  return elements.findIndex((element) => {
    spend(tools.work, steps);
    return decide(element, now);
  });
}

function explainCondition(
  condition: Condition,
  root: unknown,
  now: number,
  tools: Tools,
): ConditionExplanation {
  const asked = predicateOf(condition, tools);
  const values = reachedBy(condition, root, tools.work);
  const answers: boolean[] = [];
  const answer = (value: unknown, at: number): boolean => (answers[at] ??= asked(value, now));
  const telling = values.findIndex(answer);
  const show = (value: unknown, satisfies: boolean) => foundValue(value, satisfies, tools.work);
  const shown = values.slice(0, EXPLAINED_FIELD_VALUES).map((value, at) => show(value, answer(value, at)));
  if (telling >= EXPLAINED_FIELD_VALUES) shown[EXPLAINED_FIELD_VALUES - 1] = show(values[telling], true);
  return {
    field: condition.field,
    operator: condition.operator,
    ...("value" in condition && { value: shortened(condition.value) }),
    ...("case" in condition && condition.case !== "lowered" && { case: condition.case }),
    found: shown,
    found_count: values.length,
    matched: isNegative(condition.operator) ? telling < 0 : telling >= 0,
  };
}

function foundValue(value: unknown, satisfies: boolean, work: Work): FoundValue {
  switch (typeof value) {
    case "string":
      return { type: "string", value: cut(value), satisfies };
    case "number":
      return { type: "number", value, satisfies };
    case "boolean":
      return { type: "boolean", value, satisfies };
    default:
      return Array.isArray(value)
        ? { type: "array", length: lengthOf(value, work), satisfies }
        : { type: "object", satisfies };
  }
}

function shortened(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (!Array.isArray(value)) return value;
  const shown = value.slice(0, EXPLAINED_LIST_VALUES).map(shortened);
  return value.length > shown.length ? [...shown, `… ${value.length - shown.length} more`] : shown;
}

function cut(text: string): string {
  return text.length > EXPLAINED_CHARS ? `${text.slice(0, EXPLAINED_CHARS).toWellFormed()}…` : text;
}

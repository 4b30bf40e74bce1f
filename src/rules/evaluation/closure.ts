import { type Path, pathOf } from "../language/path.ts";
import type { Condition, Rule } from "../language/rule.ts";
import { type Fields, readField } from "./fields.ts";
import { asksForWholes, isNegative, type Predicate, predicateOf, reachedBy } from "./predicate.ts";
import { isObject } from "./reach.ts";
import { spend, type Tools, type Work } from "./work.ts";

/**
 * A rule made ready: paths split, times and patterns read.
 *
 * @param root where the rule's paths start: the event, or for a rule inside `some` the element.
 * @param now the event's time in milliseconds, NaN when it has none that is valid.
 */
export type Decide = (root: unknown, now: number) => boolean;

/**
 * Compiles one rule to nested closures (no code generation, which Workers forbid). Decides as `evaluate` does,
 * and is the fastest way to decide few rules.
 *
 * @param tools what the rule's work comes out of; a rule that uses it up throws {@link TooCostly}.
 * @param fields shared by the rules that are asked about one event after the other: each field is read once for
 *   all of them. Whoever asks has them forget the event. Without them every condition reads for itself.
 */
export function compileRule(rule: Rule, tools: Tools, fields?: Fields): Decide {
  const compile = (part: Rule): Decide => compileRule(part, tools, fields);
  if ("and" in rule) return every(rule.and.map(compile));
  if ("or" in rule) return any(rule.or.map(compile));
  if ("not" in rule) {
    const inner = compile(rule.not);
    return (root, now) => !inner(root, now);
  }
  if ("some" in rule) {
    const path = pathOf(rule.some);
    const where = compileRule(rule.where, tools); // an element's fields are not the event's
    const { work } = tools;
    const steps = 1 + conditionsIn(rule.where);
    return (root, now) => anyElement(root, path, 0, where, now, work, steps);
  }
  if ("every" in rule) {
    // No element without it, and some element at all.
    const { every, where } = rule;
    const anyWithout = compileRule({ some: every, where: { not: where } }, tools);
    const any = compileRule({ some: every, where: { and: [] } }, tools);
    return (root, now) => !anyWithout(root, now) && any(root, now);
  }
  const asked = compileCondition(rule, tools, fields);
  return isNegative(rule.operator) ? (root, now) => !asked(root, now) : asked;
}

/** Conditions of a rule, each `some` of it counted as one. */
export function conditionsIn(rule: Rule): number {
  if ("and" in rule) return rule.and.reduce((sum, part) => sum + conditionsIn(part), 0);
  if ("or" in rule) return rule.or.reduce((sum, part) => sum + conditionsIn(part), 0);
  return "not" in rule ? conditionsIn(rule.not) : 1;
}

/** Whether the field has a value that the condition asks for or, if it is a negative one, denies. */
function compileCondition(condition: Condition, tools: Tools, fields: Fields | undefined): Decide {
  const { work } = tools;
  const asked = predicateOf(condition, tools);
  if (asksForWholes(condition)) {
    return (root, now) => reachedBy(condition, root, work).some((value) => asked(value, now));
  }
  if (fields === undefined) {
    const path = pathOf(condition.field);
    return (root, now) => anyValue(root, path, 0, asked, now, work);
  }
  const field = fields.at(condition.field);
  const isExact = condition.operator === "equals" || condition.operator === "not_equals";
  if (isExact && condition.case !== "ignored") {
    const expected = condition.value;
    return (root) => {
      const value = field.isRead ? field.value : readField(fields, field, root);
      return value === expected || (Array.isArray(value) && includes(value, expected, work));
    };
  }
  return (root, now) => {
    const value = field.isRead ? field.value : readField(fields, field, root);
    if (value === undefined) return false;
    if (!Array.isArray(value)) return asked(value, now);
    spend(work, value.length);
    return value.some((each) => asked(each, now));
  };
}

function includes(values: readonly unknown[], expected: unknown, work: Work): boolean {
  spend(work, values.length);
  return values.includes(expected);
}

/** Unrolled for the usual lengths: a loop over closures costs twice as much. */
function every(tests: readonly Decide[]): Decide {
  const [a, b, c, d] = tests;
  if (a === undefined) return () => true;
  if (b === undefined) return a;
  if (c === undefined) return (root, now) => a(root, now) && b(root, now);
  if (d === undefined) return (root, now) => a(root, now) && b(root, now) && c(root, now);
  const rest = every(tests.slice(3));
  return (root, now) => a(root, now) && b(root, now) && c(root, now) && rest(root, now);
}

function any(tests: readonly Decide[]): Decide {
  return (root, now) => {
    for (const test of tests) if (test(root, now)) return true;
    return false;
  };
}

function anyValue(
  from: unknown,
  path: Path,
  depth: number,
  asked: Predicate,
  now: number,
  work: Work,
): boolean {
  let value = from;
  for (let at = depth; ; at++) {
    if (value === null || value === undefined) return false;
    if (Array.isArray(value)) {
      spend(work, value.length);
      for (const element of value) if (anyValue(element, path, at, asked, now, work)) return true;
      return false;
    }
    const segment = path[at];
    if (segment === undefined) return asked(value, now);
    value = ownProperty(value, segment);
  }
}

/** @param steps what deciding an element takes beside what its values do. */
function anyElement(
  from: unknown,
  path: Path,
  depth: number,
  where: Decide,
  now: number,
  work: Work,
  steps: number,
): boolean {
  let value = from;
  for (let at = depth; ; at++) {
    const segment = path[at];
    if (Array.isArray(value)) {
      spend(work, value.length);
      for (const element of value) {
        if (segment !== undefined) {
          if (anyElement(element, path, at, where, now, work, steps)) return true;
        } else if (element !== null && element !== undefined) {
          spend(work, steps);
          if (where(element, now)) return true;
        }
      }
      return false;
    }
    if (segment === undefined) return false;
    value = ownProperty(value, segment);
  }
}

function ownProperty(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

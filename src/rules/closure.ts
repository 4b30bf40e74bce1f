import { type Path, pathOf } from "./path.ts";
import { type Pattern, patternOf } from "./pattern.ts";
import { isNegative, type Predicate, predicateOf } from "./predicate.ts";
import type { Rule } from "./rule.ts";

/**
 * A rule made ready: paths split, times and patterns read.
 *
 * @param root where the rule's paths start: the event, or for a rule inside `some` the element.
 * @param now the event's time in milliseconds, NaN when it has none that is valid.
 */
export type Decide = (root: unknown, now: number) => boolean;

/**
 * Compiles one rule to nested closures (no code generation, which Workers forbid). Decides as `evaluate`
 * does, without building lists, and is the fastest way to decide few rules.
 */
export function compileRule(rule: Rule, pattern: (source: string) => Pattern = patternOf): Decide {
  const compile = (part: Rule): Decide => compileRule(part, pattern);
  if ("and" in rule) return every(rule.and.map(compile));
  if ("or" in rule) return any(rule.or.map(compile));
  if ("not" in rule) {
    const inner = compile(rule.not);
    return (root, now) => !inner(root, now);
  }
  if ("some" in rule) {
    const path = pathOf(rule.some);
    const where = compile(rule.where);
    return (root, now) => anyElement(root, path, 0, where, now);
  }
  const path = pathOf(rule.field);
  const asked = predicateOf(rule, pattern);
  return isNegative(rule.operator)
    ? (root, now) => !anyValue(root, path, 0, asked, now)
    : (root, now) => anyValue(root, path, 0, asked, now);
}

function every(tests: readonly Decide[]): Decide {
  return (root, now) => {
    for (const test of tests) if (!test(root, now)) return false;
    return true;
  };
}

function any(tests: readonly Decide[]): Decide {
  return (root, now) => {
    for (const test of tests) if (test(root, now)) return true;
    return false;
  };
}

function anyValue(from: unknown, path: Path, depth: number, asked: Predicate, now: number): boolean {
  let value = from;
  for (let at = depth; ; at++) {
    if (value === null || value === undefined) return false;
    if (Array.isArray(value)) {
      for (const element of value) if (anyValue(element, path, at, asked, now)) return true;
      return false;
    }
    const segment = path[at];
    if (segment === undefined) return asked(value, now);
    value = ownProperty(value, segment);
  }
}

function anyElement(from: unknown, path: Path, depth: number, where: Decide, now: number): boolean {
  let value = from;
  for (let at = depth; ; at++) {
    const segment = path[at];
    if (Array.isArray(value)) {
      for (const element of value) {
        const found =
          segment === undefined
            ? element !== null && element !== undefined && where(element, now)
            : anyElement(element, path, at, where, now);
        if (found) return true;
      }
      return false;
    }
    if (segment === undefined) return false;
    value = ownProperty(value, segment);
  }
}

function ownProperty(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as { readonly [key: string]: unknown })[key]
    : undefined;
}

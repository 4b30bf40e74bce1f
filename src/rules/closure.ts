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
  const asked = reaching(pathOf(rule.field), predicateOf(rule, pattern));
  return isNegative(rule.operator) ? (root, now) => !asked(root, now) : asked;
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

/** Whether some value at the path is what is asked for. */
function reaching(path: Path, asked: Predicate): Decide {
  const [first, second] = path;
  if (
    first === undefined ||
    second === undefined ||
    path.length > 2 ||
    isInherited(first) ||
    isInherited(second)
  ) {
    return (root, now) => anyValue(root, path, 0, asked, now);
  }
  // Most paths are `data.field` and most values there are single: read them without the general walk.
  return (root, now) => {
    const data = isObject(root) ? root[first] : undefined;
    if (!isObject(data) || Array.isArray(root) || Array.isArray(data))
      return anyValue(root, path, 0, asked, now);
    const value = data[second];
    if (value === undefined || value === null) return false;
    return Array.isArray(value) ? anyValue(value, path, 2, asked, now) : asked(value, now);
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

interface JsonObject {
  readonly [key: string]: unknown;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

/** JSON inherits from Object.prototype alone: no other name can be there without being the value's own. */
function isInherited(key: string): boolean {
  return key in Object.prototype;
}

function ownProperty(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

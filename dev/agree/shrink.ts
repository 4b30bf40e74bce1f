import type { Rule } from "../../src/rules/language/rule.ts";

/** Tries that shrinking may take: each decides everything anew. */
const TRIES_MAX = 2_000;

/**
 * The smallest of what still fails, as far as it is found by taking parts away: the first smaller one that fails is
 * made smaller in turn.
 *
 * @param smaller what something may be made into, the smallest first
 */
export function shrink<T>(failing: T, smaller: (current: T) => Iterable<T>, fails: (one: T) => boolean): T {
  let current = failing;
  let tries = 0;
  for (let found = true; found; ) {
    found = false;
    for (const one of smaller(current)) {
      if (++tries > TRIES_MAX) return current;
      if (!fails(one)) continue;
      current = one;
      found = true;
      break;
    }
  }
  return current;
}

/** A list without some of its items: halves first, then ever smaller parts. */
export function* shorter<T>(items: readonly T[]): Iterable<T[]> {
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < items.length; start += size) yield items.toSpliced(start, size);
  }
}

/** Simpler rules of the same kind: its parts, and itself with less in it. */
export function* simplerRules(rule: Rule): Iterable<Rule> {
  if ("and" in rule) {
    yield* rule.and;
    for (const and of lists(rule.and)) yield { and };
  } else if ("or" in rule) {
    yield* rule.or;
    for (const or of lists(rule.or)) yield { or };
  } else if ("not" in rule) {
    yield rule.not;
    for (const not of simplerRules(rule.not)) yield { not };
  } else if ("some" in rule) {
    for (const where of simplerRules(rule.where)) yield { ...rule, where };
  } else if ("every" in rule) {
    yield { some: rule.every, where: rule.where };
    for (const where of simplerRules(rule.where)) yield { ...rule, where };
  } else if (rule.operator === "in" || rule.operator === "not_in") {
    for (const value of shorter(rule.value)) if (value.length > 0) yield { ...rule, value };
  }
}

function* lists(rules: readonly Rule[]): Iterable<Rule[]> {
  for (const shorterList of shorter(rules)) if (shorterList.length > 0) yield shorterList;
  for (const [at, rule] of rules.entries()) {
    for (const simpler of simplerRules(rule)) yield rules.with(at, simpler);
  }
}

/** JSON with less in it. */
export function* simplerJson(json: unknown): Iterable<unknown> {
  if (Array.isArray(json)) {
    yield* json;
    yield* shorter(json);
    for (const [at, element] of json.entries()) {
      for (const simpler of simplerJson(element)) yield json.with(at, simpler);
    }
  } else if (typeof json === "object" && json !== null) {
    const entries = Object.entries(json);
    yield* entries.map(([, value]) => value);
    for (const fewer of shorter(entries)) yield Object.fromEntries(fewer);
    for (const [at, [key, value]] of entries.entries()) {
      for (const simpler of simplerJson(value)) yield Object.fromEntries(entries.with(at, [key, simpler]));
    }
  }
}

import type { Condition, Rule } from "./rule.ts";

/**
 * How a stored rule is to be read. 1: `contains` and its like folded letter case by `toLowerCase()`, as the rule's
 * author saw it do. 2: by Unicode's simple case folding. A version of a campaign keeps what it was written under.
 */
export type Semantics = 1 | 2;

export const CURRENT_SEMANTICS: Semantics = 2;

/**
 * The rule that means today what `rule` meant under the semantics it was written under.
 *
 * @throws RangeError of semantics that newer code has written: to read the rule by others would decide it wrongly
 */
export function underSemantics(rule: Rule, semantics: number): Rule {
  if (semantics === CURRENT_SEMANTICS) return rule;
  if (semantics !== 1) throw new RangeError(`rules of semantics ${semantics} are not known here`);
  const read = (part: Rule): Rule => underSemantics(part, semantics);
  if ("and" in rule) return { and: rule.and.map(read) };
  if ("or" in rule) return { or: rule.or.map(read) };
  if ("not" in rule) return { not: read(rule.not) };
  if ("some" in rule) return { some: rule.some, where: read(rule.where) };
  if ("every" in rule) return { every: rule.every, where: read(rule.where) };
  // A condition that says which case it means is read so under any semantics.
  return FOLDED.has(rule.operator) && !("case" in rule) ? ({ ...rule, case: "lowered" } as Condition) : rule;
}

const FOLDED: ReadonlySet<string> = new Set(["contains", "not_contains", "starts_with", "ends_with"]);

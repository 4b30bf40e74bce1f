import { pathOf } from "../language/path.ts";
import { patternOf } from "../language/pattern.ts";
import type { Rule } from "../language/rule.ts";
import { instantOf } from "../language/time.ts";
import type { EventDocument } from "./event.ts";
import { isNegative, predicateOf } from "./predicate.ts";
import { elementsAt, valuesAt } from "./reach.ts";

/**
 * Whether a rule is true of an event: the reference that every faster way to decide must agree with, written
 * to be read as the language's specification.
 *
 * Two-valued. A positive operator is true when some value that the path reaches is what it asks for, so it is
 * false of a missing field; a `not_…` operator, and `missing`, is the negation of its positive.
 *
 * @param pattern makes a pattern ready; pass one that remembers when rules are evaluated over and over.
 */
export function evaluate(rule: Rule, event: EventDocument, pattern = patternOf): boolean {
  const now = instantOf(event.time);

  /** @param root where paths start: the event, or inside `some` the element. */
  const isTrue = (rule: Rule, root: unknown): boolean => {
    if ("and" in rule) return rule.and.every((part) => isTrue(part, root));
    if ("or" in rule) return rule.or.some((part) => isTrue(part, root));
    if ("not" in rule) return !isTrue(rule.not, root);
    if ("some" in rule) {
      return elementsAt(root, pathOf(rule.some)).some((element) => isTrue(rule.where, element));
    }
    const asked = predicateOf(rule, pattern);
    const found = valuesAt(root, pathOf(rule.field)).some((value) => asked(value, now));
    return isNegative(rule.operator) ? !found : found;
  };

  return isTrue(rule, event);
}

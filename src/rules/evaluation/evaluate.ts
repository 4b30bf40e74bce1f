import { pathOf } from "../language/path.ts";
import type { Condition, Rule } from "../language/rule.ts";
import { instantOf } from "../language/time.ts";
import type { EventDocument } from "./event.ts";
import { isNegative, type Predicate, predicateOf, reachedBy } from "./predicate.ts";
import { elementsAt } from "./reach.ts";
import { createTools, spend, type Tools } from "./work.ts";

/**
 * Whether a rule is true of an event: the reference that every faster way to decide must agree with, written
 * to be read as the language's specification.
 *
 * Two-valued. A positive operator is true when some value that the path reaches is what it asks for, so it is
 * false of a missing field; a `not_…` operator, and `missing`, is the negation of its positive.
 *
 * @throws TooCostly when it takes more work than the tools allow: then it is neither true nor false
 */
export function evaluate(rule: Rule, event: EventDocument, tools: Tools = createTools()): boolean {
  const now = instantOf(event.time);
  const { work } = tools;
  const predicates = new Map<Condition, Predicate>(); // each made once, however many elements it is asked of

  /** @param root where paths start: the event, or inside `some` the element. */
  const isTrue = (rule: Rule, root: unknown): boolean => {
    if ("and" in rule) return rule.and.every((part) => isTrue(part, root));
    if ("or" in rule) return rule.or.some((part) => isTrue(part, root));
    if ("not" in rule) return !isTrue(rule.not, root);
    if ("some" in rule) {
      return elementsAt(root, pathOf(rule.some), work).some((element) => isTrue(rule.where, element));
    }
    if ("every" in rule) {
      const elements = elementsAt(root, pathOf(rule.every), work);
      return elements.length > 0 && elements.every((element) => isTrue(rule.where, element));
    }
    spend(work, 1);
    const asked = predicates.get(rule) ?? predicateOf(rule, tools);
    predicates.set(rule, asked);
    const found = reachedBy(rule, root, work).some((value) => asked(value, now));
    return isNegative(rule.operator) ? !found : found;
  };

  return isTrue(rule, event);
}

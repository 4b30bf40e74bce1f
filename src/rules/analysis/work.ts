import { type Predicate, predicateOf } from "../evaluation/predicate.ts";
import { type Pattern, patternOf } from "../language/pattern.ts";
import type { Condition } from "../language/rule.ts";

/**
 * What an analysis may still do. Refuting rules can take far longer than evaluating them; when the work is used
 * up, whatever is not shown yet stays undecided.
 */
export interface Work {
  /** Steps left, of some tens of nanoseconds each. */
  left: number;
  readonly pattern: (source: string) => Pattern;
  readonly predicates: WeakMap<Condition, Predicate>;
}

/** Steps that compiling a pattern counts for. */
const PATTERN_STEPS = 20_000;

export function createWork(steps: number): Work {
  const patterns = new Map<string, Pattern>();
  const work: Work = {
    left: steps,
    predicates: new WeakMap(),
    pattern(source) {
      let pattern = patterns.get(source);
      if (pattern === undefined) {
        work.left -= PATTERN_STEPS;
        pattern = patternOf(source);
        patterns.set(source, pattern);
      }
      return pattern;
    },
  };
  return work;
}

/** Whether a value is what a condition asks for: one step, and more when the condition is seen the first time. */
export function satisfies(work: Work, condition: Condition, value: unknown, now: number): boolean {
  work.left--;
  let predicate = work.predicates.get(condition);
  if (predicate === undefined) {
    if (condition.operator === "in") work.left -= condition.value.length;
    predicate = predicateOf(condition, work.pattern);
    work.predicates.set(condition, predicate);
  }
  return predicate(value, now);
}

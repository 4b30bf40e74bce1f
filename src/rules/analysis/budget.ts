import { type Predicate, predicateOf } from "../evaluation/predicate.ts";
import { createWork, paidFor, type Tools, type Work } from "../evaluation/work.ts";
import { type Pattern, patternOf } from "../language/pattern.ts";
import type { Condition } from "../language/rule.ts";

/**
 * What an analysis may still do. Refuting rules can take far longer than evaluating them; when the work is used
 * up, whatever is not shown yet stays undecided.
 */
export interface Budget {
  readonly work: Work;
  readonly tools: Tools;
  readonly predicates: WeakMap<Condition, Predicate>;
}

/** Steps that compiling an instruction of a pattern counts for. */
const INSTRUCTION_STEPS = 500;

export function createBudget(steps: number): Budget {
  const patterns = new Map<string, Pick<Pattern, "test">>();
  const work = createWork(steps);
  return {
    work,
    predicates: new WeakMap(),
    tools: {
      work,
      pattern(source) {
        let pattern = patterns.get(source);
        if (pattern === undefined) {
          const compiled = patternOf(source);
          work.left -= INSTRUCTION_STEPS * compiled.size;
          pattern = paidFor(compiled, work);
          patterns.set(source, pattern);
        }
        return pattern;
      },
    },
  };
}

/**
 * Whether a value is what a condition asks for: one step, more when the condition is seen the first time or looks at
 * a text.
 * @throws TooCostly when the work is used up
 */
export function satisfies(
  { work, tools, predicates }: Budget,
  condition: Condition,
  value: unknown,
  now: number,
): boolean {
  work.left--;
  let predicate = predicates.get(condition);
  if (predicate === undefined) {
    if (condition.operator === "in") work.left -= condition.value.length;
    predicate = predicateOf(condition, tools);
    predicates.set(condition, predicate);
  }
  return predicate(value, now);
}

import { foldCase } from "../language/case-folding.ts";
import type { Condition, Operator } from "../language/rule.ts";
import { instantOf, parseDuration, parseTime } from "../language/time.ts";
import { spend, type Tools, type Work } from "./work.ts";

/** Operators that are the exact negation of another, and of which. */
const NEGATION_OF = {
  not_equals: "equals",
  not_in: "in",
  not_contains: "contains",
  missing: "exists",
} as const;

type NegativeOperator = keyof typeof NEGATION_OF;

/** Whether an operator says something about all the values of a field (that none …) rather than about one. */
export function isNegative(operator: Operator): operator is NegativeOperator {
  return Object.hasOwn(NEGATION_OF, operator);
}

/**
 * Tells whether one value, as a path reaches it (so neither null nor an array), is what a condition asks for.
 *
 * @param now the event's `time` in milliseconds, NaN when it has none that is valid: then nothing is recent or old.
 */
export type Predicate = (found: unknown, now: number) => boolean;

/**
 * What a condition asks of one value; of a negative condition, what it denies. Nothing is converted: a value
 * of another type is never what is asked for.
 *
 * @param tools what is spent on texts comes out of its work.
 */
export function predicateOf(condition: Condition, { work, pattern }: Tools): Predicate {
  switch (condition.operator) {
    case "exists":
    case "missing":
      return () => true;
    case "equals":
    case "not_equals": {
      const { value } = condition;
      return (found) => found === value; // true of -0 and 0, false of 1 and "1"
    }
    case "in":
    case "not_in": {
      const values: ReadonlySet<unknown> = new Set(condition.value); // compares like ===, finite numbers given
      return (found) => values.has(found);
    }
    case "greater_than": {
      const { value } = condition;
      return (found) => typeof found === "number" && found > value;
    }
    case "at_least": {
      const { value } = condition;
      return (found) => typeof found === "number" && found >= value;
    }
    case "less_than": {
      const { value } = condition;
      return (found) => typeof found === "number" && found < value;
    }
    case "at_most": {
      const { value } = condition;
      return (found) => typeof found === "number" && found <= value;
    }
    case "between": {
      const [low, high] = condition.value;
      return (found) => typeof found === "number" && found >= low && found <= high;
    }
    case "before": {
      const limit = parseTime(condition.value);
      return (found) => instantOf(found) < limit;
    }
    case "after": {
      const limit = parseTime(condition.value);
      return (found) => instantOf(found) > limit;
    }
    case "within_last": {
      const duration = parseDuration(condition.value);
      return (found, now) => {
        const age = now - instantOf(found);
        return age >= 0 && age <= duration;
      };
    }
    case "older_than": {
      const duration = parseDuration(condition.value);
      return (found, now) => now - instantOf(found) > duration;
    }
    case "contains":
    case "not_contains":
      return foldedText(condition.value, work, (found, part) => found.includes(part));
    case "starts_with":
      return foldedText(condition.value, work, (found, start) => found.startsWith(start));
    case "ends_with":
      return foldedText(condition.value, work, (found, end) => found.endsWith(end));
    case "matches": {
      const asked = pattern(condition.value);
      return (found) => typeof found === "string" && asked.test(found);
    }
  }
}

/** Steps that a text operator takes of a text with so many characters: it folds them and looks at them. */
export function textSteps(chars: number): number {
  return 2 + (chars >>> 2);
}

function foldedText(
  value: string,
  work: Work,
  compare: (found: string, value: string) => boolean,
): Predicate {
  const folded = foldCase(value);
  return (found) => {
    if (typeof found !== "string") return false;
    spend(work, textSteps(found.length));
    return compare(foldCase(found), folded);
  };
}

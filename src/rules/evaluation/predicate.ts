import { foldCase } from "../language/case-folding.ts";
import { isInCidr, parseAddress, parseCidr } from "../language/cidr.ts";
import { pathOf } from "../language/path.ts";
import type { Condition, LengthOperator, Operator, Scalar, TextCase } from "../language/rule.ts";
import { compareVersions, parseVersion, type Version } from "../language/semver.ts";
import { parseDuration, parseTime } from "../language/time.ts";
import { valuesAt, wholesAt } from "./reach.ts";
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
 * Whether a condition is about what a path ends at as a whole: an array is then one value, its elements left alone.
 * One without an element other than null is missing to these too.
 */
export function asksForWholes(condition: Condition): boolean {
  return (
    Object.hasOwn(LENGTHS, condition.operator) ||
    (condition.operator === "type_is" && condition.value === "array")
  );
}

const LENGTHS: { readonly [operator in LengthOperator]: (length: number, limit: number) => boolean } = {
  length_equals: (length, limit) => length === limit,
  length_at_least: (length, limit) => length >= limit,
  length_at_most: (length, limit) => length <= limit,
};

/** The values that a condition is asked of. */
export function reachedBy(condition: Condition, root: unknown, work: Work): unknown[] {
  return (asksForWholes(condition) ? wholesAt : valuesAt)(root, pathOf(condition.field), work);
}

/**
 * Tells whether one value, as a path reaches it (so neither null nor, but for {@link asksForWholes}, an array), is what a condition asks for.
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
      if (typeof value === "string" && condition.case === "ignored") {
        return foldedText(value, "ignored", work, (found, value) => found === value);
      }
      return (found) => found === value; // true of -0 and 0, false of 1 and "1"
    }
    case "in":
    case "not_in": {
      if (condition.case === "ignored") return inAnyCase(condition.value, work);
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
      return time(work, (instant) => instant < limit);
    }
    case "after": {
      const limit = parseTime(condition.value);
      return time(work, (instant) => instant > limit);
    }
    case "within_last": {
      const duration = parseDuration(condition.value);
      return time(work, (instant, now) => instant <= now && now - instant <= duration);
    }
    case "older_than": {
      const duration = parseDuration(condition.value);
      return time(work, (instant, now) => now - instant > duration);
    }
    case "contains":
    case "not_contains":
      return foldedText(condition.value, condition.case, work, (found, part) => found.includes(part));
    case "starts_with":
      return foldedText(condition.value, condition.case, work, (found, start) => found.startsWith(start));
    case "ends_with":
      return foldedText(condition.value, condition.case, work, (found, end) => found.endsWith(end));
    case "sorts_after":
      return text((found) => found > condition.value);
    case "sorts_at_or_after":
      return text((found) => found >= condition.value);
    case "sorts_before":
      return text((found) => found < condition.value);
    case "sorts_at_or_before":
      return text((found) => found <= condition.value);
    case "semver_equals":
      return version(condition.value, work, (order) => order === 0);
    case "semver_greater_than":
      return version(condition.value, work, (order) => order > 0);
    case "semver_at_least":
      return version(condition.value, work, (order) => order >= 0);
    case "semver_less_than":
      return version(condition.value, work, (order) => order < 0);
    case "semver_at_most":
      return version(condition.value, work, (order) => order <= 0);
    case "in_cidr": {
      const range = parseCidr(condition.value);
      return text((found) => {
        spend(work, addressSteps(found.length));
        const address = parseAddress(found);
        return address !== null && range !== null && isInCidr(address, range);
      });
    }
    case "length_equals":
    case "length_at_least":
    case "length_at_most": {
      const compare = LENGTHS[condition.operator];
      const { value } = condition;
      return (found) => {
        const length = lengthOf(found, work);
        return length > 0 && compare(length, value);
      };
    }
    case "type_is": {
      const { value } = condition;
      if (value === "array") return (found) => lengthOf(found, work) > 0;
      return (found) => typeof found === value && !Array.isArray(found);
    }
    case "matches": {
      const asked = pattern(condition.value);
      return (found) => typeof found === "string" && asked.test(found);
    }
  }
}

/** Steps that a text operator takes of a text with so many characters: it folds them, reads them or looks at them. */
export function textSteps(chars: number): number {
  return 2 + (chars >>> 2);
}

/** Steps of reading a text with so many characters as an address, which takes long for each. */
export function addressSteps(chars: number): number {
  return 2 + 2 * chars;
}

/** What a condition makes of texts before it compares them. */
export function foldOf(textCase: TextCase | undefined): (text: string) => string {
  switch (textCase) {
    case "sensitive":
      return (text) => text;
    case "lowered":
      return (text) => text.toLowerCase();
    default:
      return foldCase;
  }
}

/** Whether a value is a time that holds; of none the instant is NaN, which compares with nothing. */
function time(work: Work, holds: (instant: number, now: number) => boolean): Predicate {
  return (found, now) => {
    if (typeof found !== "string") return false;
    spend(work, textSteps(found.length));
    return holds(parseTime(found), now);
  };
}

function text(holds: (found: string) => boolean): Predicate {
  return (found) => typeof found === "string" && holds(found);
}

function foldedText(
  value: string,
  textCase: TextCase | undefined,
  work: Work,
  compare: (found: string, value: string) => boolean,
): Predicate {
  const fold = foldOf(textCase);
  const folded = fold(value);
  return text((found) => {
    spend(work, textSteps(found.length));
    return compare(fold(found), folded);
  });
}

function inAnyCase(scalars: readonly Scalar[], work: Work): Predicate {
  const values: ReadonlySet<unknown> = new Set(
    scalars.map((scalar) => (typeof scalar === "string" ? foldCase(scalar) : scalar)),
  );
  return (found) => {
    if (typeof found !== "string") return values.has(found);
    spend(work, textSteps(found.length));
    return values.has(foldCase(found));
  };
}

function version(value: string, work: Work, holds: (order: number) => boolean): Predicate {
  const expected = parseVersion(value) as Version;
  return text((found) => {
    spend(work, textSteps(found.length));
    const parsed = parseVersion(found);
    return parsed !== null && holds(compareVersions(parsed, expected));
  });
}

/** How many elements an array has that are present; 0 of anything else. */
export function lengthOf(value: unknown, work: Work): number {
  if (!Array.isArray(value)) return 0;
  spend(work, value.length);
  let length = 0;
  for (const element of value) if (isPresent(element, work)) length++;
  return length;
}

/** Whether a value counts as there: null does not, nor an array that holds nothing else. */
function isPresent(value: unknown, work: Work): boolean {
  return value !== null && value !== undefined && (!Array.isArray(value) || lengthOf(value, work) > 0);
}

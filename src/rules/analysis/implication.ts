import { foldOf } from "../evaluation/predicate.ts";
import { isInCidr, parseCidr } from "../language/cidr.ts";
import type { Condition, PartOfText, TextCase, TypeName } from "../language/rule.ts";
import { parseDuration } from "../language/time.ts";
import { isWithinBound } from "./bounds.ts";
import { NUMERIC } from "./candidates.ts";

/**
 * Whether every value that satisfies `a` satisfies `b`, both positive and about the same field. True
 * only when certain; false says nothing.
 */
export function implies(a: Condition, b: Condition): boolean {
  if (b.operator === "exists") return true;
  if (isSame(a, b)) return true;
  switch (b.operator) {
    case "contains":
      return (
        isPartOfText(a) && isNoStricter(b, a) && comparing(b, a, (wanted, given) => given.includes(wanted))
      );
    case "starts_with":
      return a.operator === "starts_with" && isNoStricter(b, a) && comparing(b, a, isStart);
    case "ends_with":
      return a.operator === "ends_with" && isNoStricter(b, a) && comparing(b, a, isEnd);
    case "within_last":
      return a.operator === "within_last" && parseDuration(a.value) <= parseDuration(b.value);
    case "older_than":
      return a.operator === "older_than" && parseDuration(a.value) >= parseDuration(b.value);
    case "in_cidr":
      return a.operator === "in_cidr" && isWithinRange(a.value, b.value);
    case "type_is":
      return typeOf(a) === b.value;
    default:
      return isWithinBound(a, b);
  }
}

function isWithinRange(inner: string, outer: string): boolean {
  const [range, other] = [parseCidr(inner), parseCidr(outer)];
  return range !== null && other !== null && range.bits >= other.bits && isInCidr(range.address, other);
}

/** The one type of what a condition is true of, where its operator alone says it. */
function typeOf({ operator }: Condition): TypeName | undefined {
  if (TEXTUAL.has(operator)) return "string";
  if (NUMERIC.has(operator)) return "number";
  return operator.startsWith("length_") ? "array" : undefined;
}

const TEXTUAL: ReadonlySet<Condition["operator"]> = new Set<Condition["operator"]>([
  "before",
  "after",
  "within_last",
  "older_than",
  "contains",
  "starts_with",
  "ends_with",
  "matches",
  "sorts_after",
  "sorts_at_or_after",
  "sorts_before",
  "sorts_at_or_before",
  "semver_equals",
  "semver_greater_than",
  "semver_at_least",
  "semver_less_than",
  "semver_at_most",
  "in_cidr",
]);

/** Whether no single text satisfies both: two beginnings, or two ends, that differ. */
export function excludes(a: Condition, b: Condition): boolean {
  if (a.operator === "starts_with" && b.operator === "starts_with") return differ(a, b, isStart);
  if (a.operator === "ends_with" && b.operator === "ends_with") return differ(a, b, isEnd);
  return false;
}

function isPartOfText(condition: Condition): condition is PartOfText {
  return (
    condition.operator === "contains" ||
    condition.operator === "starts_with" ||
    condition.operator === "ends_with"
  );
}

const isStart = (start: string, text: string): boolean => text.startsWith(start);
const isEnd = (end: string, text: string): boolean => text.endsWith(end);

function differ(a: PartOfText, b: PartOfText, isPart: (part: string, text: string) => boolean): boolean {
  const [looser, stricter] = isNoStricter(a, b) ? [a, b] : [b, a];
  return (
    isNoStricter(looser, stricter) &&
    !comparing(looser, stricter, isPart) &&
    !comparing(looser, stricter, (value, other) => isPart(other, value))
  );
}

/** Whether texts that are alike to `stricter` are alike to `condition`. */
function isNoStricter(condition: PartOfText, stricter: PartOfText): boolean {
  const [own = "ignored", other = "ignored"] = [condition.case, stricter.case];
  return own === other || (own === "ignored" && other === "sensitive");
}

/** Compares what two conditions name as the first one sees letter case. */
function comparing(
  by: PartOfText,
  other: PartOfText,
  compare: (value: string, other: string) => boolean,
): boolean {
  const fold = foldOf(by.case);
  return compare(fold(by.value), fold(other.value));
}

function isSame(a: Condition, b: Condition): boolean {
  if (a.operator !== b.operator || !("value" in a) || !("value" in b)) return a.operator === b.operator;
  if (caseOf(a) !== caseOf(b)) return false;
  if (!Array.isArray(a.value) || !Array.isArray(b.value)) return a.value === b.value;
  const { value } = b;
  return a.value.length === value.length && a.value.every((one, at) => one === value[at]);
}

function caseOf(condition: Condition): TextCase | undefined {
  return "case" in condition ? condition.case : undefined;
}

import { foldCase } from "../language/case-folding.ts";
import type { Condition } from "../language/rule.ts";
import { parseDuration } from "../language/time.ts";

/**
 * Whether every text or time that satisfies `a` satisfies `b`, both positive and about the same field. True
 * only when certain; false says nothing.
 */
export function implies(a: Condition, b: Condition): boolean {
  if (b.operator === "exists") return true;
  if (isSame(a, b)) return true;
  switch (b.operator) {
    case "contains":
      return (
        (a.operator === "contains" || a.operator === "starts_with" || a.operator === "ends_with") &&
        foldCase(a.value).includes(foldCase(b.value))
      );
    case "starts_with":
      return a.operator === "starts_with" && foldCase(a.value).startsWith(foldCase(b.value));
    case "ends_with":
      return a.operator === "ends_with" && foldCase(a.value).endsWith(foldCase(b.value));
    case "within_last":
      return a.operator === "within_last" && parseDuration(a.value) <= parseDuration(b.value);
    case "older_than":
      return a.operator === "older_than" && parseDuration(a.value) >= parseDuration(b.value);
    default:
      return false;
  }
}

/** Whether no single text satisfies both: two beginnings, or two ends, that differ. */
export function excludes(a: Condition, b: Condition): boolean {
  if (a.operator === "starts_with" && b.operator === "starts_with") {
    return (
      !foldCase(a.value).startsWith(foldCase(b.value)) && !foldCase(b.value).startsWith(foldCase(a.value))
    );
  }
  if (a.operator === "ends_with" && b.operator === "ends_with") {
    return !foldCase(a.value).endsWith(foldCase(b.value)) && !foldCase(b.value).endsWith(foldCase(a.value));
  }
  return false;
}

function isSame(a: Condition, b: Condition): boolean {
  if (a.operator !== b.operator || !("value" in a) || !("value" in b)) return a.operator === b.operator;
  if (!Array.isArray(a.value) || !Array.isArray(b.value)) return a.value === b.value;
  const { value } = b;
  return a.value.length === value.length && a.value.every((one, at) => one === value[at]);
}

import { DESCRIBED_LIST_VALUES } from "../../limits.ts";
import type { Condition, Rule, Scalar } from "./rule.ts";

/**
 * A rule in words, for people: `type is "purchase" and data.amount is at least 100`. Two rules that differ in
 * structure read differently, but long lists are cut short: not for comparing rules.
 */
export function describe(rule: Rule): string {
  if ("and" in rule) return joined(rule.and, "and");
  if ("or" in rule) return joined(rule.or, "or");
  if ("not" in rule) return `not (${describe(rule.not)})`;
  if ("some" in rule) return `some element of ${rule.some} has (${describe(rule.where)})`;
  if ("every" in rule) return `every element of ${rule.every} has (${describe(rule.where)})`;
  return `${rule.field === "." ? "it" : rule.field} ${predicate(rule)}${letterCase(rule)}`;
}

function joined(rules: readonly Rule[], word: "and" | "or"): string {
  if (rules.length === 1) return rules.map(describe).join("");
  return rules
    .map((rule) => ("and" in rule || "or" in rule ? `(${describe(rule)})` : describe(rule)))
    .join(` ${word} `);
}

/** Said where it is not what goes without saying. */
function letterCase(condition: Condition): string {
  if (!("case" in condition)) return "";
  if (condition.case === "sensitive") return " in this letter case";
  return condition.case === "ignored" ? " in any letter case" : "";
}

function predicate(condition: Condition): string {
  switch (condition.operator) {
    case "equals":
      return `is ${quoted(condition.value)}`;
    case "not_equals":
      return `is not ${quoted(condition.value)}`;
    case "in":
      return `is one of ${list(condition.value)}`;
    case "not_in":
      return `is none of ${list(condition.value)}`;
    case "greater_than":
      return `is greater than ${condition.value}`;
    case "at_least":
      return `is at least ${condition.value}`;
    case "less_than":
      return `is less than ${condition.value}`;
    case "at_most":
      return `is at most ${condition.value}`;
    case "between":
      return `is from ${condition.value[0]} to ${condition.value[1]}`;
    case "before":
    case "after":
      return `is ${condition.operator} ${condition.value}`;
    case "within_last":
      return `is within the last ${condition.value}`;
    case "older_than":
      return `is older than ${condition.value}`;
    case "contains":
      return `contains ${quoted(condition.value)}`;
    case "not_contains":
      return `does not contain ${quoted(condition.value)}`;
    case "starts_with":
      return `starts with ${quoted(condition.value)}`;
    case "ends_with":
      return `ends with ${quoted(condition.value)}`;
    case "matches":
      return `matches the pattern ${quoted(condition.value)}`;
    case "sorts_after":
      return `sorts after ${quoted(condition.value)}`;
    case "sorts_at_or_after":
      return `sorts at or after ${quoted(condition.value)}`;
    case "sorts_before":
      return `sorts before ${quoted(condition.value)}`;
    case "sorts_at_or_before":
      return `sorts at or before ${quoted(condition.value)}`;
    case "semver_equals":
      return `is the version ${condition.value}`;
    case "semver_greater_than":
      return `is a version after ${condition.value}`;
    case "semver_at_least":
      return `is version ${condition.value} or later`;
    case "semver_less_than":
      return `is a version before ${condition.value}`;
    case "semver_at_most":
      return `is version ${condition.value} or earlier`;
    case "in_cidr":
      return `is an address in ${condition.value}`;
    case "length_equals":
      return `has ${elements(condition.value)}`;
    case "length_at_least":
      return `has at least ${elements(condition.value)}`;
    case "length_at_most":
      return `has at most ${elements(condition.value)}`;
    case "type_is":
      return `is of type ${condition.value}`;
    case "exists":
      return "is present";
    case "missing":
      return "is missing";
  }
}

function elements(count: number): string {
  return count === 1 ? "1 element" : `${count} elements`;
}

function list(values: readonly Scalar[]): string {
  const shown = values.slice(0, DESCRIBED_LIST_VALUES).map(quoted).join(", ");
  return values.length > DESCRIBED_LIST_VALUES
    ? `${shown} and ${values.length - DESCRIBED_LIST_VALUES} more`
    : shown;
}

function quoted(value: Scalar): string {
  return JSON.stringify(value);
}

import type { Condition, Rule } from "../../../src/rules/language/schema.ts";
import { type Engine, fieldInData } from "../engine.ts";

/** A rule in the language of jsonlogic.com, which json-logic-js and json-logic-engine both read. */
export type JsonLogic = { [operator: string]: unknown };

export const JSON_LOGIC_CANNOT: Engine["cannot"] = {
  W9: "has neither regular expressions nor a way to ignore letter case",
};

/**
 * The rule over `data`, with the same matches on the benchmark's events. JsonLogic tells arrays from scalars, so
 * `arrayFields` names the fields that hold arrays. It compares a missing number as 0, so `var` gets a default that no
 * bound accepts.
 */
export function jsonLogic(
  rule: Rule,
  arrayFields: ReadonlySet<string>,
  nameOf: (field: string) => string = fieldInData,
): JsonLogic {
  if ("and" in rule) return { and: rule.and.map((child) => jsonLogic(child, arrayFields, nameOf)) };
  if ("or" in rule) return { or: rule.or.map((child) => jsonLogic(child, arrayFields, nameOf)) };
  if ("not" in rule) return { "!": [jsonLogic(rule.not, arrayFields, nameOf)] };
  if ("some" in rule) {
    const where = jsonLogic(rule.where, arrayFields, (field) => field);
    return { some: [{ var: nameOf(rule.some) }, where] };
  }
  if ("every" in rule) throw new Error("no workload has every");
  const name = nameOf(rule.field);
  return arrayFields.has(rule.field) ? testElements(rule, name) : test(rule, { var: name }, name);
}

function test(condition: Condition, read: JsonLogic, name: string): JsonLogic {
  const above = { var: [name, -Number.MAX_VALUE] };
  const below = { var: [name, Number.MAX_VALUE] };
  switch (condition.operator) {
    case "equals":
      return { "===": [read, condition.value] };
    case "not_equals":
      return { "!==": [read, condition.value] };
    case "in":
      return { in: [read, condition.value] };
    case "not_in":
      return { "!": [{ in: [read, condition.value] }] };
    case "greater_than":
      return { ">": [above, condition.value] };
    case "at_least":
      return { ">=": [above, condition.value] };
    case "less_than":
      return { "<": [below, condition.value] };
    case "at_most":
      return { "<=": [below, condition.value] };
    case "between":
      return { "<=": [condition.value[0], above, condition.value[1]] };
    default:
      throw new Error(`JsonLogic has no ${condition.operator}`);
  }
}

/** An array of strings: `in` looks for one value; a list needs `some`. */
function testElements(condition: Condition, name: string): JsonLogic {
  switch (condition.operator) {
    case "equals":
      return { in: [condition.value, { var: name }] };
    case "not_equals":
      return { "!": [{ in: [condition.value, { var: name }] }] };
    case "in":
      return { some: [{ var: name }, { in: [{ var: "" }, condition.value] }] };
    default:
      throw new Error(`no workload uses ${condition.operator} on an array`);
  }
}

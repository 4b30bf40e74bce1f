import { expect, test } from "vitest";
import { conjunctionsOf, type Literal } from "../../../src/rules/index/normalise.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";

const leaf = (at: number): Rule => ({ field: `data.k${at}`, operator: "equals", value: at });
const range = (count: number, from = 0): Rule[] => Array.from({ length: count }, (_, at) => leaf(from + at));

function leaves(literals: readonly Literal[]): number {
  return literals.reduce(
    (total, literal) =>
      total + ("condition" in literal ? 1 : leaves("all" in literal ? literal.all : literal.any)),
    0,
  );
}

test("a conjunction stays one, however deep its ands", () => {
  expect(conjunctionsOf({ and: [leaf(0), { and: [leaf(1), { and: range(5, 2) }] }] })).toHaveLength(1);
});

test("a long or becomes as many conjunctions as it has parts, no more", () => {
  expect(conjunctionsOf({ or: range(256) })).toHaveLength(256);
});

test("up to 4 conjunctions are multiplied out; beyond, an or stays a group", () => {
  expect(conjunctionsOf({ and: [{ or: range(2) }, { or: range(2, 4) }] })).toHaveLength(4);
  const larger = conjunctionsOf({ and: [{ or: range(2) }, { or: range(2, 4) }, { or: range(2, 8) }] });
  expect(larger).toHaveLength(4);
  expect(larger.every((literals) => literals.some((literal) => "any" in literal))).toBe(true);
});

test("the size stays within 4 times the rule's, whatever the rule", () => {
  const deep = (depth: number): Rule =>
    depth === 0
      ? leaf(0)
      : depth % 2
        ? { and: [deep(depth - 1), deep(depth - 1)] }
        : { or: [deep(depth - 1), deep(depth - 1)] };
  for (const rule of [
    deep(8),
    { not: deep(8) },
    { and: Array.from({ length: 16 }, (_, at) => ({ or: range(16, at * 16) })) },
  ]) {
    const size = conjunctionsOf(rule).reduce((total, literals) => total + leaves(literals), 0);
    expect(size).toBeLessThanOrEqual(4 * 256);
  }
});

test("equalities of one field in an or become one list", () => {
  const rule: Rule = {
    or: [
      { field: "data.a", operator: "equals", value: 1 },
      { field: "data.a", operator: "in", value: [2, "3"] },
    ],
  };
  expect(conjunctionsOf(rule)).toEqual([
    [{ condition: { field: "data.a", operator: "in", value: [1, 2, "3"] }, negated: false }],
  ]);
});

test("not reaches the conditions, and does not become an opposite operator", () => {
  const rule: Rule = {
    not: { and: [leaf(0), { not: { field: "data.x", operator: "greater_than", value: 5 } }] },
  };
  expect(conjunctionsOf(rule)).toEqual([
    [{ condition: leaf(0), negated: true }],
    [{ condition: { field: "data.x", operator: "greater_than", value: 5 }, negated: false }],
  ]);
});

import { describe, expect, test } from "vitest";
import { explain } from "../../../src/rules/evaluation/explain.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";

const explained = (rule: Rule, data: { [key: string]: unknown }) =>
  explain(rule, { id: "1", source: "s", type: "purchase", time: "2026-11-21T10:00:00Z", data });

test("a condition tells what was expected, what was found, and whether it held", () => {
  const rule: Rule = { field: "data.amount", operator: "at_least", value: 100 };
  expect(explained(rule, { amount: 99 })).toEqual({
    matched: false,
    explanation: {
      ...rule,
      found: [{ type: "number", value: 99, satisfies: false }],
      found_count: 1,
      matched: false,
    },
  });
});

test.each([
  ["absent", {}, []],
  ["null", { x: null }, []],
  ["an empty array", { x: [] }, []],
  ["an object", { x: { y: 1 } }, [{ type: "object", satisfies: false }]],
  ["a boolean", { x: true }, [{ type: "boolean", value: true, satisfies: false }]],
])("what is found: %s", (_, data, found) => {
  const { explanation } = explained({ field: "data.x", operator: "equals", value: "gold" }, data);
  expect(explanation).toMatchObject({ found, found_count: found.length, matched: false });
});

test("a negative operator shows the value that spoils it", () => {
  const { explanation } = explained(
    { field: "data.tags", operator: "not_equals", value: "b" },
    { tags: ["a", "b"] },
  );
  expect(explanation).toMatchObject({
    matched: false,
    found: [
      { value: "a", satisfies: false },
      { value: "b", satisfies: true },
    ],
  });
});

test("the tree is the rule's, every part decided", () => {
  const yes: Rule = { field: "type", operator: "equals", value: "purchase" };
  const no: Rule = { field: "type", operator: "equals", value: "refund" };
  expect(explained({ or: [yes, { not: { and: [no, yes] } }] }, {})).toMatchObject({
    matched: true,
    explanation: {
      or: [
        { matched: true },
        { not: { and: [{ matched: false }, { matched: true }], matched: false }, matched: true },
      ],
    },
  });
});

describe("some", () => {
  const rule: Rule = { some: "data.items", where: { field: "qty", operator: "greater_than", value: 2 } };

  test("names the element that satisfied it", () => {
    expect(explained(rule, { items: [{ qty: 1 }, { qty: 3 }, { qty: 4 }] }).explanation).toMatchObject({
      elements: 3,
      element: 1,
      where: { found: [{ value: 3 }], matched: true },
      matched: true,
    });
  });

  test("or explains the first when none did", () => {
    expect(explained(rule, { items: [{ qty: 1 }, { qty: 2 }] }).explanation).toMatchObject({
      elements: 2,
      element: null,
      where: { found: [{ value: 1 }], matched: false },
      matched: false,
    });
  });

  test("or tells that there was no element", () => {
    expect(explained(rule, { items: { qty: 3 } }).explanation).toMatchObject({
      elements: 0,
      element: null,
      where: null,
    });
  });
});

describe("every", () => {
  const rule: Rule = { every: "data.items", where: { field: "qty", operator: "greater_than", value: 2 } };

  test("names the first element that did not satisfy it", () => {
    expect(explained(rule, { items: [{ qty: 3 }, { qty: 2 }, { qty: 1 }] }).explanation).toEqual({
      every: "data.items",
      elements: 3,
      element: 1,
      where: {
        ...rule.where,
        found: [{ type: "number", value: 2, satisfies: false }],
        found_count: 1,
        matched: false,
      },
      matched: false,
    });
  });

  test("or explains the first when all did", () => {
    expect(explained(rule, { items: [{ qty: 3 }, { qty: 4 }] }).explanation).toMatchObject({
      elements: 2,
      element: null,
      where: { found: [{ value: 3 }], matched: true },
      matched: true,
    });
  });

  test("or tells that there was no element", () => {
    expect(explained(rule, { items: [null] }).explanation).toMatchObject({
      elements: 0,
      element: null,
      where: null,
      matched: false,
    });
  });
});

test("an array that is asked for its length is shown with the length that counts", () => {
  const rule: Rule = { field: "data.items", operator: "length_equals", value: 2 };
  expect(explained(rule, { items: [1, null, [2, 3], []] })).toEqual({
    matched: true,
    explanation: {
      ...rule,
      found: [{ type: "array", length: 2, satisfies: true }],
      found_count: 1,
      matched: true,
    },
  });
});

test("letter case is told where the rule tells it", () => {
  const rule: Rule = { field: "data.x", operator: "equals", value: "Gold", case: "ignored" };
  expect(explained(rule, { x: "GOLD" }).explanation).toMatchObject({ case: "ignored", matched: true });
});

describe("the size is bounded by the rule's", () => {
  test("of many values a few are shown, the telling one among them", () => {
    const { explanation } = explained(
      { field: "data.x", operator: "equals", value: 9_000 },
      { x: Array.from({ length: 10_000 }, (_, n) => n) },
    );
    expect(explanation).toMatchObject({ found_count: 10_000, matched: true });
    const { found } = explanation as unknown as { found: { value: number; satisfies: boolean }[] };
    expect(found.length).toBe(5);
    expect(found.at(-1)).toEqual({ type: "number", value: 9_000, satisfies: true });
  });

  test("long strings and lists are cut, never through a surrogate pair", () => {
    const { explanation } = explained(
      { field: "data.x", operator: "in", value: Array.from({ length: 10_000 }, (_, n) => `value ${n}`) },
      { x: `${"x".repeat(99)}😀${"y".repeat(60_000)}` },
    );
    expect(JSON.stringify(explanation).length).toBeLessThan(1_000);
    expect((explanation as unknown as { found: { value: string }[] }).found[0]?.value.isWellFormed()).toBe(
      true,
    );
  });
});

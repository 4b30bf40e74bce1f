import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import { parseRule, type Rule } from "../../../src/rules/language/schema.ts";

function isTrue(rule: unknown, data: unknown, time = "2026-11-21T10:00:00Z"): boolean {
  const parsed = parseRule(rule);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return evaluate(parsed.rule as Rule, {
    id: "1",
    source: "s",
    type: "t",
    time,
    data: data as { [key: string]: unknown },
  });
}

const equals = (field: string, value: unknown) => ({ field, operator: "equals", value });

describe("paths", () => {
  test("an array on the way stands for any of its elements, arrays in arrays too", () => {
    expect(isTrue(equals("data.items.sku", "B"), { items: [{ sku: "A" }, [{ sku: "B" }]] })).toBe(true);
    expect(isTrue(equals("data.a.b.c", 1), { a: [{ b: [{ c: [[], [1]] }] }] })).toBe(true);
  });

  test("a digit segment is a key, never an index", () => {
    expect(isTrue(equals("data.items.0", "A"), { items: ["A"] })).toBe(false);
    expect(isTrue(equals("data.items.0", "A"), { items: { "0": "A" } })).toBe(true);
    expect(isTrue(equals("data.items.length", 1), { items: ["A"] })).toBe(false);
  });

  test("only own properties are read", () => {
    for (const field of [
      "data.__proto__",
      "data.constructor",
      "data.toString",
      "data.a.length",
      "data.__proto__.x",
    ]) {
      expect(isTrue({ field, operator: "missing" }, { a: "text" })).toBe(true);
    }
    expect(isTrue(equals("data.__proto__.x", 1), JSON.parse('{"__proto__":{"x":1}}'))).toBe(true);
  });

  test("a dot and a backslash inside a key are escaped", () => {
    expect(isTrue(equals("data.a\\.b", 1), { "a.b": 1 })).toBe(true);
    expect(isTrue(equals("data.a\\.b", 1), { a: { b: 1 } })).toBe(false);
    expect(isTrue(equals("data.a\\\\b", 1), { "a\\b": 1 })).toBe(true);
  });

  test("data as a whole is an object, present unless absent or null", () => {
    expect(isTrue({ field: "data", operator: "exists" }, {})).toBe(true);
    expect(isTrue({ field: "data", operator: "exists" }, null)).toBe(false);
    expect(isTrue({ field: "data", operator: "exists" }, undefined)).toBe(false);
  });
});

describe("some", () => {
  const items = [{ sku: "A1", qty: 2 }, { sku: "B2", qty: 5 }, null, "loose", ["A1", "nested"]];

  test("ties conditions to one element", () => {
    const where = { and: [equals("sku", "A1"), { field: "qty", operator: "greater_than", value: 2 }] };
    expect(isTrue({ some: "data.items", where }, { items })).toBe(false);
    expect(isTrue({ some: "data.items", where }, { items: [...items, { sku: "A1", qty: 3 }] })).toBe(true);
  });

  test('"." is the element itself', () => {
    expect(isTrue({ some: "data.items", where: equals(".", "loose") }, { items })).toBe(true);
    expect(isTrue({ some: "data.items", where: equals(".", "tight") }, { items })).toBe(false);
  });

  test("an element that is an array is one element, its own elements reached by the path", () => {
    const where = { and: [equals(".", "A1"), equals(".", "nested")] };
    expect(isTrue({ some: "data.items", where }, { items })).toBe(true);
    expect(isTrue({ some: "data.items", where }, { items: ["A1", "nested"] })).toBe(false);
  });

  test("null elements are no elements; what is not an array has none", () => {
    const missing = { some: "data.items", where: { field: ".", operator: "missing" } };
    expect(isTrue(missing, { items: [null] })).toBe(false);
    expect(isTrue(missing, { items: [] })).toBe(false);
    expect(isTrue(missing, { items: [[]] })).toBe(true);
    for (const value of [undefined, null, "text", 1, {}, { "0": "x" }]) {
      expect(
        isTrue({ some: "data.items", where: { field: "x", operator: "missing" } }, { items: value }),
      ).toBe(false);
    }
  });

  test("nests, each level starting at its own element", () => {
    const rule = {
      some: "data.orders",
      where: { and: [equals("open", true), { some: "lines", where: { not: equals("paid", true) } }] },
    };
    expect(isTrue(rule, { orders: [{ open: true, lines: [{ paid: true }] }, { lines: [{}] }] })).toBe(false);
    expect(isTrue(rule, { orders: [{ open: true, lines: [{ paid: true }, {}] }] })).toBe(true);
  });

  test("not some … is: every element … not", () => {
    const none = { not: { some: "data.n", where: { field: ".", operator: "at_least", value: 3 } } };
    expect(isTrue(none, { n: [1, 2] })).toBe(true);
    expect(isTrue(none, { n: [1, 3] })).toBe(false);
    expect(isTrue(none, {})).toBe(true);
  });
});

describe("time", () => {
  test("now is the event's time: without a valid one nothing is recent or old", () => {
    for (const operator of ["within_last", "older_than"]) {
      const rule = { field: "data.at", operator, value: "1h" };
      expect(isTrue(rule, { at: "2026-11-21T09:30:00Z" }, "yesterday")).toBe(false);
      expect(isTrue({ not: rule }, { at: "2026-11-21T09:30:00Z" }, "yesterday")).toBe(true);
    }
  });

  test("the event's own time can be tested", () => {
    expect(isTrue({ field: "time", operator: "within_last", value: "0s" }, {})).toBe(true);
    expect(isTrue({ field: "time", operator: "after", value: "2026-11-21T09:59:59.999Z" }, {})).toBe(true);
  });
});

describe("letter case", () => {
  const holds = (operator: string, value: string, x: string) =>
    isTrue({ field: "data.x", operator, value }, { x });

  test("is folded wherever the letter stands: a final sigma is a sigma", () => {
    for (const text of ["ΟΔΟΣ", "ΟΔΟΣΑ", "οδος", "οδοσ", "οδοσα"]) {
      expect(holds("contains", "ΟΔΟΣ", text)).toBe(true);
      expect(holds("starts_with", "οδος", text)).toBe(true);
      expect(holds("not_contains", "οδοσ", text)).toBe(false);
    }
    expect(holds("ends_with", "Σ", "οδος")).toBe(true);
  });

  test("is folded by letters, not by language, and one letter is never two", () => {
    expect(holds("contains", "s", "Meſſer")).toBe(true);
    expect(holds("ends_with", "k", "300 \u212a")).toBe(true); // the Kelvin sign
    expect(holds("contains", "i", "İ")).toBe(false);
    expect(holds("contains", "ss", "Straße")).toBe(false);
    expect(holds("contains", "ẞ", "Straße")).toBe(true);
  });

  test("counts for equality, and nothing is normalised", () => {
    expect(isTrue(equals("data.x", "gold"), { x: "Gold" })).toBe(false);
    expect(isTrue(equals("data.x", "e\u0301"), { x: "\u00e9" })).toBe(false);
  });
});

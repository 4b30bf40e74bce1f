import { describe, expect, test } from "vitest";
import documentation from "../../../docs/rules.md?raw";
import { compileRule } from "../../../src/rules/evaluation/closure.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import { explain } from "../../../src/rules/evaluation/explain.ts";
import { createTools } from "../../../src/rules/evaluation/work.ts";
import { parseRule } from "../../../src/rules/language/schema.ts";
import { parseTime } from "../../../src/rules/language/time.ts";

const event: EventDocument = {
  id: "ord-1001",
  source: "shop-eu",
  type: "purchase",
  subject: "customer-42",
  time: "2026-11-21T10:00:00Z",
  data: {
    amount: 120,
    user: { tier: "gold" },
    items: [{ sku: "A1", qty: 2 }],
    app: "2.10.0-rc.1",
    ip: "10.1.2.3",
  },
};

/** The worked cases of the language's documentation, read where they stand. */
const CASES = documentation.split("\n").flatMap((line): [rule: string, expected: boolean][] => {
  const [, rule, answer] = /^\| `(\{.*\})` \| (true|false)( \(.*\))? \|$/.exec(line) ?? [];
  return rule === undefined ? [] : [[rule, answer === "true"]];
});

test("the documentation has its cases", () => {
  expect(CASES.length).toBeGreaterThanOrEqual(25);
});

describe.each(CASES)("%s", (json, expected) => {
  const parsed = parseRule(JSON.parse(json));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));

  test(`is ${expected}`, () => {
    expect(evaluate(parsed.rule, event)).toBe(expected);
    expect(compileRule(parsed.rule, createTools())(event, parseTime(event.time))).toBe(expected);
    expect(explain(parsed.rule, event).matched).toBe(expected);
  });
});

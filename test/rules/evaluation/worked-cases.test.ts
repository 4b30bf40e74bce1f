import { describe, expect, test } from "vitest";
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
  data: { amount: 120, user: { tier: "gold" }, items: [{ sku: "A1", qty: 2 }] },
};

const T = true;
const F = false;

/** The worked cases of the language's documentation, as they stand there. */
const CASES: [rule: string, expected: boolean][] = [
  ['{"field":"data.amount","operator":"at_least","value":120}', T],
  ['{"field":"data.amount","operator":"equals","value":"120"}', F],
  ['{"field":"data.coupon","operator":"not_equals","value":"X"}', T],
  ['{"field":"data.coupon","operator":"less_than","value":5}', F],
  ['{"not":{"field":"data.coupon","operator":"less_than","value":5}}', T],
  ['{"field":"data.user","operator":"equals","value":"gold"}', F],
  ['{"field":"data.items.sku","operator":"in","value":["A1","B2"]}', T],
  [
    '{"some":"data.items","where":{"and":[{"field":"sku","operator":"equals","value":"A1"},{"field":"qty","operator":"greater_than","value":2}]}}',
    F,
  ],
  ['{"field":"data.user.tier","operator":"contains","value":"OL"}', T],
  ['{"field":"data.user.tier","operator":"matches","value":"^g.ld$"}', T],
];

describe.each(CASES)("%s", (json, expected) => {
  const parsed = parseRule(JSON.parse(json));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));

  test(`is ${expected}`, () => {
    expect(evaluate(parsed.rule, event)).toBe(expected);
    expect(compileRule(parsed.rule, createTools())(event, parseTime(event.time))).toBe(expected);
    expect(explain(parsed.rule, event).matched).toBe(expected);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EVENT_STEPS_MAX, RULE_STEPS_MAX } from "../../../src/limits.ts";
import { activeSteps, type EventSize, LARGEST_EVENT, ruleSteps } from "../../../src/rules/cost/rule-cost.ts";
import { compileRule } from "../../../src/rules/evaluation/closure.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import { createTools, createWork } from "../../../src/rules/evaluation/work.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import { parseRule, type Rule } from "../../../src/rules/language/schema.ts";
import { instantOf } from "../../../src/rules/language/time.ts";
import { event, rule } from "../../support/arbitrary-rules.ts";
import { campaigns } from "../../support/hostile-events.ts";
import { each, matches } from "../../support/hostile-rules.ts";

const refusal = (rule: unknown) => {
  const parsed = parseRule(rule);
  return parsed.ok ? null : parsed.errors;
};

/** How large an event is: what the bound is stated over. */
function sizeOf(event: EventDocument): EventSize {
  let values = 1;
  let chars = 0;
  const count = (value: unknown): void => {
    values++;
    if (typeof value === "string") chars += value.length;
    if (typeof value === "object" && value !== null) Object.values(value).forEach(count);
  };
  count(event.data);
  const attributes = [event.type, event.source, event.subject ?? "", event.time];
  return { values, chars, attributeChars: Math.max(...attributes.map(({ length }) => length)) };
}

describe("what a rule may take", () => {
  test("bounds what it does take, however it is decided", () => {
    fc.assert(
      fc.property(rule, event, (rule, event) => {
        const bound = ruleSteps(rule, sizeOf(event));
        const [once, closed] = [createWork(), createWork()];
        evaluate(rule, event, createTools(once));
        compileRule(rule, createTools(closed))(event, instantOf(event.time));
        expect(EVENT_STEPS_MAX - once.left).toBeLessThanOrEqual(bound);
        expect(EVENT_STEPS_MAX - closed.left).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 5_000 },
    );
  });

  test("bounds what the index takes for it, however many campaigns share it", () => {
    fc.assert(
      fc.property(rule, event, (rule, event) => {
        const index = createIndex(campaigns(30, () => rule));
        index.match(event);
        expect(index.steps).toBeLessThanOrEqual(ruleSteps(rule, sizeOf(event)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("is less than deciding an event may, so that every rule that is accepted can be decided", () => {
    expect(RULE_STEPS_MAX).toBeLessThan(EVENT_STEPS_MAX);
  });

  test.each<[string, Rule]>([
    [
      "256 comparisons",
      { and: each(256, (at) => ({ field: `data.k${at}`, operator: "at_least", value: at })) },
    ],
    [
      "256 texts to look for",
      { or: each(256, (at) => ({ field: "data.x", operator: "contains", value: `${at}` })) },
    ],
    [
      "255 conditions on every element",
      { some: "data.n", where: { or: each(255, (at) => ({ field: ".", operator: "equals", value: at })) } },
    ],
    ["ninety ordinary patterns", { or: each(90, (at) => matches(`^(gold|silver)-${at}[a-z]+$`)) }],
    ["a counted repetition", matches("x.{1,100}y")],
    ["a long one, in an attribute", matches("(?i)refund.{1,900}word", "subject")],
  ])("allows %s", (_, rule) => {
    expect(refusal(rule)).toBeNull();
  });

  test.each<[string, Rule, string]>([
    [
      "64 patterns of a hundred letters",
      { and: each(64, (at) => matches(`\\pL[\\pL\\pN]{100}\\pP${at}`)) },
      "/and/0",
    ],
    ["a repetition of up to 900", { and: [matches("^a"), matches("(?i)refund.{1,900}word")] }, "/and/1"],
    ["15 repetitions of up to 100", { or: each(15, (at) => matches(`x.{1,100}y${at}`)) }, "/or/0"],
    ["such a pattern inside some", { some: "data.l", where: matches("[a-z]{900}", ".") }, "/where"],
  ])("refuses %s, at the place that takes most, naming the limit", (_, rule, pointer) => {
    const [error, ...others] = refusal(rule) ?? [];
    expect(others).toEqual([]);
    expect(error).toMatchObject({ code: "too_costly", pointer: expect.stringContaining(pointer) });
    expect(error?.message).toContain("48,000,000 steps");
  });

  test("a rule over several limits is told of the first faults only", () => {
    expect(refusal({ and: [matches("("), matches("(?i)refund.{1,900}word")] })).toMatchObject([
      { code: "invalid_pattern", pointer: "/and/0/value" },
    ]);
  });
});

describe("what a campaign adds to an ordinary event", () => {
  test("is nothing for comparisons, which the index looks up", () => {
    expect(
      activeSteps({ and: each(100, (at) => ({ field: "data.n", operator: "at_least", value: at })) }),
    ).toBe(0);
  });

  test("grows with texts, patterns, and conditions on elements", () => {
    const contains: Rule = { field: "data.x", operator: "contains", value: "a" };
    const where: Rule = { field: ".", operator: "equals", value: 1 };
    expect(activeSteps(contains)).toBeGreaterThan(0);
    expect(activeSteps({ and: [contains, { not: contains }] })).toBe(2 * activeSteps(contains));
    expect(activeSteps(matches("x.{1,100}y"))).toBeGreaterThan(50 * activeSteps(matches("^gold$")));
    expect(activeSteps({ some: "data.n", where: { or: each(100, () => where) } })).toBeGreaterThan(
      50 * activeSteps({ some: "data.n", where }),
    );
  });

  test("is little beside a value that few events have, not beside a type or a source that many have", () => {
    const costly = matches("x.{1,100}y");
    const beside = (field: string): Rule => ({
      and: [{ field, operator: "equals", value: "gold" }, { not: costly }],
    });
    const some: Rule = { some: "data.items", where: beside("sku") };
    for (const field of ["type", "source"]) expect(activeSteps(beside(field))).toBe(activeSteps(costly));
    expect(activeSteps(beside("data.tier"))).toBeLessThan(activeSteps(costly) / 20);
    expect(activeSteps({ or: [beside("data.tier"), beside("data.tier")] })).toBe(
      2 * activeSteps(beside("data.tier")),
    );
    expect(activeSteps({ or: [beside("data.tier"), costly] })).toBeGreaterThan(activeSteps(costly));
    expect(activeSteps({ not: beside("data.tier") })).toBe(activeSteps(costly));
    expect(activeSteps(some)).toBeLessThan(activeSteps({ not: some }) / 20);
  });

  test("is less than what the largest event takes", () => {
    fc.assert(fc.property(rule, (rule) => activeSteps(rule) <= ruleSteps(rule, LARGEST_EVENT)));
  });
});

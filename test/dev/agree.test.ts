import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agree } from "../../dev/agree/agree.ts";
import { drawCase } from "../../dev/agree/cases.ts";
import { shorter, shrink } from "../../dev/agree/shrink.ts";
import { reference, type Way } from "../../dev/agree/ways.ts";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import { NARROW_SLOTS, NARROW_VALUES } from "../../src/rules/index/opcodes.ts";
import { CASES, OPERATORS, takesCase } from "../../src/rules/language/operators.ts";
import type { Condition, Rule } from "../../src/rules/language/rule.ts";
import { event, topCondition } from "../support/arbitrary-rules.ts";
import { runScript } from "../support/command.ts";

const PAIRS = 65_000; // more than an ordinary case and one of each wide kind

test("every way to decide agrees with the evaluator, wide fields and values included", () => {
  const { pairs, matches, widePairs, disagreement } = agree({ pairs: PAIRS, seed: 7 });
  expect(disagreement).toBeNull();
  expect(pairs).toBeGreaterThanOrEqual(PAIRS);
  expect(widePairs).toBeGreaterThan(0);
  expect(matches).toBeGreaterThan(pairs / 20);
  expect(matches).toBeLessThan(pairs / 2);
});

describe("a way that is wrong", () => {
  test("about an operator is found, and shown by one condition and one value", () => {
    const confused: Way = {
      name: "confused",
      prepare: (campaigns) =>
        reference.prepare(
          campaigns.map((campaign) => ({
            ...campaign,
            rule: withOperator(campaign.rule, "ends_with", "starts_with"),
          })),
        ),
    };
    const { disagreement } = agree({ pairs: 10 * PAIRS, seed: 7, ways: [reference, confused] });
    expect(disagreement).toMatchObject({
      way: "confused",
      campaigns: [{ rule: { operator: "ends_with" }, startsAt: null, endsAt: null }],
    });
    expect(disagreement?.expected).not.toEqual(disagreement?.actual);
    expect(JSON.stringify(disagreement?.event).length).toBeLessThan(200);
  });

  test("about old semantics alone is found", () => {
    const modern: Way = {
      name: "modern",
      prepare: (campaigns) =>
        reference.prepare(
          campaigns.map((campaign) => ({
            ...campaign,
            rule: JSON.parse(JSON.stringify(campaign.rule).replaceAll(`,"case":"lowered"`, "")) as Rule,
          })),
        ),
    };
    const { disagreement } = agree({ pairs: 10 * PAIRS, seed: 7, ways: [modern] });
    expect(disagreement).toMatchObject({ way: "modern", campaigns: [{ rule: { case: "lowered" } }] });
  });
});

test("wide cases name more fields, or more values of a field, than fit into a narrow word", () => {
  const fields = new Set<string>();
  for (const { rule } of drawCase(1, 1).campaigns.filter(isFiller))
    for (const { field } of conditionsOf(rule)) fields.add(field);
  expect(fields.size).toBeGreaterThan(NARROW_SLOTS);
  const valuesOf = new Map<string, number>();
  for (const { rule } of drawCase(1, 2).campaigns.filter(isFiller)) {
    for (const condition of conditionsOf(rule)) {
      const values = condition.operator === "in" ? new Set(condition.value).size : 0;
      valuesOf.set(condition.field, (valuesOf.get(condition.field) ?? 0) + values);
    }
  }
  expect(Math.max(...valuesOf.values())).toBeGreaterThan(NARROW_VALUES);
});

test("every operator, in every letter case, is true of some random events and false of others", () => {
  const events = fc.sample(event, { seed: 1, numRuns: 200 });
  const answers = new Map<string, Set<boolean>>();
  for (const condition of fc.sample(topCondition, { seed: 1, numRuns: 3_000 })) {
    const kind = `${condition.operator} ${"case" in condition ? condition.case : ""}`.trim();
    const seen = answers.get(kind) ?? new Set();
    answers.set(kind, seen);
    for (const event of events) if (seen.size < 2) seen.add(evaluate(condition, event));
  }
  expect([...answers].filter(([, seen]) => seen.size < 2)).toEqual([]);
  expect(answers.size).toBe(
    OPERATORS.length + CASES.length * OPERATORS.filter((operator) => takesCase(operator)).length,
  );
});

test("a case belongs to its seed and number", () => {
  expect(drawCase(3, 4)).toEqual(drawCase(3, 4));
  expect(drawCase(3, 4)).not.toEqual(drawCase(4, 4));
  expect(drawCase(3, 4)).not.toEqual(drawCase(3, 5));
});

test("shrinking leaves what fails together", () => {
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  expect(shrink(numbers, shorter, (some) => some.includes(17) && some.includes(80))).toEqual([17, 80]);
});

describe("npm run agree", () => {
  test("tells in one line how much agreed", async () => {
    const { ok, output } = await runScript("dev/agree/command.ts", ["--pairs", "1", "--seed", "5"]);
    expect(ok).toBe(true);
    expect(output).toMatch(/^✓ all ways agree: 20,000 rule–event pairs \(.*\), seed 5, \d+ s\s*$/);
  });

  test("refuses what is no number", async () => {
    const { ok, output } = await runScript("dev/agree/command.ts", ["--pairs", "many"]);
    expect(ok).toBe(false);
    expect(output).toContain("--pairs wants a whole number");
  });
});

const isFiller = ({ id }: { readonly id: string }): boolean => id.startsWith("filler");

function conditionsOf(rule: Rule): Condition[] {
  if ("or" in rule) return rule.or.flatMap(conditionsOf);
  return "operator" in rule ? [rule] : [];
}

/** The rule with one operator in another's place. */
function withOperator(rule: Rule, from: Condition["operator"], to: Condition["operator"]): Rule {
  return JSON.parse(JSON.stringify(rule).replaceAll(`"operator":"${from}"`, `"operator":"${to}"`)) as Rule;
}

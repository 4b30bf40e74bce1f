import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRule } from "../../../src/rules/evaluation/closure.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import { explain } from "../../../src/rules/evaluation/explain.ts";
import { asksForWholes } from "../../../src/rules/evaluation/predicate.ts";
import { createTools } from "../../../src/rules/evaluation/work.ts";
import { type Condition, parseRule, type Rule } from "../../../src/rules/language/schema.ts";
import { instantOf } from "../../../src/rules/language/time.ts";
import { event, jsonValue, newRule, rule } from "../../support/arbitrary-rules.ts";

const RUNS = { numRuns: 2_000 };

const NEGATION: { readonly [operator: string]: Condition["operator"] } = {
  not_equals: "equals",
  not_in: "in",
  not_contains: "contains",
  missing: "exists",
};

test("every random rule is one the language accepts, and reads back from JSON as itself", () => {
  fc.assert(
    fc.property(newRule, (rule) => {
      expect(parseRule(rule)).toEqual({ ok: true, rule });
    }),
    RUNS,
  );
});

test("a negative operator is exactly the negation of its positive", () => {
  const negative = rule.filter(
    (rule) => "operator" in rule && rule.operator in NEGATION,
  ) as fc.Arbitrary<Condition>;
  fc.assert(
    fc.property(negative, event, (condition, event) => {
      const positive = { ...condition, operator: NEGATION[condition.operator] } as Condition;
      expect(evaluate(condition, event)).toBe(evaluate({ not: positive }, event));
    }),
    RUNS,
  );
});

test("not negates, twice not is nothing, and De Morgan's laws hold", () => {
  fc.assert(
    fc.property(rule, rule, event, (a, b, event) => {
      const value = (rule: Rule) => evaluate(rule, event);
      expect(value({ not: a })).toBe(!value(a));
      expect(value({ not: { not: a } })).toBe(value(a));
      expect(value({ not: { and: [a, b] } })).toBe(value({ or: [{ not: a }, { not: b }] }));
      expect(value({ not: { or: [a, b] } })).toBe(value({ and: [{ not: a }, { not: b }] }));
      expect(value({ and: [a, { or: [a, b] }] })).toBe(value(a));
    }),
    RUNS,
  );
});

test("a positive operator is true of an array when it is true of an element", () => {
  const positive = rule.filter(
    (rule) => "operator" in rule && !(rule.operator in NEGATION) && !asksForWholes(rule),
  ) as fc.Arbitrary<Condition>;
  fc.assert(
    fc.property(positive, fc.array(jsonValue, { maxLength: 5 }), (condition, elements) => {
      const about = { ...condition, field: "data.x" } as Condition;
      const of = (x: unknown) =>
        evaluate(about, { id: "1", source: "s", type: "t", time: "2026-11-21T10:00:00Z", data: { x } });
      expect(of(elements)).toBe(elements.some(of));
      expect(of([elements, []])).toBe(of(elements));
    }),
    RUNS,
  );
});

test("a positive operator is false of what is missing, whatever it asks", () => {
  const positive = rule.filter(
    (rule) => "every" in rule || "some" in rule || ("operator" in rule && !(rule.operator in NEGATION)),
  );
  fc.assert(
    fc.property(positive, event, (positive, event) => {
      const path = "every" in positive ? positive.every : "some" in positive ? positive.some : "";
      const field = "field" in positive ? positive.field : path;
      if (evaluate(positive, event)) {
        const elements: Rule = {
          some: field,
          where: { not: { field: ".", operator: "equals", value: "?" } },
        };
        expect(evaluate({ field, operator: "exists" }, event) || evaluate(elements, event)).toBe(true);
      }
    }),
    RUNS,
  );
});

test("every is some element, and none without", () => {
  fc.assert(
    fc.property(rule, event, (rule, event) => {
      fc.pre("every" in rule);
      const { every, where } = rule;
      const some = evaluate({ some: every, where }, event);
      const without = evaluate({ some: every, where: { not: where } }, event);
      expect(evaluate(rule, event)).toBe(some && !without);
    }),
    { numRuns: 500 },
  );
});

test("null counts as missing everywhere: leaving nulls out changes no decision", () => {
  fc.assert(
    fc.property(rule, event, (rule, event) => {
      expect(evaluate(rule, withoutNulls(event) as EventDocument)).toBe(evaluate(rule, event));
    }),
    RUNS,
  );
});

test("some is true of an array when where is true of an element alone", () => {
  fc.assert(
    fc.property(rule, fc.array(jsonValue, { maxLength: 4 }), (some, elements) => {
      fc.pre("some" in some);
      const about: Rule = { ...some, some: "data.x" };
      const of = (x: unknown) =>
        evaluate(about, { id: "1", source: "s", type: "t", time: "2026-11-21T10:00:00Z", data: { x } });
      expect(of(elements)).toBe(elements.some((element) => of([element])));
    }),
    RUNS,
  );
});

describe("every way to decide agrees with evaluate", () => {
  test("closures", () => {
    fc.assert(
      fc.property(rule, event, (rule, event) => {
        expect(compileRule(rule, createTools())(event, instantOf(event.time))).toBe(evaluate(rule, event));
      }),
      { numRuns: 10_000 },
    );
  });

  test("explain, in every part of the tree", () => {
    fc.assert(
      fc.property(rule, event, (rule, event) => {
        const { matched, explanation } = explain(rule, event);
        expect(matched).toBe(evaluate(rule, event));
        expect(explanation.matched).toBe(matched);
        if ("and" in rule && "and" in explanation) {
          expect(explanation.and.map((part) => part.matched)).toEqual(
            rule.and.map((part) => evaluate(part, event)),
          );
        }
      }),
      RUNS,
    );
  });
});

test("no JSON makes anything throw", () => {
  const almostRule = fc.oneof(
    fc.jsonValue(),
    fc.record({ and: fc.oneof(fc.array(rule), fc.jsonValue()) }),
    fc.record({
      field: fc.oneof(fc.string(), fc.jsonValue()),
      operator: fc.oneof(fc.constant("in"), fc.jsonValue()),
      value: fc.jsonValue(),
    }),
    fc.tuple(rule, fc.jsonValue()).map(([rule, extra]) => ({ ...rule, value: extra })),
  );
  fc.assert(
    fc.property(almostRule, fc.jsonValue(), (json, data) => {
      const result = parseRule(json);
      if (!result.ok) {
        expect(result.errors.length).toBeGreaterThan(0);
        return;
      }
      for (const time of ["2026-11-21T10:00:00Z", data]) {
        const event = {
          id: "1",
          source: "s",
          type: "t",
          time,
          subject: data,
          data,
        } as unknown as EventDocument;
        expect(explain(result.rule, event).matched).toBe(evaluate(result.rule, event));
      }
    }),
    RUNS,
  );
});

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((element) => element !== null).map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}

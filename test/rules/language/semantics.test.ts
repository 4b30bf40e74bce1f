import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyze } from "../../../src/rules/analysis/analyze.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import { explain } from "../../../src/rules/evaluation/explain.ts";
import { createIndex, loadIndex } from "../../../src/rules/index/campaign-index.ts";
import { parseRule, type Rule } from "../../../src/rules/language/schema.ts";
import { underSemantics } from "../../../src/rules/language/semantics.ts";
import { event, rule } from "../../support/arbitrary-rules.ts";

const street: Rule = { field: "data.x", operator: "contains", value: "ΟΔΟΣ" };
const about = (x: unknown): EventDocument => ({
  id: "1",
  source: "s",
  type: "t",
  time: "2026-11-21T10:00:00Z",
  data: { x },
});

describe("a rule of semantics 1", () => {
  const old = underSemantics(street, 1);

  test("folds as toLowerCase does: a final sigma is another letter", () => {
    expect(evaluate(old, about("ΟΔΟΣΑ"))).toBe(false);
    expect(evaluate(street, about("ΟΔΟΣΑ"))).toBe(true);
    expect(evaluate(old, about("Η ΟΔΟΣ"))).toBe(true);
    const dotted = underSemantics({ not: { field: "data.x", operator: "not_contains", value: "i" } }, 1);
    expect(evaluate(dotted, about("İ"))).toBe(true);
  });

  test("wherever it stands in the rule", () => {
    const nested: Rule = {
      and: [{ or: [{ not: { some: "data.x", where: { every: ".", where: { ...street, field: "." } } } }] }],
    };
    expect(evaluate(underSemantics(nested, 1), about([["ΟΔΟΣΑ"]]))).toBe(true);
    expect(evaluate(nested, about([["ΟΔΟΣΑ"]]))).toBe(false);
  });

  test("is explained by its semantics, in the words it was written in", () => {
    expect(explain(old, about("ΟΔΟΣΑ"))).toEqual({
      matched: false,
      explanation: {
        ...street,
        found: [{ type: "string", value: "ΟΔΟΣΑ", satisfies: false }],
        found_count: 1,
        matched: false,
      },
    });
  });

  test("stands in an index beside the same rule of today, through every change and a snapshot", () => {
    const campaigns = Array.from({ length: 40 }, (_, at) => ({
      id: `${at}`,
      version: at % 2 === 0 ? 1 : 2,
      rule: at % 2 === 0 ? old : street,
      startsAt: null,
      endsAt: null,
    }));
    const index = createIndex(campaigns);
    index.compact();
    const loaded = loadIndex(index.snapshot());
    if (!loaded.ok) throw new Error(loaded.reason);
    for (const each of [index, loaded.index]) {
      expect(new Set(each.match(about("ΟΔΟΣΑ")).map(({ version }) => version))).toEqual(new Set([2]));
      expect(each.match(about("ΟΔΟΣ"))).toHaveLength(40);
    }
  });

  test("is not taken for a duplicate of today's", () => {
    const one = { version: 1, startsAt: null, endsAt: null };
    expect(
      analyze([
        { ...one, id: "a", rule: old },
        { ...one, id: "b", rule: street },
      ]).findings,
    ).toEqual([]);
    expect(
      analyze([
        { ...one, id: "a", rule: old },
        { ...one, id: "b", rule: old },
      ]).findings,
    ).toMatchObject([{ kind: "duplicates" }]);
  });

  test("is not read by semantics that are not known", () => {
    expect(() => underSemantics(street, 3)).toThrow(RangeError);
  });

  test("is none that anybody may write", () => {
    expect(parseRule(old).ok).toBe(false);
  });
});

test("semantics differ in nothing but letter case beyond ASCII", () => {
  const ascii = (value: unknown): boolean => !/[^\0-\x7f]/.test(JSON.stringify(value));
  fc.assert(
    fc.property(rule.filter(ascii), event.filter(ascii), (rule, event) => {
      expect(evaluate(underSemantics(rule, 1), event)).toBe(evaluate(rule, event));
      expect(underSemantics(rule, 2)).toBe(rule);
    }),
    { numRuns: 2_000 },
  );
});

/** Hostile rules cost no more than their size. Bounds that quadratic work would exceed many times over. */
import { describe, expect, test } from "vitest";
import { analyze, type Finding } from "../../src/rules/analysis/analyze.ts";
import { explain } from "../../src/rules/evaluation/explain.ts";
import { parseRule, type Rule } from "../../src/rules/language/schema.ts";
import { matches } from "../support/hostile-rules.ts";
import { processorMs } from "../support/processor-time.ts";
import { and, is, not, or } from "../support/rules.ts";

const with_ = (operator: string, value: unknown) => ({ field: "data.x", operator, value });

describe("hostile input ends quickly and names few faults", () => {
  const nested = (open: string, close: string, depth: number): unknown =>
    JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`);
  const HOSTILE: [string, unknown][] = [
    ["100,000 nots", nested('{"not":', "}", 100_000)],
    ["100,000 nested groups", nested('{"and":[', "]}", 100_000)],
    ["100,000 nested lists", { and: nested("[", "]", 100_000) }],
    ["100,000 nested lists as value", with_("equals", nested("[", "]", 100_000))],
    ["100,000 nested lists in a list", with_("in", [nested("[", "]", 100_000)])],
    ["200,000 empty rules", { and: Array(200_000).fill({}) }],
    ["200,000 empty groups", { and: Array(200_000).fill({ and: [] }) }],
    ["200,000 unknown keys", Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`k${n}`, n]))],
    ["200,000 wrong list values", with_("in", Array(200_000).fill(null))],
    ["9,000 wrong list values", with_("in", Array(9_000).fill(null))],
    ["a megabyte of pattern", with_("matches", "(".repeat(1_000_000))],
    ["a megabyte of path", { field: "a.".repeat(500_000), operator: "exists" }],
    ["a megabyte of operator", with_("x".repeat(1_000_000), 1)],
  ];
  test.each(HOSTILE)("%s", (_, rule) => {
    let result: ReturnType<typeof parseRule> | undefined;
    expect(processorMs(() => (result = parseRule(rule)))).toBeLessThan(2_000);
    if (result === undefined || result.ok) throw new Error("taken for a rule");
    expect(result.errors.length).toBeLessThanOrEqual(32);
    expect(JSON.stringify(result.errors).length).toBeLessThan(50_000);
  });
});

test("explaining 20,000 elements against a pattern takes time linear in them", () => {
  const rule: Rule = { some: "data.x", where: { field: ".", operator: "matches", value: "(x+x+)+y" } };
  const event = { id: "1", source: "s", type: "purchase", time: "2026-11-21T10:00:00Z" };
  const data = { x: Array(20_000).fill("xxx") };
  expect(processorMs(() => explain(rule, { ...event, data }))).toBeLessThan(2_000);
});

describe("the analysis of rules ends in silence, not in a time-out", () => {
  const patterns = Array.from({ length: 128 }, (_, at) => matches(`[a-z]{${900 - at}}`, "data.a"));
  const lists = Array.from({ length: 6 }, (_, at) =>
    is(
      "data.a",
      "in",
      Array.from({ length: 10_000 }, (_, n) => n * (at + 1)),
    ),
  );
  const HOSTILE: [string, Rule][] = [
    [
      "128 patterns against 128",
      and(...patterns, ...patterns.map((one) => not({ ...one, field: "data.b" } as Rule))),
    ],
    ["lists of 10,000 against each other", and(...lists.slice(0, 3), ...lists.slice(3).map(not))],
    [
      "256 ways of 240 conditions",
      and(
        ...Array.from({ length: 8 }, (_, at) => or(is(`data.o${at}`, "exists"), is(`data.p${at}`, "exists"))),
        ...Array.from({ length: 240 }, (_, at) => not(is("data.q", "starts_with", `x${at}`))),
        is("data.q", "matches", "^nothing that anyone would guess [0-9]{9}$"),
      ),
    ],
  ];
  test.each(HOSTILE)("%s", (_, hostile) => {
    const campaigns = Array.from({ length: 20 }, (_, at) => ({
      ...{ id: `c${at}`, version: 1, rule: hostile },
      ...{ startsAt: null, endsAt: null },
    }));
    let findings: readonly Finding[] = [];
    const spent = processorMs(() => {
      findings = analyze(campaigns).findings;
    });
    for (const finding of findings) expect(finding.kind).toBe("duplicates");
    expect(spent).toBeLessThan(20_000);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkEvent } from "../../../src/api/ingest/event.ts";
import { analyze } from "../../../src/rules/analysis/analyze.ts";
import { satisfy } from "../../../src/rules/analysis/satisfy.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import type { Rule } from "../../../src/rules/language/schema.ts";
import { instantOf } from "../../../src/rules/language/time.ts";
import { formatTime } from "../../../src/time.ts";
import { event, rule, withExactNumbers } from "../../support/arbitrary-rules.ts";
import { and, is, not, or } from "../../support/rules.ts";

const NEVER: [string, Rule][] = [
  ["a value and not that value", and(is("data.a", "equals", 1), is("data.a", "not_equals", 1))],
  ["in a list and not in a longer one", and(is("data.a", "in", [1, 2]), is("data.a", "not_in", [2, 1, 3]))],
  ["a range inside a denied one", and(is("data.a", "at_least", 5), not(is("data.a", "greater_than", 4)))],
  ["no number between", and(is("data.a", "greater_than", 1), not(is("data.a", "greater_than", 1)))],
  ["a range, point by point", and(is("data.a", "between", [1, 1]), is("data.a", "not_equals", 1))],
  [
    "above the largest number, as an older rule may say",
    { field: "data.a", operator: "greater_than", value: Number.MAX_VALUE },
  ],
  ["above the largest number that an event may have", is("data.a", "greater_than", 2 ** 53 - 1)],
  [
    "a number that no event has, in an older rule",
    { field: "data.a", operator: "in", value: [2 ** 53, 1e20] },
  ],
  [
    "only numbers that no event has, in an older rule",
    { some: "data.l", where: { field: ".", operator: "between", value: [2 ** 53, 1e308] } },
  ],
  ["a value of a missing field", and(is("data.a", "missing"), is("data.a", "contains", "x"))],
  ["something below a missing field", and(is("data.a", "missing"), is("data.a.b.c", "exists"))],
  [
    "text that begins, but not so",
    and(is("data.a", "starts_with", "ABC"), not(is("data.a", "contains", "b"))),
  ],
  ["a pattern and not the same", and(is("data.a", "matches", "^a+$"), not(is("data.a", "matches", "^a+$")))],
  ["two types at once", and(is("type", "equals", "purchase"), is("type", "equals", "refund"))],
  ["a type that is no text", is("type", "equals", 5)],
  ["a number as source", is("source", "at_least", 5)],
  ["a time that is kept in other words", is("time", "equals", "2026-11-21T11:00:00+01:00")],
  ["an event before the year 1", is("time", "before", "0001-01-01T00:00:00Z")],
  ["a type on two lines", is("type", "equals", "a\nb")],
  ["no type", is("type", "missing")],
  ["a length of the type, which is text", is("type", "length_at_least", 1)],
  ["a type that is a number", is("source", "type_is", "number")],
  ["every element and none", and({ every: "data.l", where: is("data", "exists") }, is("data.l", "missing"))],
  [
    "an element that is, and no element that is",
    and({ some: "data.l", where: is("data.x", "equals", 1) }, is("data.l.data.x", "not_in", [1, 2])),
  ],
  ["a key of what is no object", and(is("data.a.b", "exists"), not(is("data.a", "type_is", "object")))],
  [
    "a later version, but not an earlier",
    and(is("data.v", "semver_at_least", "1.10.0"), not(is("data.v", "semver_greater_than", "1.9.0"))),
  ],
  [
    "a part of a range, but not the range",
    and(is("data.ip", "in_cidr", "10.1.0.0/16"), not(is("data.ip", "in_cidr", "10.0.0.0/8"))),
  ],
  ["longer, but not long", and(is("data.l", "length_equals", 10), not(is("data.l", "length_at_least", 9)))],
  ["long, but no array", and(is("data.l", "length_at_most", 9), not(is("data.l", "type_is", "array")))],
  [
    "sorting before, but not before what is later",
    and(is("data.x", "sorts_before", "a"), not(is("data.x", "sorts_at_or_before", "b"))),
  ],
  [
    "a version that is no text",
    and(is("data.v", "semver_less_than", "2.0.0"), not(is("data.v", "type_is", "string"))),
  ],
  ["a number that is no number", and(is("data.a", "at_least", 1), not(is("data.a", "type_is", "number")))],
  [
    "text in this case, but not in any",
    and(
      { ...is("data.a", "contains", "Ab"), case: "sensitive" } as Rule,
      not(is("data.a", "contains", "aB")),
    ),
  ],
  ["an element of the type, which is text", { some: "type", where: is("type", "exists") }],
  [
    "an element of the subject",
    and(is("data.a", "equals", 1), { some: "subject", where: is("data", "exists") }),
  ],
  ["two beginnings", and(is("subject", "starts_with", "ab"), is("subject", "starts_with", "b"))],
  [
    "after and before",
    and(is("time", "after", "2026-01-02T00:00:00Z"), is("time", "before", "2026-01-01T00:00:00Z")),
  ],
  [
    "nothing between two milliseconds",
    and(is("time", "after", "2026-01-01T00:00:00Z"), is("time", "before", "2026-01-01T00:00:00.001Z")),
  ],
  ["an event older than itself", is("time", "older_than", "1s")],
  [
    "recent, but not so recent",
    and(is("data.at", "within_last", "1h"), not(is("data.at", "within_last", "2h"))),
  ],
  [
    "some and not the same some",
    and(
      { some: "data.l", where: is("type", "exists") },
      not({ some: "data.l", where: is("type", "exists") }),
    ),
  ],
  [
    "some of what is never",
    { some: "data.l", where: and(is("data", "equals", 1), is("data", "not_equals", 1)) },
  ],
  [
    "each way in which an or is true",
    and(or(is("data.a", "equals", 1), is("data.a", "equals", 2)), is("data.a", "not_in", [1, 2, 3])),
  ],
];

test.each(NEVER)("never matches: %s", (_, rule) => {
  expect(satisfy(rule)).toMatchObject({ kind: "never" });
});

const POSSIBLE: [string, Rule][] = [
  [
    "two values of one field, which may be an array",
    and(is("data.a", "equals", 1), is("data.a", "equals", 2)),
  ],
  [
    "a number in a gap of one double",
    and(is("data.a", "greater_than", 1), is("data.a", "less_than", 1 + Number.EPSILON * 2)),
  ],
  [
    "a value below a value",
    and(is("data.a", "equals", 1), is("data.a.b", "equals", 2), is("data.a\\.b", "equals", 3)),
  ],
  [
    "one type",
    and(is("type", "starts_with", "pur"), is("type", "ends_with", "se"), is("type", "not_equals", "purse")),
  ],
  [
    "some element",
    { some: "data.items", where: and(is("data.sku", "equals", "A"), is("data.qty", "greater_than", 2)) },
  ],
  ["times", and(is("data.at", "older_than", "7d"), is("data.b", "before", "2020-01-01T00:00:00Z"))],
  ["nothing at all", is("data", "missing")],
  ["present, but no object", and(is("data.a", "exists"), not(is("data.a", "type_is", "object")))],
  [
    "text in any case, but not in this",
    and(
      is("data.a", "contains", "Ab"),
      not({ ...is("data.a", "contains", "Ab"), case: "sensitive" } as Rule),
    ),
  ],
  [
    "an equal text in another case",
    and({ ...is("data.a", "equals", "Ab"), case: "ignored" } as Rule, is("data.a", "not_equals", "ab")),
  ],
  [
    "a text in any case, but not in its own",
    and({ ...is("data.a", "in", ["ab", 1]), case: "ignored" } as Rule, is("data.a", "not_in", ["ab", 1])),
  ],
  [
    "an element of an array that is not long",
    and({ some: "data.l", where: is("data", "equals", 1) }, not(is("data.l", "length_at_least", 2))),
  ],
  [
    "an element that is missing, of what is missing",
    and({ some: "data.l", where: is("data", "missing") }, is("data.l.data", "missing")),
  ],
  ["every element", { every: "data.l", where: is("data.qty", "at_least", 2) }],
  ["three elements, one of them named", and(is("data.l", "length_at_least", 3), is("data.l", "equals", "a"))],
  [
    "versions",
    and(is("data.v", "semver_greater_than", "1.9.0"), is("data.w", "semver_less_than", "0.0.1-0")),
  ],
  ["addresses", and(is("data.ip", "in_cidr", "10.0.0.0/8"), is("data.jp", "in_cidr", "2001:db8::/32"))],
  ["texts by their order", and(is("type", "sorts_after", "m"), is("data.a", "sorts_before", "b"))],
  [
    "every type",
    and(
      ...["string", "number", "boolean", "object", "array"].map((name, at) =>
        is(`data.t${at}`, "type_is", name),
      ),
    ),
  ],
];

/** The same bound with and without its own value: each pair is one step beyond what implies the other. */
const OPEN: [string, Rule][] = [
  [
    "a version that is the bound itself",
    and(is("data.v", "semver_at_least", "1.9.0"), not(is("data.v", "semver_greater_than", "1.9.0"))),
  ],
  [
    "an address beyond a part of a range",
    and(is("data.ip", "in_cidr", "10.0.0.0/8"), not(is("data.ip", "in_cidr", "10.1.0.0/16"))),
  ],
  ["the length of a bound", and(is("data.l", "length_at_most", 2), not(is("data.l", "length_at_most", 1)))],
  ["text at its bound", and(is("data.x", "sorts_at_or_after", "b"), not(is("data.x", "sorts_after", "b")))],
];

test.each([...POSSIBLE, ...OPEN])("can match: %s", (_, rule) => {
  const result = satisfy(rule);
  if (result.kind !== "possible") throw new Error(JSON.stringify(result));
  expect(evaluate(rule, result.witness)).toBe(true);
});

test.each([
  [
    "an equal text in any case, but not in this",
    and({ ...is("data.a", "equals", "a"), case: "ignored" } as Rule, is("data.a", "not_in", ["a", "A"])),
  ],
  [
    "two patterns no text satisfies",
    and(is("data.a", "matches", "^a+$"), not(is("data.a", "matches", "^a*$"))),
  ],
  [
    "a named time against the clock",
    and(
      is("data.at", "equals", "2026-01-01T00:00:00Z"),
      not(is("data.at", "within_last", "36525d")),
      not(is("data.at", "older_than", "0s")),
    ),
  ],
])("says nothing of %s", (_, rule) => {
  expect(satisfy(rule).kind).not.toBe("never");
});

const campaign = (
  id: string,
  rule: Rule,
  startsAt: number | null = null,
  endsAt: number | null = null,
): Campaign => ({
  id,
  version: 1,
  rule,
  startsAt,
  endsAt,
});

const kinds = (campaigns: Campaign[]) =>
  analyze(campaigns).findings.map((finding) =>
    [finding.kind, finding.id, "by" in finding ? finding.by : "other" in finding ? finding.other : ""]
      .join(" ")
      .trim(),
  );

describe("campaigns", () => {
  const large = is("data.amount", "at_least", 100);
  const larger = is("data.amount", "at_least", 200);
  const gold = is("data.tier", "equals", "gold");

  test("covered by a wider one, and not the other way", () => {
    expect(kinds([campaign("wide", large), campaign("narrow", and(larger, gold))])).toEqual([
      "covered narrow wide",
    ]);
    const [finding] = analyze([campaign("wide", large), campaign("narrow", larger)]).findings;
    if (finding?.kind !== "covered") throw new Error("not covered");
    expect(evaluate(larger, finding.witness)).toBe(true);
    expect(
      finding.beyond !== null && evaluate(large, finding.beyond) && !evaluate(larger, finding.beyond),
    ).toBe(true);
  });

  test("duplicates however they are written", () => {
    expect(
      kinds([
        campaign("a", and(large, is("data.tier", "in", ["gold", "silver"]))),
        campaign("b", not(or(not(large), and(not(gold), is("data.tier", "not_equals", "silver"))))),
      ]),
    ).toEqual(["duplicates a b"]);
  });

  test("always and never", () => {
    expect(kinds([campaign("all", or(gold, not(gold))), campaign("none", and(gold, not(gold)))])).toEqual([
      "always_matches all",
      "never_matches none",
    ]);
  });

  test("windows count: only what is inside can be covered", () => {
    expect(kinds([campaign("short", large, 0, 10), campaign("long", large, 0, 20)])).toEqual([
      "covered short long",
    ]);
    expect(kinds([campaign("early", large, 0, 10), campaign("late", large, 5, 20)])).toEqual([]);
    expect(kinds([campaign("same", large, 0, 10), campaign("again", large, 0, 10)])).toEqual([
      "duplicates same again",
    ]);
    expect(kinds([campaign("empty", large, 10, 10)])).toEqual(["never_matches empty"]);
  });

  test("two thousand campaigns are compared where they can meet", () => {
    const many = Array.from({ length: 2_000 }, (_, at) =>
      campaign(
        `c${at}`,
        and(is("data.shop", "equals", `shop-${at % 1_000}`), is("data.amount", "at_least", at)),
      ),
    );
    const { findings, complete } = analyze(many);
    expect(complete).toBe(true);
    expect(findings).toHaveLength(1_000);
    expect(findings.every((finding) => finding.kind === "covered")).toBe(true);
  });
});

describe("a witness is an event that the API accepts", () => {
  const LATER = Date.UTC(9999, 11, 31);
  const accepts = (witness: unknown) => checkEvent(JSON.parse(JSON.stringify(witness)), LATER);

  test("whatever the rule", () => {
    fc.assert(
      fc.property(rule, (rule) => {
        const result = satisfy(rule);
        if (result.kind !== "possible") return;
        expect(accepts(result.witness)).toMatchObject({ ok: true });
      }),
      { numRuns: 3_000 },
    );
  });

  test("so that a rule which only a larger or a deeper event satisfies is undecided", () => {
    const long = "x".repeat(1_024);
    const large = Array.from({ length: 65 }, (_, at) =>
      is(`data.k${at}`, "equals", `${at} ${long}`.slice(0, 1_024)),
    );
    expect(satisfy(and(...large)).kind).toBe("undecided");
    expect(satisfy(and(...large.slice(0, 60))).kind).toBe("possible");
    const path = Array.from({ length: 15 }, () => "a").join(".");
    const nested = (levels: number): Rule =>
      levels === 0 ? is("data", "exists") : { some: `data.${path}`, where: nested(levels - 1) };
    expect(satisfy(nested(8)).kind).toBe("undecided");
    expect(satisfy(nested(3)).kind).toBe("possible");
  });
});

describe("no claim is ever wrong", () => {
  const RUNS = { numRuns: 800 };
  /** What claims are about: the API refuses an empty subject and large numbers too, and keeps times in UTC. */
  const accepted = event
    .filter(({ time, subject }) => !Number.isNaN(instantOf(time)) && subject !== "")
    .map((event) => withExactNumbers({ ...event, time: formatTime(instantOf(event.time)) }));

  test("what never matches matches no event, and a witness matches", () => {
    fc.assert(
      fc.property(rule, fc.array(accepted, { minLength: 20, maxLength: 40 }), (rule, events) => {
        const result = satisfy(rule);
        if (result.kind === "never") for (const event of events) expect(evaluate(rule, event)).toBe(false);
        if (result.kind === "possible") expect(evaluate(rule, result.witness)).toBe(true);
      }),
      RUNS,
    );
  });

  test("all findings about random campaigns hold for random events", () => {
    const campaigns = fc
      .array(rule, { minLength: 2, maxLength: 6 })
      .map((rules) =>
        rules.flatMap((rule, at) => [
          campaign(`a${at}`, rule),
          campaign(`b${at}`, and(rule, rules[0] as Rule)),
        ]),
      );
    fc.assert(
      fc.property(campaigns, fc.array(accepted, { minLength: 10, maxLength: 20 }), (campaigns, events) => {
        const ruleOf = new Map(campaigns.map(({ id, rule }) => [id, rule]));
        const matches = (id: string, event: (typeof events)[number]) =>
          evaluate(ruleOf.get(id) as Rule, event);
        for (const finding of analyze(campaigns).findings) {
          for (const event of events) {
            const own = matches(finding.id, event);
            if (finding.kind === "never_matches") expect(own).toBe(false);
            if (finding.kind === "always_matches") expect(own).toBe(true);
            if (finding.kind === "duplicates") expect(matches(finding.other, event)).toBe(own);
            if (finding.kind === "covered" && own) expect(matches(finding.by, event)).toBe(true);
          }
          if ("witness" in finding) expect(matches(finding.id, finding.witness)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});

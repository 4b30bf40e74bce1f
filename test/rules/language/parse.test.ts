import { expect, test } from "vitest";
import { parseRule, type RuleErrorCode } from "../../../src/rules/language/schema.ts";

const ok = { field: "data.x", operator: "exists" };
const with_ = (operator: string, value: unknown) => ({ field: "data.x", operator, value });
const NOT_EXACT = '{"field":"data.x","operator":"equals","value":9007199254740993}';
const deep = (depth: number, rule: unknown): unknown => (depth === 0 ? rule : { not: deep(depth - 1, rule) });

const GOOD: [string, unknown][] = [
  ["16 deep", deep(15, ok)],
  ["256 conditions", { or: Array(256).fill(ok) }],
  ["a path of 16 segments", { field: ["data", ...Array(15).fill("x")].join("."), operator: "exists" }],
  ["a path of 256 characters", { field: `data.${"x".repeat(251)}`, operator: "exists" }],
  ["a string of 1,024 characters", with_("equals", "x".repeat(1024))],
  ["a pattern of 256 characters", with_("matches", "x".repeat(256))],
  [
    "a list of 10,000 values",
    with_(
      "in",
      Array.from({ length: 10_000 }, (_, n) => n),
    ),
  ],
  ["a list of every type", with_("not_in", ["x", 1, true])],
  ["an empty string", with_("contains", "")],
  ["low equal to high", with_("between", [2, 2])],
  ["the largest numbers that are exact", with_("between", [-(2 ** 53) + 1, 2 ** 53 - 1])],
  ["a length up to there", with_("length_at_most", 2 ** 53 - 1)],
  ["a larger number as text", with_("equals", "9007199254740993")],
  ["the element itself inside some", { some: "data.x", where: { field: ".", operator: "exists" } }],
  [
    "any first segment inside some",
    { some: "data.x", where: { some: "id.y", where: { field: "z", operator: "missing" } } },
  ],
  ["a pair of surrogates", with_("equals", "😀")],
  ["a key with a dot and a backslash", { field: "data.a\\.b\\\\c", operator: "exists" }],
];

test.each(GOOD)("accepts %s", (_, rule) => {
  expect(parseRule(rule)).toEqual({ ok: true, rule });
});

const BAD: [string, unknown, pointer: string, RuleErrorCode][] = [
  // What is no rule at all
  ["null", null, "", "invalid_type"],
  ["a string", "and", "", "invalid_type"],
  ["a list", [ok], "", "invalid_type"],
  ["an empty object", {}, "", "missing_key"],
  ["another key", { xor: [ok] }, "/xor", "unknown_key"],
  ["only a value", { value: 1 }, "/value", "unknown_key"],
  ["a key with a slash and a tilde", { "a/b~c": 1 }, "/a~1b~0c", "unknown_key"],
  // Groups
  ["an empty group", { and: [] }, "/and", "too_few"],
  ["a group that is no list", { or: ok }, "/or", "invalid_type"],
  ["two groups at once", { and: [ok], or: [ok] }, "/or", "unknown_key"],
  ["a group with a condition's key", { or: [ok], field: "data.x" }, "/field", "unknown_key"],
  ["not of a list", { not: [ok] }, "/not", "invalid_type"],
  ["some without where", { some: "data.x" }, "", "missing_key"],
  ["some with another key", { some: "data.x", where: ok, value: 1 }, "/value", "unknown_key"],
  [
    "__proto__ as JSON holds it",
    JSON.parse('{"not":{"field":"data.x","operator":"exists"},"__proto__":{}}'),
    "/__proto__",
    "unknown_key",
  ],
  // Conditions
  ["no field", { operator: "exists" }, "", "missing_key"],
  ["no operator", { field: "data.x" }, "", "missing_key"],
  ["an unknown operator", with_("is", 1), "/operator", "unknown_operator"],
  ["an inherited name as operator", with_("toString", 1), "/operator", "unknown_operator"],
  ["an operator that is no text", with_(1 as never, 1), "/operator", "unknown_operator"],
  ["no value", { field: "data.x", operator: "equals" }, "", "missing_key"],
  ["a value for exists", with_("exists", true), "/value", "unknown_key"],
  ["null for missing", with_("missing", null), "/value", "unknown_key"],
  ["another key", { ...ok, op: 1 }, "/op", "unknown_key"],
  // Values
  ["equals null", with_("equals", null), "/value", "invalid_type"],
  ["equals a list", with_("equals", ["x"]), "/value", "invalid_type"],
  ["equals an object", with_("not_equals", {}), "/value", "invalid_type"],
  [
    "a number that overflows",
    JSON.parse('{"field":"data.x","operator":"equals","value":1e400}'),
    "/value",
    "invalid_type",
  ],
  ["a whole number that is not exact", JSON.parse(NOT_EXACT), "/value", "number_not_exact"],
  ["2^53", with_("not_equals", 2 ** 53), "/value", "number_not_exact"],
  ["a large negative number", with_("less_than", -1e20), "/value", "number_not_exact"],
  ["a large number in a list", with_("in", ["x", 1, 1e20, true]), "/value/2", "number_not_exact"],
  ["a large number not to be in", with_("not_in", [2 ** 53]), "/value/0", "number_not_exact"],
  ["a large low end", with_("between", [-1e308, 1]), "/value/0", "number_not_exact"],
  ["a large high end", with_("between", [1, 2 ** 53]), "/value/1", "number_not_exact"],
  ["a large length", with_("length_equals", 2 ** 53), "/value", "number_not_exact"],
  [
    "a large number in some",
    { not: { some: "data.x", where: { or: [{ field: ".", operator: "at_least", value: 1e20 }] } } },
    "/not/where/or/0/value",
    "number_not_exact",
  ],
  ["text for a number", with_("at_least", "100"), "/value", "invalid_type"],
  ["an overflowing limit", with_("less_than", -Infinity), "/value", "invalid_type"],
  ["in of a scalar", with_("in", "x"), "/value", "invalid_type"],
  ["in of nothing", with_("in", []), "/value", "too_few"],
  ["in with null", with_("in", ["x", null]), "/value/1", "invalid_type"],
  ["in with a long string", with_("in", ["x", "y", "z".repeat(1025)]), "/value/2", "too_long"],
  ["10,001 values", with_("not_in", Array(10_001).fill(1)), "/value", "too_many"],
  ["between of one", with_("between", [1]), "/value", "too_few"],
  ["between of three", with_("between", [1, 2, 3]), "/value", "too_many"],
  ["between of text", with_("between", [1, "2"]), "/value/1", "invalid_type"],
  ["low over high", with_("between", [2, 1]), "/value", "invalid_range"],
  ["a day that does not exist", with_("before", "2026-02-29T00:00:00Z"), "/value", "invalid_time"],
  ["a time without offset", with_("after", "2026-11-21T10:00:00"), "/value", "invalid_time"],
  ["a time as a number", with_("after", 0), "/value", "invalid_type"],
  ["a duration without unit", with_("within_last", "90"), "/value", "invalid_duration"],
  ["a negative duration", with_("older_than", "-5m"), "/value", "invalid_duration"],
  ["a duration of over 100 years", with_("older_than", "36526d"), "/value", "invalid_duration"],
  ["a number to contain", with_("contains", 1), "/value", "invalid_type"],
  ["1,025 characters", with_("ends_with", "x".repeat(1025)), "/value", "too_long"],
  ["NUL", with_("equals", "a\0b"), "/value", "invalid_text"],
  ["a lone surrogate", with_("starts_with", "\uD800"), "/value", "invalid_text"],
  ["a lone surrogate in a list", with_("in", ["a", "\uDC00"]), "/value/1", "invalid_text"],
  ["a pattern that does not close", with_("matches", "("), "/value", "invalid_pattern"],
  ["a backreference", with_("matches", "(a)\\1"), "/value", "invalid_pattern"],
  ["a lookahead", with_("matches", "(?=a)"), "/value", "invalid_pattern"],
  ["a repeat that explodes", with_("matches", "((a{100}){100}){100}"), "/value", "invalid_pattern"],
  ["257 characters of pattern", with_("matches", "x".repeat(257)), "/value", "too_long"],
  ["NUL in a pattern", with_("matches", "\0"), "/value", "invalid_text"],
  ["a case of another name", { ...with_("equals", "x"), case: "upper" }, "/case", "invalid_value"],
  [
    "a case that only stored rules have",
    { ...with_("contains", "x"), case: "lowered" },
    "/case",
    "invalid_value",
  ],
  [
    "a case where letters do not matter",
    { ...with_("at_least", 1), case: "ignored" },
    "/case",
    "unknown_key",
  ],
  ["a case of a group", { and: [ok], case: "ignored" }, "/case", "unknown_key"],
  ["a version with a v", with_("semver_at_least", "v1.0.0"), "/value", "invalid_version"],
  ["a version as a number", with_("semver_equals", 1), "/value", "invalid_type"],
  ["an address for a range", with_("in_cidr", "10.0.0.1"), "/value", "invalid_cidr"],
  ["a range with bits beyond it", with_("in_cidr", "10.0.0.1/8"), "/value", "invalid_cidr"],
  ["no length", with_("length_equals", 0), "/value", "too_few"],
  ["half a length", with_("length_at_most", 1.5), "/value", "invalid_type"],
  ["a length as text", with_("length_at_least", "1"), "/value", "invalid_type"],
  ["a type that counts as missing", with_("type_is", "null"), "/value", "invalid_value"],
  ["a number to sort by", with_("sorts_before", 1), "/value", "invalid_type"],
  ["every without where", { every: "data.x" }, "", "missing_key"],
  [
    "every and some",
    { every: "data.x", some: "data.x", where: { field: ".", operator: "exists" } },
    "/every",
    "unknown_key",
  ],
  ["an unknown attribute to every", { every: "items", where: ok }, "/every", "invalid_path"],
  [
    "a pattern that takes too long",
    { and: [ok, with_("matches", "(?i)refund.{1,900}word")] },
    "/and/1",
    "too_costly",
  ],
  // Paths
  ["another attribute", { field: "id", operator: "exists" }, "/field", "invalid_path"],
  ["data by another name", { field: "amount", operator: "exists" }, "/field", "invalid_path"],
  ["a segment below type", { field: "type.x", operator: "exists" }, "/field", "invalid_path"],
  ["the element outside some", { field: ".", operator: "exists" }, "/field", "invalid_path"],
  ["an empty path", { field: "", operator: "exists" }, "/field", "invalid_path"],
  ["an empty segment", { field: "data..x", operator: "exists" }, "/field", "invalid_path"],
  ["a dot at the end", { field: "data.x.", operator: "exists" }, "/field", "invalid_path"],
  ["a lone backslash", { field: "data.a\\b", operator: "exists" }, "/field", "invalid_path"],
  ["a backslash at the end", { field: "data.a\\", operator: "exists" }, "/field", "invalid_path"],
  ["17 segments", { field: `data${".x".repeat(16)}`, operator: "exists" }, "/field", "too_many"],
  ["257 characters of path", { field: `data.${"x".repeat(252)}`, operator: "exists" }, "/field", "too_long"],
  ["a path that is no text", { field: ["data"], operator: "exists" }, "/field", "invalid_type"],
  ["NUL in a path", { field: "data.\0", operator: "exists" }, "/field", "invalid_text"],
  ["an unknown attribute to some", { some: "items", where: ok }, "/some", "invalid_path"],
  [
    "an empty segment inside some",
    { some: "data.x", where: { field: ".a", operator: "exists" } },
    "/where/field",
    "invalid_path",
  ],
  // The whole
  [
    "a wrong value five deep",
    { and: [{ not: { or: [ok, { some: "data.x", where: with_("at_most", "5") }] } }] },
    "/and/0/not/or/1/where/value",
    "invalid_type",
  ],
  ["17 deep", deep(16, ok), "/not".repeat(16), "too_deep"],
  ["257 conditions", { or: Array(257).fill(ok) }, "", "too_many"],
  [
    "over 256 kB",
    {
      or: Array(20).fill(
        with_(
          "in",
          Array.from({ length: 1400 }, (_, n) => `value-${n}`),
        ),
      ),
    },
    "",
    "too_large",
  ],
];

test.each(BAD)("refuses %s", (_, rule, pointer, code) => {
  const result = parseRule(rule);
  expect(result).toMatchObject({ ok: false, errors: [{ pointer, code }] });
  if (!result.ok) expect(result.errors[0]?.message).toMatch(/.{10,}/);
});

test("names every fault, not only the first", () => {
  const result = parseRule({
    and: [with_("at_least", "1"), { not: { field: "x", operator: "is", value: 1 } }, { or: [] }],
  });
  expect(result.ok ? [] : result.errors.map(({ pointer }) => pointer)).toEqual([
    "/and/0/value",
    "/and/1/not/field",
    "/and/1/not/operator",
    "/and/2/or",
  ]);
});

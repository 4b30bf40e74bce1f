import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import { OPERATORS } from "../../../src/rules/language/operators.ts";
import { type Operator, parseRule } from "../../../src/rules/language/schema.ts";

const NOW = "2026-11-21T10:00:00Z";

/** One value of every kind that JSON has, and the neighbours that a careless comparison would confuse. */
const VALUES = {
  absent: undefined,
  null: null,
  true: true,
  false: false,
  zero: 0,
  minusZero: -0,
  one: 1,
  two: 2,
  huge: 1e308,
  empty: "",
  textOne: "1",
  textTrue: "true",
  textNull: "null",
  gold: "gold",
  GOLD: "GOLD",
  strasse: "STRASSE",
  now: NOW,
  nowElsewhere: "2026-11-21T11:00:00+01:00",
  hourAgo: "2026-11-21T09:00:00Z",
  future: "2026-11-21T10:00:00.001Z",
  notATime: "2026-02-30T00:00:00Z",
  version: "1.9.0",
  preRelease: "1.10.0-rc.1+b",
  v4: "10.1.2.3",
  v6: "2001:db8::1",
  object: { gold: "gold" },
  emptyObject: {},
  emptyArray: [],
  nulls: [null, [null]],
  three: [null, 3, [3], { three: 3 }],
  golds: ["silver", ["gold"]],
  numbers: [0, [1, 2]],
} satisfies Record<string, unknown>;

type Name = keyof typeof VALUES;
type Row = [operator: Operator, value: unknown, of: Name[], letterCase?: "sensitive" | "ignored" | undefined];

/** Each condition, and the only values it is true of. */
const TRUE_OF: Row[] = [
  ["equals", "gold", ["gold", "golds"]],
  ["equals", "", ["empty"]],
  ["equals", 1, ["one", "numbers"]],
  ["equals", "1", ["textOne"]],
  ["equals", 0, ["zero", "minusZero", "numbers"]],
  ["equals", -0, ["zero", "minusZero", "numbers"]],
  ["equals", true, ["true"]],
  ["equals", false, ["false"]],
  ["equals", "true", ["textTrue"]],
  ["equals", "null", ["textNull"]],
  ["in", ["gold", 1, true], ["gold", "golds", "one", "numbers", "true"]],
  ["in", [-0], ["zero", "minusZero", "numbers"]],
  ["greater_than", 1, ["two", "huge", "numbers", "three"]],
  ["at_least", 1, ["one", "two", "huge", "numbers", "three"]],
  ["less_than", 1, ["zero", "minusZero", "numbers"]],
  ["less_than", 0, []],
  ["at_most", 0, ["zero", "minusZero", "numbers"]],
  ["at_most", -0, ["zero", "minusZero", "numbers"]],
  ["between", [1, 2], ["one", "two", "numbers"]],
  ["between", [-0, 0], ["zero", "minusZero", "numbers"]],
  ["before", NOW, ["hourAgo"]],
  ["before", "2026-11-21T12:00:00+02:00", ["hourAgo"]],
  ["after", NOW, ["future"]],
  ["after", "2026-11-21T09:59:59Z", ["now", "nowElsewhere", "future"]],
  ["within_last", "1h", ["now", "nowElsewhere", "hourAgo"]],
  ["within_last", "0s", ["now", "nowElsewhere"]],
  ["older_than", "59m", ["hourAgo"]],
  ["older_than", "1h", []],
  ["older_than", "0s", ["hourAgo"]],
  ["contains", "OL", ["gold", "GOLD", "golds"]],
  ["contains", "", texts()],
  ["contains", "ß", []],
  ["starts_with", "Go", ["gold", "GOLD", "golds"]],
  ["ends_with", "ld", ["gold", "GOLD", "golds"]],
  ["ends_with", "E", ["textTrue", "strasse"]],
  ["matches", "^g.ld$", ["gold", "golds"]],
  ["matches", "(?i)^G.LD$", ["gold", "GOLD", "golds"]],
  ["matches", "^$", ["empty"]],
  ["contains", "OL", ["GOLD"], "sensitive"],
  ["contains", "OL", ["gold", "GOLD", "golds"], "ignored"],
  ["starts_with", "go", ["gold", "golds"], "sensitive"],
  ["ends_with", "D", ["GOLD"], "sensitive"],
  ["equals", "Gold", ["gold", "GOLD", "golds"], "ignored"],
  ["equals", "gold", ["gold", "golds"], "sensitive"],
  ["equals", 1, ["one", "numbers"], "ignored"],
  [
    "in",
    ["Gold", 1, true, "straſſe"],
    ["gold", "GOLD", "golds", "one", "numbers", "true", "strasse"],
    "ignored",
  ],
  ["in", ["Gold", "GOLD"], ["GOLD"], "sensitive"],
  ["sorts_after", "gold", ["textTrue", "textNull", "golds"]],
  ["sorts_at_or_after", "gold", ["gold", "textTrue", "textNull", "golds"]],
  ["sorts_before", "1", ["empty"]],
  ["sorts_at_or_before", "1", ["empty", "textOne"]],
  ["sorts_before", "GOLD", textsExcept("GOLD", "gold", "strasse", "textTrue", "textNull", "golds")],
  ["semver_equals", "1.9.0+other", ["version"]],
  ["semver_greater_than", "1.9.0", ["preRelease"]],
  ["semver_at_least", "1.9.0", ["version", "preRelease"]],
  ["semver_at_least", "1.10.0", []],
  ["semver_less_than", "1.10.0", ["version", "preRelease"]],
  ["semver_less_than", "1.9.0", []],
  ["semver_at_most", "1.9.0", ["version"]],
  ["in_cidr", "10.0.0.0/8", ["v4"]],
  ["in_cidr", "0.0.0.0/0", ["v4"]],
  ["in_cidr", "::/0", ["v6"]],
  ["in_cidr", "2001:db8::/127", ["v6"]],
  ["length_equals", 2, ["golds", "numbers"]],
  ["length_equals", 3, ["three"]],
  ["length_at_least", 2, ["golds", "numbers", "three"]],
  ["length_at_most", 2, ["golds", "numbers"]],
  ["length_at_most", 1, []],
  ["type_is", "string", texts()],
  ["type_is", "number", ["zero", "minusZero", "one", "two", "huge", "numbers", "three"]],
  ["type_is", "boolean", ["true", "false"]],
  ["type_is", "object", ["object", "emptyObject", "three"]],
  ["type_is", "array", ["golds", "numbers", "three"]],
  ["exists", undefined, namesExcept("absent", "null", "emptyArray", "nulls")],
];

const NEGATIONS: [Operator, Operator][] = [
  ["equals", "not_equals"],
  ["in", "not_in"],
  ["contains", "not_contains"],
  ["exists", "missing"],
];

const ROWS: Row[] = [
  ...TRUE_OF,
  ...TRUE_OF.flatMap(([operator, value, names, letterCase]) =>
    NEGATIONS.filter(([positive]) => positive === operator).map(
      ([, negative]): Row => [negative, value, namesExcept(...names), letterCase],
    ),
  ),
];

describe.each(ROWS)("%s %j", (operator, value, names, letterCase) => {
  const parsed = parseRule({
    field: "data.x",
    operator,
    ...(value !== undefined && { value }),
    ...(letterCase !== undefined && { case: letterCase }),
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));

  test.each(Object.keys(VALUES) as Name[])("of %s", (name) => {
    const x: unknown = VALUES[name];
    const event = { id: "1", source: "s", type: "t", time: NOW, data: x === undefined ? {} : { x } };
    expect(evaluate(parsed.rule, event)).toBe(names.includes(name));
    expect(evaluate({ not: parsed.rule }, event)).toBe(!names.includes(name));
  });
});

test("the table covers every operator", () => {
  expect(new Set(ROWS.map(([operator]) => operator))).toEqual(new Set(OPERATORS));
});

function texts(): Name[] {
  return (Object.keys(VALUES) as Name[]).filter((name) => {
    const value: unknown = VALUES[name];
    return typeof (Array.isArray(value) ? value[0] : value) === "string";
  });
}

function textsExcept(...except: Name[]): Name[] {
  return texts().filter((name) => !except.includes(name));
}

function namesExcept(...except: Name[]): Name[] {
  return (Object.keys(VALUES) as Name[]).filter((name) => !except.includes(name));
}

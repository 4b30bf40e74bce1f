import { expect, test } from "vitest";
import { LIST_VALUES_MAX, RULE_CONDITIONS_MAX } from "../../../src/limits.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import { NARROW_SLOTS, NARROW_VALUES } from "../../../src/rules/index/opcodes.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { event } from "../../support/hostile-events.ts";
import { matchesAsScanned } from "../../support/scanned.ts";

/*
 * Fields and values are numbered in the order in which rules name them. Where the numbers no longer fit into a word
 * together, conditions are written in their wide form.
 */

const VALUES = 400;
const campaign = (id: string, rule: Rule): Campaign => ({
  id,
  version: 1,
  rule,
  startsAt: null,
  endsAt: null,
});
const numbered = (count: number) => Array.from({ length: count }, (_, n) => n);

const otherFields = (): Rule[] =>
  numbered(Math.ceil(NARROW_SLOTS / RULE_CONDITIONS_MAX)).map((rule) => ({
    or: numbered(RULE_CONDITIONS_MAX).map(
      (n): Rule => ({ field: `data.other${rule}-${n}`, operator: "equals", value: 1 }),
    ),
  }));
const otherValues = (): Rule[] =>
  numbered(Math.ceil(NARROW_VALUES / LIST_VALUES_MAX)).map((rule) => ({
    field: "data.x",
    operator: "in",
    value: numbered(LIST_VALUES_MAX).map((n) => `other ${rule}-${n}`),
  }));

test.each([
  ["fields", otherFields],
  ["values of a field", otherValues],
])("rules that come after more %s than fit into a narrow word match as the reference says", (_, others) => {
  const campaigns = [
    ...others().map((rule, n) => campaign(`other ${n}`, rule)),
    ...numbered(VALUES).map((n) => {
      const values = numbered(1 + (n % 5)).map((i) => `v${(n + 7 * i) % VALUES}`);
      return campaign(`in ${n}`, { field: "data.x", operator: n % 9 === 8 ? "not_in" : "in", value: values });
    }),
  ];
  const events = numbered(VALUES + 1).map((n) =>
    event({ x: n % 3 === 0 ? [`v${n}`, `v${(n + 50) % VALUES}`] : `v${n}` }),
  );
  expect(matchesAsScanned(createIndex(campaigns), campaigns, events)).toBeGreaterThan(VALUES);
});

/** The numbers around one that a word, or half of what it holds, can just about hold. */
const around = (count: number) =>
  [count / 2, count].flatMap((edge) => numbered(24).map((n) => edge - 12 + n));

/** A condition where a path proves it, where none does, and inside a group. */
const inEveryPlace = (condition: Rule): Rule[] => [
  condition,
  { not: condition },
  { and: [{ field: "type", operator: "equals", value: "t" }, condition] },
  {
    and: numbered(3).map(
      (): Rule => ({ or: [{ and: [condition, TYPE] }, { and: [{ not: TYPE }, SOURCE] }] }),
    ),
  },
];
const TYPE: Rule = { field: "type", operator: "contains", value: "t" };
const SOURCE: Rule = { field: "source", operator: "contains", value: "x" };

test("the last fields that fit into a narrow word and the first that do not are told apart", () => {
  const fields = otherFields().flatMap((rule) => ("or" in rule ? rule.or : []));
  const named = around(NARROW_SLOTS).flatMap((at) => {
    const one = fields[at];
    return one !== undefined && "field" in one ? [one.field] : [];
  });
  const rules = named.flatMap((field) => [
    ...inEveryPlace({ field, operator: "equals", value: 2 }),
    ...inEveryPlace({ field, operator: "in", value: [2, 3] }),
  ]);
  const campaigns = [...otherFields(), ...rules].map((rule, n) => campaign(`c${n}`, rule));
  const events = named.map((field, at) =>
    event({ [field.slice("data.".length)]: at % 4 === 3 ? [2, 3] : 2 }),
  );
  expect(named.length).toBeGreaterThan(24);
  expect(matchesAsScanned(createIndex(campaigns), campaigns, events)).toBeGreaterThan(
    events.length * rules.length * 0.2,
  );
});

test("the last values that fit into a narrow word and the first that do not are told apart", () => {
  const held = otherValues().flatMap((rule) => ("value" in rule ? (rule.value as string[]) : []));
  const numbers = around(NARROW_VALUES);
  const rules = numbers.flatMap((at) => {
    const [value = "", next = "", later = ""] = held.slice(at, at + 3);
    return [
      ...inEveryPlace({ field: "data.x", operator: "equals", value }),
      ...inEveryPlace({ field: "data.x", operator: "in", value: [later, value, next] }),
    ];
  });
  const campaigns = [...otherValues(), ...rules].map((rule, n) => campaign(`c${n}`, rule));
  const events = numbers.flatMap((at) => [
    event({ x: held[at] }),
    event({ x: held[at - NARROW_VALUES / 2] ?? 0 }),
  ]);
  expect(matchesAsScanned(createIndex(campaigns), campaigns, events)).toBeGreaterThan(
    events.length * rules.length * 0.2,
  );
});

test.each([
  ["fields", otherFields],
  ["values of a field", otherValues],
])("what comes beside a wide condition counts, after more %s than fit into a narrow word", (_, others) => {
  const wide: Rule[] = numbered(3).flatMap((n): Rule[] => [
    { field: "data.x", operator: "equals", value: `v${n}` },
    { field: "data.x", operator: "in", value: [`v${n}`, `v${n + 1}`, `v${n + 5}`] },
    { not: { field: "data.x", operator: "in", value: [`v${n}`, `v${n + 1}`] } },
    { not: { field: "data.x", operator: "equals", value: `v${n}` } },
  ]);
  const beside = ALSO_TRUE.flatMap((rule): Rule[] => [rule, { not: rule }]);
  const rules = wide.flatMap((x) =>
    beside.flatMap((other, n): Rule[] => {
      const another = beside[(n + 5) % beside.length] as Rule;
      return [
        { and: [x, other, another] },
        { and: [other, x, another] },
        { or: [{ and: [x, other] }, { and: [another, x] }] },
        // So many ways that it stays a group.
        { and: numbered(3).map((): Rule => ({ or: [{ and: [x, other] }, { and: [another, { not: x }] }] })) },
      ];
    }),
  );
  const campaigns = [...others(), ...rules].map((rule, n) => campaign(`c${n}`, rule));
  const events: EventDocument[] = [];
  for (const x of ["v0", "v1", ["v2", "v6"], ["v7", 1], undefined]) {
    for (const y of [1, [1, 5], "1", undefined]) {
      const data = { ...(x !== undefined && { x }), ...(y !== undefined && { y }) };
      events.push(event(data));
    }
  }
  expect(matchesAsScanned(createIndex(campaigns), campaigns, events)).toBeGreaterThan(rules.length);
});

/** True of the events below. Whichever comes after the list, its word must not be read as a value. */
const ALSO_TRUE: readonly Rule[] = [
  { field: "type", operator: "exists" },
  { field: "type", operator: "equals", value: "t" },
  { field: "source", operator: "in", value: ["s", "t"] },
  { field: "data.y", operator: "exists" },
  { field: "data.y", operator: "equals", value: 1 },
  { field: "data.y", operator: "at_least", value: 1 },
  { field: "data.y", operator: "between", value: [0, 2] },
  { field: "data.z", operator: "missing" },
  { field: "type", operator: "starts_with", value: "t" },
  {
    or: [
      { field: "data.y", operator: "equals", value: 1 },
      { field: "data.z", operator: "exists" },
    ],
  },
  { not: { field: "data.z", operator: "exists" } },
];

test("no word after the values of a wide list is taken for one of them", () => {
  const lists = otherValues();
  const held = lists.flatMap((rule) => ("value" in rule ? (rule.value as string[]) : []));
  const campaigns = [
    ...lists.map((rule, n) => campaign(`other ${n}`, rule)),
    // So many that they are compiled, not tried one by one.
    ...[...ALSO_TRUE, ...ALSO_TRUE, ...ALSO_TRUE].map((also, n) =>
      campaign(`in ${n}`, {
        and: [{ field: "data.x", operator: "in", value: [`v${n}`, `v${n + 1}`, `v${n + 2}`] }, also],
      }),
    ),
  ];
  const index = createIndex(campaigns);
  const wrong: string[] = [];
  held.forEach((x, n) => {
    const [match, ...more] = index.match(event({ x, y: 1 }));
    if (match?.id !== `other ${Math.floor(n / LIST_VALUES_MAX)}` || more.length > 0) wrong.push(x);
  });
  expect(wrong.slice(0, 10)).toEqual([]); // of so many, a difference would take minutes to print
});

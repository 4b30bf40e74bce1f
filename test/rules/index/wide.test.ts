import { expect, test } from "vitest";
import { LIST_VALUES_MAX, RULE_CONDITIONS_MAX } from "../../../src/limits.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import { NARROW_SLOTS, NARROW_VALUES } from "../../../src/rules/index/opcodes.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { scanned } from "../../support/scanned.ts";

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
  const index = createIndex(campaigns);
  const expected = scanned(campaigns);
  const events = numbered(VALUES + 1).map(
    (n): EventDocument => ({
      ...{ id: "1", source: "s", type: "t", time: "2026-11-21T10:00:00Z" },
      data: { x: n % 3 === 0 ? [`v${n}`, `v${(n + 50) % VALUES}`] : `v${n}` },
    }),
  );
  const ids = (matches: readonly { id: string }[]) => matches.map(({ id }) => id).sort();
  for (const event of events) expect(ids(index.match(event))).toEqual(ids(expected(event)));
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
  const index = createIndex(campaigns);
  const expected = scanned(campaigns);
  let matches = 0;
  for (const x of ["v0", "v1", ["v2", "v6"], ["v7", 1], undefined]) {
    for (const y of [1, [1, 5], "1", undefined]) {
      const data = { ...(x !== undefined && { x }), ...(y !== undefined && { y }) };
      const event = { id: "1", source: "s", type: "t", time: "2026-11-21T10:00:00Z", data };
      const found = index.match(event);
      matches += found.length;
      expect(found.map(({ id }) => id).sort()).toEqual(
        expected(event)
          .map(({ id }) => id)
          .sort(),
      );
    }
  }
  expect(matches).toBeGreaterThan(rules.length);
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
    const event = { id: "1", source: "s", type: "t", time: "2026-11-21T10:00:00Z", data: { x, y: 1 } };
    const [match, ...more] = index.match(event);
    if (match?.id !== `other ${Math.floor(n / LIST_VALUES_MAX)}` || more.length > 0) wrong.push(x);
  });
  expect(wrong.slice(0, 10)).toEqual([]); // of so many, a difference would take minutes to print
});

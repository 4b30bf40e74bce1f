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

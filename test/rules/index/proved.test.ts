import { expect, test } from "vitest";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { campaigns, event } from "../../support/hostile-events.ts";
import { matchesAsScanned } from "../../support/scanned.ts";

/* A leaf leaves out what the way to it has proved: the value of its own edge, and nothing besides. */

const VALUES = 40;
const named = (n: number) => `v${(n + VALUES) % VALUES}`;
const is = (field: string, n: number): Rule => ({ field, operator: "equals", value: named(n) });
const isOneOf = (field: string, ...of: number[]): Rule => ({ field, operator: "in", value: of.map(named) });
const amount = (n: number): Rule => ({ field: "data.amount", operator: "at_least", value: n % 7 });

const SETS: [string, (at: number) => Rule][] = [
  [
    "rules found by one field, among others found by another",
    (at) =>
      at % 2 === 0
        ? { and: [is("data.a", at >>> 1), amount(at)] }
        : {
            and: [is("data.b", at >>> 1), isOneOf("data.a", at, at + 1, at + 2, at + 3, at + 4), amount(at)],
          },
  ],
  [
    "rules that ask two things of the field that finds them",
    (at) => ({ and: [is("data.a", at), isOneOf("data.a", at - 1, at + 1, at + 2), amount(at)] }),
  ],
  [
    "lists that have values in common",
    (at) => ({ and: [isOneOf("data.a", at, at + 1), isOneOf("data.a", at + 1, at + 2), amount(at)] }),
  ],
  [
    "values that a rule wants and refuses",
    (at) => ({ and: [isOneOf("data.a", at, at + 1, at + 2), { not: is("data.a", at + 1) }, amount(at)] }),
  ],
];

const events: EventDocument[] = Array.from({ length: VALUES }, (_, n) => n).flatMap((n) => [
  event({ a: named(n), b: named(n), amount: 5 }),
  event({ a: named(n), b: named(3 * n + 1), amount: 9 }),
  event({ a: [named(n), named(n + 1)], b: [named(n), named(7 * n)], amount: 9 }),
  event({ b: named(n), amount: 9 }),
]);

test.each(SETS)("%s", (_, ruleOf) => {
  const rules = campaigns(800, ruleOf);
  expect(matchesAsScanned(createIndex(rules), rules, events)).toBeGreaterThan(events.length);
});

import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { campaigns, event, ids } from "../../support/hostile-events.ts";
import { matchesAsScanned, scanned } from "../../support/scanned.ts";

/* What an attacker could send is decided like anything else. What it costs: test/cost/matching.test.ts. */

test("a campaign that several values lead to matches once, also when its records were written anew", () => {
  // A few of many values each, so that a record is kept under each of them.
  const rules = campaigns(200, (at) => ({
    field: "data.a",
    operator: "in",
    value: [0, 1, 2].map((n) => `v${(at + n) % 20}`),
  }));
  const index = createIndex(rules);
  const several = event({ a: ["v1", "v2", ["v3", "v1"], "v9"] });
  const matching = ids(scanned(rules)(several));
  expect(matching).toHaveLength(80);
  expect(ids(index.match(several))).toEqual(matching);
  for (const { id } of rules.slice(0, 30)) index.remove(id);
  index.compact();
  expect(ids(index.match(several))).toEqual(ids(scanned(rules.slice(30))(several)));
});

test("an event with more values than a place has edges finds those that are its own", () => {
  const TAGS = 100;
  const tagOf = (type: number, nth: number) => (5 * type + nth) % 12;
  const rules = campaigns(2_000, (at) => ({
    and: [
      { field: "data.type", operator: "equals", value: `t${at % 50}` },
      { field: "data.tags", operator: "equals", value: tagOf(at % 50, Math.floor(at / 50) % 4) },
      // Nothing is found by this, and yet it makes the values known.
      { field: "data.tags", operator: "not_equals", value: TAGS + (at % TAGS) },
    ],
  }));
  const events = Array.from({ length: 50 }, (_, type) =>
    [0, 1, 2, 3].map((nth) => {
      const tags = [tagOf(type, nth), ...Array.from({ length: TAGS / 2 }, (_, n) => TAGS + n)];
      return event({ type: `t${type}`, tags });
    }),
  ).flat();
  expect(matchesAsScanned(createIndex(rules), rules, events)).toBe(1_000);
});

describe("lists", () => {
  test("lists of 10,000 values, shared and not, with every type", () => {
    const list = (from: number) =>
      Array.from({ length: 10_000 }, (_, at) => (at % 2 ? from + at : `v${from + at}`));
    const rules = campaigns(40, (at) => ({
      field: "data.x",
      operator: at % 3 === 0 ? "not_in" : "in",
      value: [...list((at % 20) * 1_000), true],
    }));
    const index = createIndex(rules.slice(0, 20));
    for (const campaign of rules.slice(20)) index.upsert(campaign);
    const expected = scanned(rules);
    for (const x of [
      1,
      5_001,
      "v0",
      "v5002",
      "v28998",
      28_999,
      29_001,
      "5001",
      true,
      false,
      null,
      [1, "v28998"],
      [],
      {},
    ]) {
      expect(ids(index.match(event({ x })))).toEqual(ids(expected(event({ x }))));
    }
    index.compact();
    for (const x of [1, "v5002", true, [28_999, 5_001]]) {
      expect(ids(index.match(event({ x })))).toEqual(ids(expected(event({ x }))));
    }
  });
});

test("16 deep, alternating and, or, not", () => {
  const leaf = (at: number): Rule => ({ field: `data.k${at % 40}`, operator: "equals", value: at });
  let deep: Rule = leaf(0);
  for (let depth = 0; depth < 15; depth++) {
    deep =
      depth % 3 === 0
        ? { and: [deep, leaf(depth)] }
        : depth % 3 === 1
          ? { or: [deep, leaf(depth)] }
          : { not: deep };
  }
  const index = createIndex(campaigns(100, () => deep));
  for (const value of [0, 1, 2, 3, 14]) {
    const data = Object.fromEntries(Array.from({ length: 15 }, (_, key) => [`k${key}`, value]));
    expect(index.match(event(data))).toHaveLength(evaluate(deep, event(data)) ? 100 : 0);
  }
});

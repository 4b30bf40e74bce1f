import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { campaigns, event, ids } from "../../support/hostile-events.ts";
import { scanned } from "../../support/scanned.ts";

/* What an attacker could send is decided like anything else. What it costs: test/cost/matching.test.ts. */

test("a campaign that several values lead to matches once", () => {
  const index = createIndex(
    campaigns(200, () => ({ field: "data.a", operator: "in", value: ["x", "y", "z"] })),
  );
  const several = event({ a: ["x", "y", ["z", "x"]] });
  expect(index.match(several)).toHaveLength(200);
  // Written anew by what its records say of themselves.
  for (const { id } of campaigns(30, () => ANY)) index.remove(id);
  index.compact();
  expect(index.match(several)).toHaveLength(170);
});

test("an event with more values than a place has edges finds those that are its own", () => {
  const of = (type: number, tag: number): Rule => ({
    and: [
      { field: "data.type", operator: "equals", value: `t${type}` },
      { field: "data.tags", operator: "equals", value: tag },
    ],
  });
  // Two tags under each type, a hundred in all: each type's edges are fewer than the event's values.
  const rules = campaigns(2_000, (at) => of(at % 50, 2 * (at % 50) + (at % 100 < 50 ? 0 : 1)));
  const index = createIndex(rules);
  const expected = scanned(rules);
  let matches = 0;
  for (let type = 0; type < 50; type++) {
    for (const missing of [2 * type, 2 * type + 1, 50, -1]) {
      const tags = Array.from({ length: 100 }, (_, tag) => tag).filter((tag) => tag !== missing);
      const some = event({ type: `t${type}`, tags });
      const found = ids(index.match(some));
      expect(found).toEqual(ids(expected(some)));
      matches += found.length;
    }
  }
  expect(matches).toBeGreaterThan(50 * 4 * 20);
});

const ANY: Rule = { field: "type", operator: "exists" };

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

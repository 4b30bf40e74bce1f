import { describe, expect, test } from "vitest";
import { disagreements, type Witness } from "../../bench/matching/agreement.ts";
import type { Matcher } from "../../bench/matching/engine.ts";
import { ENGINES } from "../../bench/matching/engines.ts";
import { fittedExponent, percentiles } from "../../bench/matching/measured.ts";
import { campaignAt, campaignSource, eventsOf, positionOf } from "../../bench/matching/prepared.ts";
import { CASES, type CaseName, WORKLOADS } from "../../bench/matching/workloads/index.ts";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import { parseRule } from "../../src/rules/language/parse.ts";

const COUNT = 200;
const EVENTS = 30;
// Lists of 10,000 values make some libraries build for seconds.
const countOf = (name: CaseName) => (name === "W8" ? 10 : COUNT);

describe.each(CASES)("%s", (name) => {
  const count = countOf(name);
  const { documents } = eventsOf(name, count, EVENTS);
  const revisionAfter = (position: number) => (position % 7 === 3 ? 1 : 0);
  const before = expected(() => 0);
  const after = expected(revisionAfter);

  function expected(revisionOf: (position: number) => number): number[][] {
    const campaigns = Array.from({ length: count }, (_, i) => campaignAt(name, i, count, revisionOf(i)));
    return documents.map((event) =>
      campaigns.flatMap(({ rule }, position) => (evaluate(rule, event) ? [position] : [])),
    );
  }

  async function matched(matcher: Matcher): Promise<number[][]> {
    const sets: number[][] = [];
    for (const event of documents) {
      const matches = await matcher.match(event);
      sets.push(matches.map(({ id }) => positionOf(id)).sort((a, b) => a - b));
    }
    return sets;
  }

  test("its rules are valid and some of them match", () => {
    for (const { rule } of campaignSource(name, count).campaigns) {
      expect(parseRule(rule)).toMatchObject({ ok: true });
    }
    expect(before.flat().length).toBeGreaterThan(0);
  });

  test.each(ENGINES.filter(({ cannot }) => cannot[name] === undefined))(
    "$name matches what the reference evaluator does, before and after rules change",
    async (engine) => {
      const matcher = engine.build(campaignSource(name, count).campaigns, WORKLOADS[name].arrayFields);
      expect(await matched(matcher)).toEqual(before);
      for (let position = 0; position < count; position++) {
        const revision = revisionAfter(position);
        if (revision > 0) matcher.replace(position, campaignAt(name, position, count, revision));
      }
      expect(await matched(matcher)).toEqual(after);
    },
  );
});

test("the same rules and events come out every time, and in any order", () => {
  for (const name of CASES) {
    const late = campaignAt(name, 37, COUNT);
    campaignAt(name, 5, COUNT);
    expect(campaignAt(name, 37, COUNT)).toEqual(late);
    expect(campaignAt(name, 37, COUNT, 1).rule).not.toEqual(late.rule);
    expect(eventsOf(name, COUNT, EVENTS)).toEqual(eventsOf(name, COUNT, EVENTS));
  }
});

test("an engine that misses one match is found out, and told by name", () => {
  const rules = "as built";
  const sound: Witness = {
    name: "a",
    rules,
    digests: [
      [1, 11],
      [2, 30],
    ],
  };
  const slower: Witness = { name: "b", rules, digests: [[1, 11]] };
  expect(disagreements([slower, sound])).toEqual([]);
  const lines = disagreements([sound, { ...slower, digests: [[1, 12]] }]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("event 0, rules as built: b");
});

test("the fitted exponent is 1 for a scan, 0 for a constant, and in between for a root", () => {
  const sizes = [1_000, 10_000, 100_000, 1_000_000];
  const exponentOf = (cost: (n: number) => number) =>
    fittedExponent(sizes.map((n) => ({ n, cost: cost(n) })));
  expect(exponentOf((n) => 0.02 * n)).toBeCloseTo(1);
  expect(exponentOf(() => 3)).toBeCloseTo(0);
  expect(exponentOf(Math.sqrt)).toBeCloseTo(0.5);
});

test("percentiles are taken from the sorted samples", () => {
  const samples = Float64Array.from({ length: 1_000 }, (_, i) => (i * 7) % 1_000);
  expect(percentiles(samples)).toEqual({ median: 500, p99: 990 });
});

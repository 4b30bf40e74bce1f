import { describe, expect, test } from "vitest";
import { EVENT_STEPS_MAX } from "../../../src/limits.ts";
import { analyze } from "../../../src/rules/analysis/analyze.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import { explain } from "../../../src/rules/evaluation/explain.ts";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { createTools, createWork, TooCostly } from "../../../src/rules/evaluation/work.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";

/*
 * Rules that took seconds an event: within the steps that are allowed, or refused by name, and soon in either case.
 * None of them passes parseRule any more, or not so many of them: they are those of campaigns that were active before.
 */

const each = <Item>(count: number, make: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => make(at));
const matches = (value: string, field = "data.text"): Rule => ({ field, operator: "matches", value });
const event = (data: { [key: string]: unknown }): EventDocument => ({
  id: "1",
  source: "shop",
  type: "order",
  time: "2026-11-21T10:00:00Z",
  data,
});
const campaigns = (rules: readonly Rule[]): Campaign[] =>
  rules.map((rule, at) => ({ id: `c${at}`, version: at + 1, rule, startsAt: null, endsAt: null }));

const LETTERS = "abcdefghijklmnopqrstuvwxyzдежз".repeat(2_000).slice(0, 60_000);

const HOSTILE: [string, Rule[], EventDocument][] = [
  [
    "64 patterns of a hundred letters on a long text",
    [{ and: each(64, (at) => ({ not: matches(`\\pL[\\pL\\pN]{100}\\pP${at}`) })) }],
    event({ text: LETTERS }),
  ],
  [
    "three patterns with a repetition of up to 900",
    each(3, (at) => matches(`(?i)refund.{1,900}word${at}`)),
    event({ text: "refund ".repeat(8_000) }),
  ],
  [
    "300 times some of 255 conditions over 1,600 numbers",
    each(300, (nth) => ({
      some: "data.n",
      where: { or: each(255, (at) => ({ field: ".", operator: "equals", value: -1 - at - 255 * nth })) },
    })),
    event({ n: each(1_600, (at) => at) }),
  ],
  [
    "10,000 texts to look for in 16,000 short ones",
    each(10_000, (at) => ({ field: "data.l", operator: "contains", value: `x${at}` })),
    event({ l: each(16_000, (at) => at.toString(36)) }),
  ],
];

/** Milliseconds of processor time: a bound on work that is far from what any of it takes. */
function milliseconds(run: () => void): number {
  const before = process.threadCpuUsage().user;
  run();
  return (process.threadCpuUsage().user - before) / 1e3;
}

describe.each(HOSTILE)("%s", (_, rules, event) => {
  const error = (run: () => unknown): unknown => {
    try {
      run();
      return undefined;
    } catch (error) {
      return error;
    }
  };

  test("is too costly for the index, which names a campaign", () => {
    const index = createIndex(campaigns(rules));
    let thrown: unknown;
    expect(milliseconds(() => (thrown = error(() => index.match(event))))).toBeLessThan(8_000);
    expect(thrown).toBeInstanceOf(TooCostly);
    const { campaign } = thrown as TooCostly;
    expect(campaigns(rules)).toContainEqual(expect.objectContaining({ ...campaign }));
  });

  test("is too costly for the evaluator and for explain", () => {
    const rule: Rule = { or: rules.slice(0, 256) };
    for (const decide of [evaluate, explain]) {
      const work = createWork(8_000_000);
      let thrown: unknown;
      const time = milliseconds(() => (thrown = error(() => decide(rule, event, createTools(work)))));
      expect(time).toBeLessThan(8_000);
      expect(thrown).toBeInstanceOf(TooCostly);
      expect(work.left).toBeLessThan(0);
    }
  });

  test("and analysis ends, claiming nothing that it has not shown", () => {
    let undecided: readonly string[] = [];
    expect(milliseconds(() => ({ undecided } = analyze(campaigns(rules.slice(0, 20)))))).toBeLessThan(20_000);
    expect(undecided.length).toBeLessThanOrEqual(20);
  });
});

describe("an index that an event was too costly for", () => {
  const cheap = campaigns([...each(40, (at): Rule => ({ field: "data.n", operator: "equals", value: at }))]);
  const costly: Campaign = {
    id: "0193cafe-0000-7000-8000-000000000001",
    version: 7,
    rule: { and: [{ field: "data.n", operator: "equals", value: 3 }, matches("x[^y]{1,900}y")] },
    startsAt: null,
    endsAt: null,
  };
  const one = (data: { [key: string]: unknown }) => event(data);
  const thrownBy = (run: () => unknown): TooCostly => {
    try {
      run();
    } catch (error) {
      if (error instanceof TooCostly) return error;
    }
    throw new Error("was not too costly");
  };

  test("blames the campaign, compiled, scanned, in a group and after changes", () => {
    const grouped: Campaign = { ...costly, rule: { not: { or: [costly.rule, { and: [costly.rule] }] } } };
    for (const guilty of [costly, grouped]) {
      for (const others of [[], cheap.slice(0, 5), cheap]) {
        const index = createIndex([...others, guilty]);
        const blame = () => thrownBy(() => index.match(one({ n: 3, text: LETTERS }))).campaign;
        expect(blame()).toEqual({ id: guilty.id, version: 7 });
        index.upsert({ ...guilty, version: 8 });
        expect(blame()).toEqual({ id: guilty.id, version: 8 });
        for (const campaign of cheap) index.upsert({ ...campaign, id: `later ${campaign.id}` });
        index.compact();
        expect(blame()).toEqual({ id: guilty.id, version: 8 });
        index.remove(guilty.id);
        expect(index.match(one({ n: 3, text: LETTERS })).length).toBe(others.length > 0 ? 2 : 1);
      }
    }
  });

  test("decides the next event as if nothing had been", () => {
    const index = createIndex([...cheap, costly]);
    for (let turn = 0; turn < 3; turn++) {
      thrownBy(() => index.match(one({ n: 3, text: LETTERS })));
      expect(index.match(one({ n: 4 }))).toEqual([{ id: "c4", version: 5 }]);
      expect(
        index
          .match(one({ n: 3, text: "x123y" }))
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual([costly.id, "c3"]);
      expect(index.match(one({ text: "x123y" }))).toEqual([]);
    }
  });

  test("says how much a match took, and takes no more than it is given", () => {
    const index = createIndex([...cheap, costly]);
    index.match(one({ n: 3, text: "x123y" }));
    const { steps } = index;
    expect(steps).toBeGreaterThan(0);
    expect(index.match(one({ n: 3, text: "x123y" }), steps)).toHaveLength(2);
    thrownBy(() => index.match(one({ n: 3, text: "x123y" }), steps - 1));
    expect(EVENT_STEPS_MAX).toBeGreaterThan(steps);
  });
});

test("a range over an array of numbers takes no steps, however many ask it", () => {
  const index = createIndex(
    campaigns(each(5_000, (at) => ({ field: "data.n", operator: "greater_than", value: 20_000 + at }))),
  );
  expect(milliseconds(() => index.match(event({ n: each(16_000, (at) => at) })))).toBeLessThan(1_000);
  expect(index.match(event({ n: [...each(16_000, (at) => at), 20_002.5] }))).toHaveLength(3);
  expect(index.steps).toBe(0);
});

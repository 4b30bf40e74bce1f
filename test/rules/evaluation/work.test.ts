import { describe, expect, test } from "vitest";
import { ACTIVE_SET_STEPS_MAX, BATCH_STEPS_MAX, EVENT_STEPS_MAX } from "../../../src/limits.ts";
import { analyze } from "../../../src/rules/analysis/analyze.ts";
import { activeSteps } from "../../../src/rules/cost/rule-cost.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import { explain } from "../../../src/rules/evaluation/explain.ts";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { createTools, createWork, TooCostly } from "../../../src/rules/evaluation/work.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import { parseRule, type Rule } from "../../../src/rules/language/schema.ts";
import { campaigns as campaignsOf, event } from "../../support/hostile-events.ts";
import { each, HOSTILE, LETTERS, matches } from "../../support/hostile-rules.ts";

const campaigns = (rules: readonly Rule[]): Campaign[] =>
  campaignsOf(rules.length, (at) => rules[at] as Rule);

const thrownBy = (run: () => unknown): TooCostly => {
  try {
    run();
  } catch (error) {
    if (error instanceof TooCostly) return error;
    throw error;
  }
  throw new Error("was not too costly");
};

describe.each(HOSTILE)("$name", ({ rules, data, end }) => {
  test("is refused by name, or decided within what an event may take", () => {
    const refusals = rules.map((rule) => parseRule(rule)).filter(({ ok }) => !ok);
    const steps = rules.reduce((sum, rule) => sum + activeSteps(rule), 0);
    if (end === "too_costly") {
      expect(refusals).toContainEqual({
        ok: false,
        errors: [expect.objectContaining({ code: "too_costly" })],
      });
    } else if (end === "active_set_too_costly") {
      expect(refusals).toEqual([]);
      expect(steps).toBeGreaterThan(ACTIVE_SET_STEPS_MAX);
    } else {
      expect(refusals).toEqual([]);
      expect(steps).toBeLessThanOrEqual(ACTIVE_SET_STEPS_MAX);
      const index = createIndex(campaigns(rules));
      expect(index.match(event(data), BATCH_STEPS_MAX)).toEqual([]);
      expect(index.steps).toBeGreaterThan(EVENT_STEPS_MAX);
    }
  });

  test("was it active before, it takes no more than it is given, and a campaign is named", () => {
    const index = createIndex(campaigns(rules));
    const { campaign } = thrownBy(() => index.match(event(data), 1_000_000));
    expect(campaigns(rules)).toContainEqual(expect.objectContaining({ ...campaign }));
    expect(index.tryMatch(event(data), 1_000_000)).toBeNull();
    expect(index.match(event({}), 1_000_000).length).toBeLessThanOrEqual(rules.length);
  });

  test("is too costly for the evaluator and for explain too", () => {
    const rule: Rule = { or: rules.slice(0, 256) };
    for (const decide of [evaluate, explain]) {
      const work = createWork(1_000_000);
      thrownBy(() => decide(rule, event(data), createTools(work)));
    }
  });

  test("and analysis ends, claiming nothing that it has not shown", () => {
    for (const finding of analyze(campaigns(rules.slice(0, 20))).findings) {
      expect(finding.kind).not.toBe("always_matches");
    }
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

  test("blames the campaign, compiled, scanned, in a group and after changes", () => {
    const grouped: Campaign = { ...costly, rule: { not: { or: [costly.rule, { and: [costly.rule] }] } } };
    for (const guilty of [costly, grouped]) {
      for (const others of [[], cheap.slice(0, 5), cheap]) {
        const index = createIndex([...others, guilty]);
        const blame = () => thrownBy(() => index.match(event({ n: 3, text: LETTERS }))).campaign;
        expect(blame()).toEqual({ id: guilty.id, version: 7 });
        index.upsert({ ...guilty, version: 8 });
        expect(blame()).toEqual({ id: guilty.id, version: 8 });
        for (const campaign of cheap) index.upsert({ ...campaign, id: `later ${campaign.id}` });
        index.compact();
        expect(blame()).toEqual({ id: guilty.id, version: 8 });
        index.remove(guilty.id);
        expect(index.match(event({ n: 3, text: LETTERS })).length).toBe(others.length > 0 ? 2 : 1);
      }
    }
  });

  test("decides the next event as if nothing had been", () => {
    const index = createIndex([...cheap, costly]);
    for (let turn = 0; turn < 3; turn++) {
      thrownBy(() => index.match(event({ n: 3, text: LETTERS })));
      expect(index.match(event({ n: 4 }))).toEqual([{ id: "c4", version: 1 }]);
      expect(
        index
          .match(event({ n: 3, text: "x123y" }))
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual([costly.id, "c3"]);
      expect(index.match(event({ text: "x123y" }))).toEqual([]);
    }
  });

  test("says how much a match took, and takes no more than it is given", () => {
    const index = createIndex([...cheap, costly]);
    index.match(event({ n: 3, text: "x123y" }));
    const { steps } = index;
    expect(steps).toBeGreaterThan(0);
    expect(index.match(event({ n: 3, text: "x123y" }), steps)).toHaveLength(2);
    thrownBy(() => index.match(event({ n: 3, text: "x123y" }), steps - 1));
    expect(EVENT_STEPS_MAX).toBeGreaterThan(steps);
  });
});

test("a range over an array of numbers takes no steps, however many ask it", () => {
  const index = createIndex(
    campaigns(each(5_000, (at) => ({ field: "data.n", operator: "greater_than", value: 20_000 + at }))),
  );
  expect(index.match(event({ n: each(16_000, (at) => at) }))).toEqual([]);
  expect(index.match(event({ n: [...each(16_000, (at) => at), 20_002.5] }))).toHaveLength(3);
  expect(index.steps).toBe(0);
});

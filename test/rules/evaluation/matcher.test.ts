import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import { compileScan } from "../../../src/rules/evaluation/matcher.ts";
import { createWork } from "../../../src/rules/evaluation/work.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { instantOf } from "../../../src/rules/language/time.ts";
import { campaign, event } from "../../support/arbitrary-rules.ts";
import { scanned } from "../../support/scanned.ts";

const always: Rule = { field: "type", operator: "exists" };
const at = (time: string) => ({ id: "1", source: "s", type: "t", time });

test("a campaign's start is inside and its end outside, by the event's own time", () => {
  const startsAt = Date.UTC(2026, 10, 21, 10);
  const match = scanned([{ id: "c", version: 3, rule: always, startsAt, endsAt: startsAt + 1_000 }]);
  expect(match(at("2026-11-21T09:59:59.999Z"))).toEqual([]);
  expect(match(at("2026-11-21T10:00:00Z"))).toEqual([{ id: "c", version: 3 }]);
  expect(match(at("2026-11-21T11:00:00.999+01:00"))).toEqual([{ id: "c", version: 3 }]);
  expect(match(at("2026-11-21T10:00:01Z"))).toEqual([]);
});

test("an event without a valid time is in no campaign that has a start or an end", () => {
  const campaigns = [
    { id: "open", version: 1, rule: always, startsAt: null, endsAt: null },
    { id: "started", version: 1, rule: always, startsAt: -8e15, endsAt: null },
    { id: "ending", version: 1, rule: always, startsAt: null, endsAt: 8e15 },
  ];
  expect(scanned(campaigns)(at("now")).map(({ id }) => id)).toEqual(["open"]);
});

test("matches exactly the campaigns whose rule is true, within their window", () => {
  fc.assert(
    fc.property(fc.array(campaign, { maxLength: 10 }), event, (campaigns, event) => {
      const now = instantOf(event.time);
      const expected = campaigns.filter(
        ({ rule, startsAt, endsAt }) =>
          evaluate(rule, event) &&
          (startsAt === null || now >= startsAt) &&
          (endsAt === null || now < endsAt),
      );
      const matched = scanned(campaigns)(event);
      expect(matched).toHaveLength(expected.length);
      expect(matched).toEqual(expect.arrayContaining(expected.map(({ id, version }) => ({ id, version }))));
    }),
    { numRuns: 1_000 },
  );
});

test("an event tries no campaign whose rarest equality it does not satisfy", () => {
  const campaigns = Array.from({ length: 10 }, (_, at) => ({
    id: `c${at}`,
    version: 1,
    rule: {
      and: [
        { field: "type", operator: "equals", value: "t" },
        { field: "data.text", operator: "contains", value: "z" },
        { field: "data.merchant", operator: "equals", value: `m${at}` },
      ],
    } satisfies Rule,
    startsAt: null,
    endsAt: null,
  }));
  const steps = (tried: typeof campaigns) => {
    const work = createWork(1e9);
    const matches: unknown[] = [];
    const event = { ...at("2026-11-21T10:00:00Z"), data: { text: `${"y".repeat(1_000)}z`, merchant: "m3" } };
    compileScan(tried, work)(event, matches as never[]);
    expect(matches).toEqual([{ id: "c3", version: 1 }]);
    return 1e9 - work.left;
  };
  expect(steps(campaigns)).toBe(steps(campaigns.slice(3, 4)));
  expect(steps(campaigns)).toBeGreaterThan(100);
});

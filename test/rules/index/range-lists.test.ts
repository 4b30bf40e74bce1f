import { expect, test } from "vitest";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { type CampaignIndex, createIndex, loadIndex } from "../../../src/rules/index/campaign-index.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { event, ids } from "../../support/hostile-events.ts";
import { matchesAsScanned } from "../../support/scanned.ts";

/*
 * Campaigns that are left with one bound on one number stand in sorted lists. Thresholds repeat, and events have
 * numbers between them, on them, beyond all of them, several, or none.
 */

const OPERATORS = ["greater_than", "at_least", "less_than", "at_most"] as const;
const THRESHOLDS = [-1e308, -1, -0, 0, 5e-324, 1, 2, 2, 3, 1e308] as const;
const FROM = Date.UTC(2026, 10, 21, 10);

/** Every operator with every threshold, often more than once, on two fields, under two countries or none. */
const campaigns = Array.from({ length: 1_200 }, (_, at): Campaign => {
  const range = {
    field: at % 3 === 0 ? "data.y" : "data.x",
    operator: OPERATORS[at % 4] as (typeof OPERATORS)[number],
    value: THRESHOLDS[(at >>> 2) % 10] as number,
  };
  const country = { field: "data.country", operator: "equals", value: at % 7 === 0 ? "DE" : "FR" } as const;
  const rule = at % 5 === 0 ? range : at % 11 === 0 ? { or: [range, country] } : { and: [country, range] };
  return {
    id: `c${at}`,
    version: 1,
    rule: at % 13 === 0 ? { not: rule } : rule,
    startsAt: at % 17 === 0 ? FROM + (at % 2) : null,
    endsAt: at % 19 === 0 ? FROM + (at % 2) : null,
  };
});

const NUMBERS = [
  ...THRESHOLDS,
  -1e9,
  -0.5,
  0.5,
  1.5,
  2.5,
  1e9,
  [1, 2],
  [3, "3", -1],
  ["2"],
  "2",
  true,
  null,
  [],
];
const events: EventDocument[] = NUMBERS.flatMap((x, at) => [
  event({ country: "DE", x, y: NUMBERS[(at * 7 + 3) % NUMBERS.length] }),
  event({ country: ["FR", "DE"], x: [x, 0.5], y: x }),
  event({ x }),
]);

function agrees(index: CampaignIndex, live: readonly Campaign[]): void {
  expect(matchesAsScanned(index, live, events)).toBeGreaterThan(events.length * 50);
}

test("as many of a list match as the event's number satisfies, whatever happens to the index", () => {
  const index = createIndex(campaigns);
  agrees(index, campaigns);
  const loaded = loadIndex(index.snapshot());
  if (!loaded.ok) throw new Error(loaded.reason);
  agrees(loaded.index, campaigns);

  const live = campaigns.filter((_, at) => at % 6 !== 1);
  for (const [at, { id }] of campaigns.entries()) if (at % 6 === 1) index.remove(id);
  agrees(index, live);
  const changed = live.map((campaign, at) =>
    at % 4 === 0 ? { ...campaign, version: 2, rule: (live[at + 1] ?? campaign).rule } : campaign,
  );
  for (const campaign of changed) if (campaign.version === 2) index.upsert(campaign);
  agrees(index, changed);
  index.compact();
  agrees(index, changed);
  index.compact();
  agrees(index, changed);
});

test("a list is not looked at beyond what matches", () => {
  const index = createIndex(
    Array.from({ length: 5_000 }, (_, at) => ({
      id: `c${at}`,
      version: 1,
      rule: { field: "data.x", operator: "at_least" as const, value: at },
      startsAt: null,
      endsAt: null,
    })),
  );
  expect(index.match(event({ x: 9.5 }))).toHaveLength(10);
  expect(index.candidates).toBe(10);
  expect(new Set(ids(index.match(event({ x: 5_000 }))))).toHaveProperty("size", 5_000);
});

test("several ranges are followed by the buckets that they begin and end in", () => {
  const at = (n: number) => Math.imul(n, 0x9e3779b1) >>> 20; // 0 … 4,095
  const campaigns = Array.from({ length: 1_500 }, (_, n): Campaign => {
    const low = at(3 * n);
    const x =
      n % 3 === 0
        ? ({ field: "data.x", operator: "between", value: [low, low + at(n) / 16] } as const)
        : ({
            field: "data.x",
            operator: OPERATORS[n % 4] as (typeof OPERATORS)[number],
            value: low,
          } as const);
    const y = { field: "data.y", operator: n % 2 ? "at_least" : "at_most", value: at(7 * n + 1) } as const;
    // A range that must not hold says nothing of where the numbers are that the rule wants.
    const refused = { not: { field: "data.x", operator: "at_least", value: low + at(n) / 4 } } as const;
    const rule: Rule = { and: n % 5 === 0 ? [refused, x, y] : [x, y] };
    return { id: `c${n}`, version: 1, rule, startsAt: null, endsAt: null };
  });
  const numbers = Array.from({ length: 60 }, (_, n) => at(3 * n * 25));
  const events = numbers.flatMap((x, n) => [
    event({ x, y: 2_000 }),
    event({ x: [x, numbers[n + 1] ?? -1], y: x }),
    event({ x: [x, "x", 5_000], y: [-1, 1_000] }),
  ]);
  matchesAsScanned(createIndex(campaigns), campaigns, events);
});

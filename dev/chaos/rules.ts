import { WEEKDAYS } from "../../src/decisions/schedule.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { chance, integer, pick, type Random, weighted } from "../random.ts";

export const TYPES = ["purchase", "refund", "login", "page_view", "signup"] as const;
export const TIERS = ["gold", "silver", "bronze"] as const;
export const COUNTRIES = ["DE", "FR", "IT", "JP", "BR"] as const;
export const SKUS = ["A1", "B2", "C3", "D4", "E5"] as const;
/** Events happen in the 30 days from here on. */
export const FIRST_DAY = Date.parse("2025-06-01T00:00:00Z");
export const DAY_MS = 86_400_000;

/** A random rule over the events of workload.ts that many of them satisfy. */
export function makeRule(random: Random): Rule {
  const parts = Array.from({ length: integer(random, 1, 3) }, () => makePart(random));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return chance(random, 0.7) ? { and: parts } : { or: parts };
}

function makePart(random: Random): Rule {
  const amount = integer(random, 1, 250);
  return weighted<() => Rule>(random, [
    [4, () => ({ field: "type", operator: "equals", value: pick(random, TYPES) })],
    [3, () => ({ field: "data.amount", operator: "at_least", value: amount })],
    [2, () => ({ field: "data.amount", operator: "between", value: [amount, amount + 60] })],
    [2, () => ({ field: "data.user.tier", operator: "in", value: [pick(random, TIERS), "gold"] })],
    [2, () => ({ field: "data.country", operator: "not_equals", value: pick(random, COUNTRIES) })],
    [1, () => ({ field: "data.coupon", operator: "missing" })],
    [1, () => ({ not: { field: "data.blocked", operator: "equals", value: true } })],
    [1, () => ({ field: "data.note", operator: "contains", value: pick(random, ["straße", "GIFT", "é"]) })],
    [1, () => ({ field: "subject", operator: "starts_with", value: `customer-${integer(random, 1, 9)}` })],
    [1, () => ({ field: "time", operator: "before", value: dayOf(random) })],
    [1, () => ({ field: "data.last_seen", operator: "within_last", value: `${integer(random, 1, 20)}d` })],
    [
      2,
      () => ({
        some: "data.items",
        where: {
          and: [
            { field: "sku", operator: "equals", value: pick(random, SKUS) },
            { field: "qty", operator: "greater_than", value: integer(random, 0, 3) },
          ],
        },
      }),
    ],
  ])();
}

/** Random gates, by which some matches are not granted; null takes away what the campaign had. */
export function makeGates(random: Random) {
  const zone = pick(random, ["UTC", "Europe/Berlin", "Asia/Kathmandu"]);
  const weekly = [{ days: WEEKDAYS.filter(() => chance(random, 0.6)), from: "20:00", to: "14:00" }];
  return {
    schedule: chance(random, 0.3) && weekly[0]?.days.length ? { zone, weekly } : null,
    sample: chance(random, 0.3) ? { percent: integer(random, 0, 100), salt: pick(random, ["a", "b"]) } : null,
    // The first campaign that names a holdout fixes its percentage: both always have the same.
    holdout: chance(random, 0.3) ? pick(random, HOLDOUTS) : null,
    group: chance(random, 0.4) ? pick(random, ["checkout", "welcome"]) : null,
    priority: integer(random, -1, 1),
  };
}

const HOLDOUTS = [
  { key: "2025", percent: 10 },
  { key: "none", percent: 0 },
];

/** Midnight of one of the days on which events happen. */
export function dayOf(random: Random): string {
  return new Date(FIRST_DAY + integer(random, 0, 29) * DAY_MS).toISOString();
}

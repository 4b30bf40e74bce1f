import type { Condition, Rule } from "../../../src/rules/language/schema.ts";
import { chance, distinct, integer, type Random, randomFor, zipf } from "./random.ts";
import type { Workload } from "./workload.ts";

const RULES = 701;
const EVENTS = 702;

const SEGMENTS = Array.from({ length: 1_000 }, (_, rank) => `segment-${rank}`);
const SKUS = Array.from({ length: 500 }, (_, rank) => `sku-${rank}`);
const TIERS = ["bronze", "silver", "gold", "platinum"];
const SEGMENTS_PER_EVENT = 20;

const sku = zipf(SKUS.length, 0.8);

const drawSegments = (random: Random, count: number) =>
  distinct(count, () => integer(random, 0, SEGMENTS.length - 1)).map((rank) => SEGMENTS[rank] ?? "");

/** W7: arrays, where a field has many values at once, and conditions tied to one element of an array. */
export const w7: Workload = {
  summary: "a segment of 1,000 (20 an event), half the rules with `some` over a basket of 1 to 5 items",
  arrayFields: new Set(["data.segments"]),
  rule(position, _count, revision = 0) {
    const random = randomFor(RULES, position, revision);
    return {
      and: [
        drawSegmentCondition(random),
        { field: "data.tier", operator: "equals", value: TIERS[integer(random, 0, 3)] ?? "" },
        ...(chance(random, 0.5) ? [drawBasketCondition(random)] : []),
        ...(chance(random, 0.2) ? [drawExclusion(random)] : []),
      ],
    };
  },
  data(position) {
    const random = randomFor(EVENTS, position);
    return {
      segments: drawSegments(random, SEGMENTS_PER_EVENT),
      tier: TIERS[integer(random, 0, 3)],
      items: Array.from({ length: integer(random, 1, 5) }, () => ({
        sku: SKUS[sku(random)],
        quantity: integer(random, 1, 10),
        price: integer(random, 100, 50_000) / 100,
      })),
    };
  },
};

function drawSegmentCondition(random: Random): Condition {
  const field = "data.segments";
  const [first = "", ...others] = drawSegments(random, chance(random, 0.7) ? 1 : integer(random, 2, 5));
  return others.length === 0
    ? { field, operator: "equals", value: first }
    : { field, operator: "in", value: [first, ...others] };
}

function drawExclusion(random: Random): Condition {
  return { field: "data.segments", operator: "not_equals", value: drawSegments(random, 1)[0] ?? "" };
}

function drawBasketCondition(random: Random): Rule {
  return {
    some: "data.items",
    where: {
      and: [
        { field: "sku", operator: "equals", value: SKUS[sku(random)] ?? "" },
        { field: "quantity", operator: "at_least", value: integer(random, 1, 8) },
      ],
    },
  };
}

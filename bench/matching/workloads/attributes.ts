import type { Condition } from "../../../src/rules/language/schema.ts";
import { distinct, integer, type Random, zipf } from "./random.ts";

/**
 * The 50 attributes that W2 to W4, W6, W9 and W10 share: of popularity Zipf 0.6, every fifth one numeric
 * (0 to 10,000), the others strings whose number of values cycles through CARDINALITIES and whose values are
 * Zipf 0.8. All value strings are made once and shared, so that a rule's own size is what is measured.
 */
export interface Attribute {
  readonly key: string;
  readonly field: string;
  /** Undefined for a numeric attribute. */
  readonly values: readonly string[] | undefined;
  readonly rank: (random: Random) => number;
}

const COUNT = 50;
const CARDINALITIES = [5, 30, 50, 200, 500, 1_000, 2_000, 10_000];
const NUMBER_MAX = 10_000;

const ranks = new Map(CARDINALITIES.map((cardinality) => [cardinality, zipf(cardinality, 0.8)]));

export const ATTRIBUTES: readonly Attribute[] = Array.from({ length: COUNT }, (_, position) => {
  const key = `attribute${position}`;
  const numeric = position % 5 === 4;
  const cardinality = CARDINALITIES[position % CARDINALITIES.length] ?? 5;
  return {
    key,
    field: `data.${key}`,
    values: numeric
      ? undefined
      : Array.from({ length: cardinality }, (_, rank) => `value-${position}-${rank}`),
    rank: ranks.get(cardinality) ?? (() => 0),
  };
});

const popularity = zipf(COUNT, 0.6);

/** `count` different attributes, the popular ones more often. */
export function drawAttributes(random: Random, count: number): readonly Attribute[] {
  if (count >= COUNT) return ATTRIBUTES;
  return distinct(count, () => popularity(random)).map((position) => ATTRIBUTES[position] as Attribute);
}

function drawNumber(random: Random): number {
  return integer(random, 0, NUMBER_MAX * 100) / 100;
}

export function drawValue(random: Random, { values, rank }: Attribute): string | number {
  return values === undefined ? drawNumber(random) : (values[rank(random)] ?? "");
}

/** Shares of the operators on a categorical attribute; what remains is `not_equals`. */
export interface Mix {
  readonly equals: number;
  readonly in: number;
}

export const W2_MIX: Mix = { equals: 0.7, in: 0.2 };

/** One condition on an attribute: a one-sided or 5 % wide range, or equals, in (2 to 7 values), not_equals. */
export function drawCondition(random: Random, attribute: Attribute, mix: Mix = W2_MIX): Condition {
  const { field, values, rank } = attribute;
  const share = random();
  if (values === undefined) {
    if (share < 0.4) return { field, operator: "at_least", value: drawNumber(random) };
    if (share < 0.7) return { field, operator: "at_most", value: drawNumber(random) };
    const low = integer(random, 0, NUMBER_MAX * 95) / 100;
    return { field, operator: "between", value: [low, low + NUMBER_MAX * 0.05] };
  }
  if (share >= mix.equals && share < mix.equals + mix.in) {
    // An attribute of five values has no seven different ones.
    const several = Math.min(integer(random, 2, 7), values.length - 1);
    return {
      field,
      operator: "in",
      value: distinct(several, () => rank(random)).map((r) => values[r] ?? ""),
    };
  }
  const value = values[rank(random)] ?? "";
  return { field, operator: share < mix.equals ? "equals" : "not_equals", value };
}

/** Event data with `count` of the attributes. */
export function drawData(random: Random, count: number): Record<string, unknown> {
  return Object.fromEntries(
    drawAttributes(random, count).map((attribute) => [attribute.key, drawValue(random, attribute)]),
  );
}

import type { Condition } from "../../../src/rules/language/schema.ts";
import { chance, distinct, integer, type Random, randomFor } from "./random.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 501;
const EVENTS = 502;
const ATTRIBUTES = 20;
const KEYS = Array.from({ length: ATTRIBUTES }, (_, position) => `measure${position}`);
const FIELDS = KEYS.map((key) => `data.${key}`);

const drawNumber = (random: Random) => integer(random, 0, 1_000_000) / 100;

/** W5: one-sided ranges only. Half of all rules pass any one condition, so no key narrows; 1 in 32 matches. */
export const w5: Workload = {
  summary: "5 of 20 numeric attributes, one-sided ranges; events of 20 attributes",
  arrayFields: NO_ARRAYS,
  rule(position, _count, revision = 0) {
    const random = randomFor(RULES, position, revision);
    const attributes = distinct(5, () => integer(random, 0, ATTRIBUTES - 1));
    return {
      and: attributes.map(
        (attribute): Condition => ({
          field: FIELDS[attribute] ?? "",
          operator: chance(random, 0.5) ? "at_least" : "at_most",
          value: drawNumber(random),
        }),
      ),
    };
  },
  data(position) {
    const random = randomFor(EVENTS, position);
    return Object.fromEntries(KEYS.map((key) => [key, drawNumber(random)]));
  },
};

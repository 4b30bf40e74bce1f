import type { Condition } from "../../../src/rules/language/schema.ts";
import { distinct, integer, type Random, randomFor } from "./random.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 1101;
const EVENTS = 1102;
const KEYS = Array.from({ length: 8 }, (_, position) => `f${position}`);
const VALUES = Array.from({ length: 24 }, (_, value) => `v${value}`);
const LISTED = 8;
const KINDS = 20;

/** Half of the rules list 8 of 16 values on each of 8 fields, half ask for a kind and 8 of 24 values on 4 fields. */
const isWide = (position: number) => position % 2 === 0;

function oneOf(random: Random, key: string, values: number): Condition {
  const ranks = distinct(LISTED, () => integer(random, 0, values - 1));
  return { field: `data.${key}`, operator: "in", value: ranks.map((rank) => VALUES[rank] ?? "") };
}

/**
 * W11: rules made to be copied. Nothing but short lists narrows them, and an index that kept each rule under every
 * listed value on every level would hold it eight to the power of eight times.
 */
export const w11: Workload = {
  summary: "8 × in 8 of 16, or one of 20 kinds and 4 × in 8 of 24; events of 9 attributes",
  arrayFields: NO_ARRAYS,
  rule(position, _count, revision = 0) {
    const random = randomFor(RULES, position, revision);
    if (isWide(position)) return { and: KEYS.map((key) => oneOf(random, key, 16)) };
    const kind = {
      field: "data.kind",
      operator: "equals",
      value: `k${integer(random, 0, KINDS - 1)}`,
    } as const;
    return { and: [kind, ...KEYS.slice(0, 4).map((key) => oneOf(random, key, 24))] };
  },
  data(position) {
    const random = randomFor(EVENTS, position);
    return {
      kind: `k${integer(random, 0, KINDS - 1)}`,
      ...Object.fromEntries(KEYS.map((key) => [key, VALUES[integer(random, 0, 15)]])),
    };
  },
};

import type { Condition } from "../../../src/rules/language/schema.ts";
import { drawData } from "./attributes.ts";
import { randomFor } from "./random.ts";
import { drawConditions } from "./w2.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 401;
const EVENTS = 402;

const SHARED: readonly Condition[] = [
  { field: "data.channel", operator: "equals", value: "web" },
  { field: "data.currency", operator: "equals", value: "EUR" },
];

/** W4: every rule begins with the same two conditions, and every event satisfies them: an index on them is useless. */
export const w4: Workload = {
  summary: "W2 without not_equals, plus two conditions that every rule shares and every event satisfies",
  arrayFields: NO_ARRAYS,
  rule: (position, _count, revision = 0) => ({
    and: [...SHARED, ...drawConditions(randomFor(RULES, position, revision), { equals: 7 / 9, in: 2 / 9 })],
  }),
  data: (position) => ({ channel: "web", currency: "EUR", ...drawData(randomFor(EVENTS, position), 20) }),
};

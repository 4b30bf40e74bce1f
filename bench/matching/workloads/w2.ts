import type { Condition } from "../../../src/rules/language/schema.ts";
import { drawAttributes, drawCondition, drawData, type Mix } from "./attributes.ts";
import { integer, type Random, randomFor } from "./random.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 201;
const EVENTS = 202;

/** Two to eight conditions on different attributes. */
export function drawConditions(random: Random, mix?: Mix): Condition[] {
  return drawAttributes(random, integer(random, 2, 8)).map((attribute) =>
    drawCondition(random, attribute, mix),
  );
}

/** W2: many attributes of mixed popularity and cardinality, so that no one of them narrows every rule. */
export function w2(attributesPerEvent: number): Workload {
  return {
    summary: `2 to 8 conditions over 50 attributes of mixed cardinality; events of ${attributesPerEvent} attributes`,
    arrayFields: NO_ARRAYS,
    rule: (position, _count, revision = 0) => ({
      and: drawConditions(randomFor(RULES, position, revision)),
    }),
    data: (position) => drawData(randomFor(EVENTS, position), attributesPerEvent),
  };
}

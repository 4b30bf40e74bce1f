import type { Evidence } from "../history.ts";
import { catalogueOf } from "./catalogue.ts";
import { checkCounters } from "./counters.ts";
import { checkDecisions } from "./decisions.ts";
import { checkOutcomes } from "./outcomes.ts";
import { checkUniqueness } from "./uniqueness.ts";
import type { Violation } from "./violation.ts";

/** Every promise that the evidence proves broken. Pure: it sees nothing but what was written down. */
export function check(evidence: Evidence): Violation[] {
  return [
    ...checkOutcomes(evidence, catalogueOf(evidence.contents)),
    ...checkUniqueness(evidence.stored),
    ...checkDecisions(evidence),
    ...checkCounters(evidence),
  ];
}

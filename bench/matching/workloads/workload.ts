import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import type { Rule } from "../../../src/rules/language/schema.ts";

/** Rules and events of one case. Everything is a pure function of its arguments: nothing is kept, nothing grows. */
export interface Workload {
  /** What makes this case hard, in one line. */
  readonly summary: string;
  /** Fields that hold arrays, for peers whose language tells arrays from scalars. */
  readonly arrayFields: ReadonlySet<string>;
  /** Rule `position` of `count`. A later `revision` is another rule in its place. */
  rule(position: number, count: number, revision?: number): Rule;
  /** The `data` of event `position`, when there are `count` campaigns. */
  data(position: number, count: number): Record<string, unknown>;
}

/** So many different events that no branch predictor or cache learns them. */
export const EVENTS = 4_096;

export const NO_ARRAYS: ReadonlySet<string> = new Set();

const STARTED = Date.UTC(2026, 10, 21, 10);

/** Event `position` of a workload, as the consumer sees it after parsing. */
export function eventOf(workload: Workload, position: number, count: number): EventDocument {
  return {
    id: `event-${position}`,
    source: "bench",
    type: "purchase",
    subject: `customer-${position % 1_000}`,
    time: new Date(STARTED + position * 1_000).toISOString(),
    data: workload.data(position, count),
  };
}

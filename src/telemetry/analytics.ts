/**
 * Points for Workers Analytics Engine: one a request, one a batch. docs/operations/analytics.md has the layout with
 * queries. Points that were written keep their layout, so fields are only ever added at the end. Nothing in them is
 * personal.
 */

/** As the platform takes it (`AnalyticsEngineDataPoint`). */
export interface Point {
  readonly indexes: [string];
  readonly blobs: string[];
  readonly doubles: number[];
}

/** The part of the platform's `AnalyticsEngineDataset` that is used. */
export interface Dataset {
  writeDataPoint(point: Point): void;
}

export interface RequestFacts {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly caller: string;
  /** Why it was refused or failed: a problem's code or a refusal's reason. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly eventsAccepted: number;
  readonly eventsRejected: number;
}

export interface BatchFacts {
  readonly queue: string;
  /** `decided`, or the class of failure for which its messages were retried. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly messages: number;
  readonly events: number;
  readonly inserted: number;
  readonly matched: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly erased: number;
  readonly deadLetters: number;
}

export const requestPoint = (facts: RequestFacts): Point => ({
  indexes: [facts.route],
  blobs: ["request", facts.method, facts.route, String(facts.status), facts.caller, facts.outcome],
  doubles: [facts.durationMs, facts.eventsAccepted, facts.eventsRejected],
});

export const batchPoint = (facts: BatchFacts): Point => ({
  indexes: [facts.queue],
  blobs: ["batch", facts.queue, facts.outcome],
  doubles: [
    facts.durationMs,
    facts.messages,
    facts.events,
    facts.inserted,
    facts.matched,
    facts.duplicates,
    facts.conflicts,
    facts.erased,
    facts.deadLetters,
  ],
});

/** Writes a point if there is a dataset. Never throws: nothing depends on it. */
export function writePoint(dataset: Dataset | undefined, point: Point): void {
  try {
    dataset?.writeDataPoint(point);
  } catch {
    // More points than the platform takes, or no such dataset.
  }
}

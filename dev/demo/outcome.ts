/** What a replay finds, for the report. */
import type { Explanation } from "../../src/rules/evaluation/explain.ts";
import type { Rule } from "../../src/rules/language/rule.ts";

/**
 * The decision that is explained at the end: a nested rule with an array, of which some conditions hold and some do
 * not.
 */
export const EXAMPLE = { campaign: "Build needs a human", event: "workflow_job-02" } as const;

export interface CampaignResult {
  readonly name: string;
  readonly rule: Rule;
  /** Event ids, as recorded and as counted independently, both sorted. A list that holds one twice is wrong. */
  readonly matched: readonly string[];
  readonly expected: readonly string[];
}

export interface ReplayOutcome {
  readonly results: readonly CampaignResult[];
  /** From the first event received to the last one decided. */
  readonly seconds: number;
  readonly explanation: Explanation;
  /** Faults other than wrong matches of a campaign; empty when there are none. */
  readonly faults: readonly string[];
}

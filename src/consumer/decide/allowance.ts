import {
  ALONE_EVENT_STEPS_MAX,
  BATCH_STEPS_MAX,
  BATCHED_EVENT_STEPS_MAX,
  BLAME_STEPS,
} from "../../limits.ts";
import type { EventDocument } from "../../rules/evaluation/event.ts";
import type { CampaignMatch } from "../../rules/evaluation/matcher.ts";
import { TooCostly } from "../../rules/evaluation/work.ts";
import type { CampaignIndex } from "../../rules/index/campaign-index.ts";

/** How much work (rules/evaluation/work.ts) matching may take, in steps. */
export interface StepLimits {
  /** An event, while others wait for it. */
  readonly together: number;
  /** An event that is decided alone. */
  readonly alone: number;
  /** All events of a batch. */
  readonly batch: number;
  /** An event for which nothing is left, so that it can be told which campaign is to blame. */
  readonly blame: number;
}

export const STEP_LIMITS: StepLimits = {
  together: BATCHED_EVENT_STEPS_MAX,
  alone: ALONE_EVENT_STEPS_MAX,
  batch: BATCH_STEPS_MAX,
  blame: BLAME_STEPS,
};

/** What the events of a batch may still take. */
export interface Allowance {
  readonly limits: StepLimits;
  left: number;
}

export function createAllowance(limits: StepLimits = STEP_LIMITS): Allowance {
  return { limits, left: limits.batch };
}

/** What an event matches, or null when it takes more than it may while others wait. */
export function matchTogether(
  index: CampaignIndex,
  event: EventDocument,
  allowance: Allowance,
): CampaignMatch[] | null {
  const matches = index.tryMatch(event, Math.max(0, Math.min(allowance.limits.together, allowance.left)));
  allowance.left -= index.steps;
  return matches;
}

/** What an event matches, or `aside`, the campaign that is to blame when it takes more than any event may. */
export function matchAlone(
  index: CampaignIndex,
  event: EventDocument,
  allowance: Allowance,
): CampaignMatch[] | { readonly aside: CampaignMatch | null } {
  const { alone, blame } = allowance.limits;
  try {
    return index.match(event, Math.max(blame, Math.min(alone, allowance.left)));
  } catch (error) {
    if (error instanceof TooCostly) return { aside: error.campaign };
    throw error;
  } finally {
    allowance.left -= index.steps;
  }
}

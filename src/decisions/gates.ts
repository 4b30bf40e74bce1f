import type { Gates } from "./outcome.ts";
import type { Holdout } from "./sample.ts";
import { compileSchedule, type IsInSchedule, type Schedule } from "./schedule.ts";

/** What a campaign asks beside its window and its rule, as it is stored with each version: only what is used. */
export interface CampaignGates {
  readonly schedule?: Schedule;
  /** Without a salt the campaign's id is it. */
  readonly sample?: { readonly percent: number; readonly salt?: string | undefined };
  readonly holdout?: Holdout;
  readonly group?: string;
  /** In its group the highest wins; 0 where it is not said. */
  readonly priority?: number;
}

/** Gates to change; null takes one away. */
export type GatesChange = { readonly [Gate in keyof CampaignGates]: CampaignGates[Gate] | null };

/** Those gates that a campaign has after a change. */
export function changedGates(before: CampaignGates, change: GatesChange): CampaignGates {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, gate]) => gate !== null));
}

export interface CompiledGates extends Gates {
  /** Null for one that is always open. */
  readonly isInSchedule: IsInSchedule | null;
}

/** @throws RangeError for a schedule in a zone that the platform does not know */
export function compileGates(campaignId: string, gates: CampaignGates): CompiledGates {
  const { schedule, sample, holdout, group, priority } = gates;
  return {
    isInSchedule: schedule === undefined ? null : compileSchedule(schedule),
    sample: sample === undefined ? null : { percent: sample.percent, salt: sample.salt ?? campaignId },
    holdout: holdout ?? null,
    group: group ?? null,
    priority: priority ?? 0,
  };
}

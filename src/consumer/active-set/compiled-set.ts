import { type CampaignGates, type CompiledGates, compileGates } from "../../decisions/gates.ts";
import { type Candidate, type DecidedMatch, decideOutcomes, GRANTED } from "../../decisions/outcome.ts";
import type { EventDocument } from "../../rules/evaluation/event.ts";
import type { CampaignMatch } from "../../rules/evaluation/matcher.ts";
import type { CampaignIndex } from "../../rules/index/campaign-index.ts";
import { instantOf } from "../../rules/language/time.ts";
import type { StoredGates } from "./snapshot-body.ts";

/** The active campaigns of one epoch, ready to decide. */
export interface CompiledSet {
  readonly epoch: number;
  /** Finds the campaigns whose window and rule an event meets. */
  readonly index: CampaignIndex;
  /** What becomes of an event's matches; those outside their schedule are none. */
  readonly decide: (event: EventDocument, matches: readonly CampaignMatch[]) => DecidedMatch[];
}

/** The gates of those campaigns that have any. */
export interface GatesOfCampaigns {
  get(campaignId: string): CompiledGates | undefined;
  set(campaignId: string, gates: CampaignGates): void;
  remove(campaignId: string): void;
  /** As they were set. */
  stored(): StoredGates;
}

export function createGates(): GatesOfCampaigns {
  const byCampaign = new Map<string, { readonly stored: CampaignGates; readonly compiled: CompiledGates }>();
  return {
    get: (id) => byCampaign.get(id)?.compiled,
    set(id, stored) {
      if (Object.keys(stored).length === 0) byCampaign.delete(id);
      else byCampaign.set(id, { stored, compiled: compileGates(id, stored) });
    },
    remove: (id) => void byCampaign.delete(id),
    stored: () => [...byCampaign].map(([id, { stored }]) => [id, stored]),
  };
}

export const compiledSet = (epoch: number, index: CampaignIndex, gates: GatesOfCampaigns): CompiledSet => ({
  epoch,
  index,
  decide: (event, matches) => decide(event, matches, gates),
});

function decide(
  event: EventDocument,
  matches: readonly CampaignMatch[],
  gates: GatesOfCampaigns,
): DecidedMatch[] {
  const decided: DecidedMatch[] = [];
  const candidates: Candidate[] = [];
  for (const { id, version } of matches) {
    const own = gates.get(id);
    if (own === undefined) decided.push({ id, version, ...GRANTED });
    else if (own.isInSchedule?.(instantOf(event.time)) !== false) candidates.push({ id, version, ...own });
  }
  if (candidates.length > 0) decided.push(...decideOutcomes(event.subject ?? null, candidates));
  return decided;
}

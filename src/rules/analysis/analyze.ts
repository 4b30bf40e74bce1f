import { ANALYSIS_PAIRS_MAX, ANALYSIS_STEPS_MAX } from "../../limits.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { EventDocument } from "../evaluation/event.ts";
import type { Campaign, CampaignMatch } from "../evaluation/matcher.ts";
import { TooCostly } from "../evaluation/work.ts";
import { type CampaignIndex, createIndex } from "../index/campaign-index.ts";
import type { Rule } from "../language/rule.ts";
import { type Budget, createBudget } from "./budget.ts";
import { satisfy } from "./satisfy.ts";

/**
 * Something certain about a set of campaigns. `proof` says which conditions contradict each other in every way
 * the claim could be wrong; a witness is an event for which `evaluate` confirms what is said of it.
 */
export type Finding =
  | { readonly kind: "never_matches"; readonly id: string; readonly proof: readonly string[] }
  | {
      readonly kind: "always_matches";
      readonly id: string;
      readonly proof: readonly string[];
      readonly witness: EventDocument;
    }
  /** Both match exactly the same events, the witness among them. */
  | {
      readonly kind: "duplicates";
      readonly id: string;
      readonly other: string;
      readonly proof: readonly string[];
      readonly witness: EventDocument;
    }
  /** `by` matches every event that `id` matches, the witness among them, and more: `beyond`, when one was found. */
  | {
      readonly kind: "covered";
      readonly id: string;
      readonly by: string;
      readonly proof: readonly string[];
      readonly witness: EventDocument;
      readonly beyond: EventDocument | null;
    };

export interface Analysis {
  readonly findings: readonly Finding[];
  /** Campaigns for which it was not shown whether they can match; nothing is claimed about them but by luck. */
  readonly undecided: readonly string[];
  /** False when pairs or work exceeded their limits: then findings may be missing, none is wrong. */
  readonly complete: boolean;
}

/**
 * What can be said for certain about campaigns (with different ids): which can never match, which always do,
 * which are duplicates, which are covered by another.
 *
 * What it does not decide: whether a pattern can match a text, or implies another, unless they are the same;
 * conditions on text beyond "begins with what begins with"; times as text; whether a version, an address, a length
 * or a text is left between several bounds; what two conditions inside `some`
 * imply together; a campaign covered by several others together; rules with more than 256 ways of being true,
 * where only some are looked at. It then says nothing.
 */
export function analyze(campaigns: readonly Campaign[]): Analysis {
  const findings: Finding[] = [];
  const undecided: string[] = [];
  const budget = createBudget(ANALYSIS_STEPS_MAX);
  const possible: { readonly campaign: Campaign; readonly witness: EventDocument }[] = [];
  for (const campaign of campaigns) {
    const own = satisfy(campaign.rule, budget);
    if (hasEmptyWindow(campaign)) {
      findings.push({ kind: "never_matches", id: campaign.id, proof: ["it ends when it starts, or before"] });
    } else if (own.kind === "never") {
      findings.push({ kind: "never_matches", id: campaign.id, proof: own.reasons });
    } else if (own.kind === "undecided") {
      undecided.push(campaign.id);
    } else {
      possible.push({ campaign, witness: own.witness });
      const opposite = satisfy({ not: campaign.rule }, budget);
      if (opposite.kind === "never" && campaign.startsAt === null && campaign.endsAt === null) {
        const { witness } = own;
        findings.push({ kind: "always_matches", id: campaign.id, proof: opposite.reasons, witness });
      }
    }
  }
  const compared = comparePairs(possible, findings, budget);
  return { findings, undecided, complete: compared && budget.work.left > 0 };
}

/**
 * Only a campaign that matches another's witness can cover it, and the index finds those: so few pairs of many
 * are compared.
 */
function comparePairs(
  possible: readonly { readonly campaign: Campaign; readonly witness: EventDocument }[],
  findings: Finding[],
  budget: Budget,
): boolean {
  const byId = new Map(possible.map(({ campaign }) => [campaign.id, campaign]));
  const index = createIndex(possible.map(({ campaign }) => ({ ...campaign, startsAt: null, endsAt: null })));
  const compared = new Set<string>();
  let pairs = 0;
  for (const { campaign, witness } of possible) {
    const matches = found(index, witness, budget);
    if (matches === undefined) return false;
    for (const { id } of matches) {
      const other = byId.get(id);
      if (other === undefined || other === campaign || compared.has(`${id}\0${campaign.id}`)) continue;
      if (++pairs > ANALYSIS_PAIRS_MAX || budget.work.left <= 0) return false;
      const finding = compare(campaign, other, witness, budget);
      if (finding === null) continue;
      if (finding.kind === "duplicates") compared.add(`${campaign.id}\0${id}`);
      findings.push(finding);
    }
  }
  return true;
}

/** Whether `other` covers `campaign`, or is the same. */
function compare(
  campaign: Campaign,
  other: Campaign,
  witness: EventDocument,
  budget: Budget,
): Finding | null {
  if (!isWithin(campaign, other)) return null;
  const beyondOther = satisfy(withoutOther(campaign.rule, other.rule), budget);
  if (beyondOther.kind !== "never") return null;
  const back = satisfy(withoutOther(other.rule, campaign.rule), budget);
  if (back.kind === "never" && isWithin(other, campaign)) {
    const proof = [...beyondOther.reasons, ...back.reasons];
    return { kind: "duplicates", id: campaign.id, other: other.id, proof, witness };
  }
  const beyond = back.kind === "possible" && isOutside(campaign, back.witness, budget) ? back.witness : null;
  return { kind: "covered", id: campaign.id, by: other.id, proof: beyondOther.reasons, witness, beyond };
}

/** Whether a campaign is shown not to match an event. */
function isOutside({ rule }: Campaign, event: EventDocument, { tools }: Budget): boolean {
  try {
    return !evaluate(rule, event, tools);
  } catch (error) {
    if (error instanceof TooCostly) return false;
    throw error;
  }
}

/** What the index finds of an event; undefined when that takes more work than is left. */
function found(
  index: CampaignIndex,
  event: EventDocument,
  { work }: Budget,
): readonly CampaignMatch[] | undefined {
  if (work.left <= 0) return undefined;
  try {
    return index.match(event, work.left);
  } catch (error) {
    if (error instanceof TooCostly) return undefined;
    throw error;
  } finally {
    work.left -= index.steps;
  }
}

function withoutOther(rule: Rule, other: Rule): Rule {
  return { and: [rule, { not: other }] };
}

function hasEmptyWindow({ startsAt, endsAt }: Campaign): boolean {
  return startsAt !== null && endsAt !== null && startsAt >= endsAt;
}

/** Whether every instant of one campaign's window is in the other's. */
function isWithin(campaign: Campaign, other: Campaign): boolean {
  return (
    (other.startsAt === null || (campaign.startsAt !== null && campaign.startsAt >= other.startsAt)) &&
    (other.endsAt === null || (campaign.endsAt !== null && campaign.endsAt <= other.endsAt))
  );
}

import { bucketOf, type Holdout, holdoutBucketOf, isWithin, type Sample } from "./sample.ts";

/** What became of a match. Only `granted` has effects. */
export const OUTCOMES = ["granted", "held_out", "not_in_sample", "outranked"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a match was not granted. */
export type Evidence =
  | { readonly reason: "no_subject" }
  | { readonly bucket: number; readonly percent: number }
  | { readonly holdout: string; readonly bucket: number; readonly percent: number }
  | { readonly group: string; readonly outranked_by: string };

/** The gates of a campaign that come after its rule; null where it has none. */
export interface Gates {
  readonly sample: Sample | null;
  readonly holdout: Holdout | null;
  readonly group: string | null;
  /** In its group the highest wins. */
  readonly priority: number;
}

/** A campaign, at a version, whose window, schedule and rule an event meets. */
export interface Candidate extends Gates {
  readonly id: string;
  readonly version: number;
}

export interface DecidedMatch {
  readonly id: string;
  readonly version: number;
  readonly outcome: Outcome;
  /** Null when granted. */
  readonly evidence: Evidence | null;
}

export const GRANTED = { outcome: "granted", evidence: null } as const;

/**
 * What becomes of the matches of one event: each campaign's sample and holdout are asked, and of those of a group
 * that are left the one with the highest priority is granted, of equal ones the one with the smallest id.
 */
export function decideOutcomes(subject: string | null, candidates: readonly Candidate[]): DecidedMatch[] {
  const winners = new Map<string, Candidate>();
  const suppressed = candidates.map((candidate) => {
    const population = askSample(subject, candidate) ?? askHoldout(subject, candidate);
    if (population === undefined && candidate.group !== null) {
      const winner = winners.get(candidate.group);
      if (winner === undefined || isAbove(candidate, winner)) winners.set(candidate.group, candidate);
    }
    return population;
  });
  return candidates.map((candidate, position) => ({
    id: candidate.id,
    version: candidate.version,
    ...(suppressed[position] ?? askGroup(candidate, winners) ?? GRANTED),
  }));
}

type Suppressed = Pick<DecidedMatch, "outcome" | "evidence"> | undefined;

function askSample(subject: string | null, { sample }: Gates): Suppressed {
  if (sample === null) return undefined;
  if (subject === null) return { outcome: "not_in_sample", evidence: { reason: "no_subject" } };
  const { percent, salt } = sample;
  const bucket = bucketOf(salt, subject);
  return isWithin(percent, bucket) ? undefined : { outcome: "not_in_sample", evidence: { bucket, percent } };
}

/** Nobody without a subject can be held out of anything. */
function askHoldout(subject: string | null, { holdout }: Gates): Suppressed {
  if (holdout === null || subject === null) return undefined;
  const { key, percent } = holdout;
  const bucket = holdoutBucketOf(holdout, subject);
  return isWithin(percent, bucket)
    ? { outcome: "held_out", evidence: { holdout: key, bucket, percent } }
    : undefined;
}

function askGroup({ id, group }: Candidate, winners: ReadonlyMap<string, Candidate>): Suppressed {
  const winner = group === null ? undefined : winners.get(group);
  if (group === null || winner === undefined || winner.id === id) return undefined;
  return { outcome: "outranked", evidence: { group, outranked_by: winner.id } };
}

const isAbove = (a: Candidate, b: Candidate): boolean =>
  a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;

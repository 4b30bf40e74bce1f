import type { CampaignMatch } from "../../src/rules/matcher.ts";
import { positionOf } from "./prepared.ts";
import { mixed } from "./workloads/random.ts";

/** What one event matched, small enough to compare between processes: how many, and a sum that ignores order. */
export type Digest = readonly [count: number, sum: number];

export function digestOf(matches: readonly CampaignMatch[]): Digest {
  let sum = 0;
  for (const { id, version } of matches) sum += mixed(positionOf(id) * 31 + version) >>> 0;
  return [matches.length, sum];
}

export interface Witness {
  readonly engine: string;
  /** One digest an event, from the first event on; a slow engine has fewer. */
  readonly digests: readonly Digest[];
}

/**
 * Compares every engine with the one that answered the most events. Returns a line for each that differs, naming
 * the first event on which it does.
 */
export function disagreements(witnesses: readonly Witness[]): string[] {
  const [reference, ...others] = witnesses.toSorted((a, b) => b.digests.length - a.digests.length);
  if (reference === undefined) return [];
  return others.flatMap(({ engine, digests }) => {
    const event = digests.findIndex(([count, sum], position) => {
      const expected = reference.digests[position];
      return expected === undefined || expected[0] !== count || expected[1] !== sum;
    });
    if (event === -1) return [];
    return `event ${event}: ${engine} matches ${digests[event]?.[0]}, ${reference.engine} ${reference.digests[event]?.[0]} campaigns, and not the same ones`;
  });
}

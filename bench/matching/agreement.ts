import type { CampaignMatch } from "../../src/rules/evaluation/matcher.ts";
import { positionOf } from "./prepared.ts";
import { mixed } from "./workloads/random.ts";

/** A digest of what one event matched, to compare between processes: how many, and a sum that ignores order. */
export type Digest = readonly [count: number, sum: number];

export function digestOf(matches: readonly CampaignMatch[]): Digest {
  let sum = 0;
  for (const { id, version } of matches) sum += mixed(positionOf(id) * 31 + version) >>> 0;
  return [matches.length, sum];
}

export interface Witness {
  /** The engine, and what was done to it after it was built, if anything: "campaign-manager from its snapshot". */
  readonly name: string;
  /** Which rules it had: only witnesses of the same rules are compared. */
  readonly rules: "as built" | "changed";
  /** One digest an event, from the first event on; a slow engine has fewer. */
  readonly digests: readonly Digest[];
}

/**
 * Compares every witness with the one of the same rules that answered the most events. Returns a line for each that
 * differs, naming the first event on which it does.
 */
export function disagreements(witnesses: readonly Witness[]): string[] {
  return (["as built", "changed"] as const).flatMap((rules) => {
    const [reference, ...others] = witnesses
      .filter((witness) => witness.rules === rules)
      .toSorted((a, b) => b.digests.length - a.digests.length);
    return reference === undefined ? [] : others.flatMap((other) => difference(reference, other));
  });
}

function difference(reference: Witness, { name, rules, digests }: Witness): string[] {
  const event = digests.findIndex(([count, sum], position) => {
    const expected = reference.digests[position];
    return expected === undefined || expected[0] !== count || expected[1] !== sum;
  });
  if (event === -1) return [];
  const [found, expected] = [digests[event]?.[0], reference.digests[event]?.[0]];
  return [
    `event ${event}, rules ${rules}: ${name} matches ${found} campaigns, ${reference.name} ${expected}, and not the same ones`,
  ];
}

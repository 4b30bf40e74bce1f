import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import type { Campaign, CampaignMatch } from "../../src/rules/evaluation/matcher.ts";
import type { Rule } from "../../src/rules/language/schema.ts";
import type { CaseName } from "./workloads/index.ts";

/** A set of campaigns made ready to match. */
export interface Matcher {
  /** What matched, in any order, each once. */
  match(event: EventDocument): readonly CampaignMatch[] | Promise<readonly CampaignMatch[]>;
  /** Puts another version of the campaign in the place of the one with this id, which was built at `position`. */
  replace(position: number, campaign: Campaign): void;
  /** How many rules were looked at one by one, where the engine can tell. */
  candidates?(event: EventDocument): number;
  /** Compacts after changes, where the engine postpones that work, so that no event waits for it. */
  compact?(): void;
  /** The whole matcher as bytes, where the engine can be stored. */
  snapshot?(): ArrayBuffer;
}

export interface Engine {
  /** npm package name of a peer; `closures`; `campaign-manager`. */
  readonly name: string;
  /** Cases this engine is left out of, and why. */
  readonly cannot: Partial<Readonly<Record<CaseName, string>>>;
  /** True when `match` answers with promises. */
  readonly asynchronous?: true;
  /** `arrayFields`: see Workload. */
  build(campaigns: Iterable<Campaign>, arrayFields: ReadonlySet<string>): Matcher;
  load?(snapshot: ArrayBuffer): Matcher;
}

/** The `data` of an event, which is all that the benchmark's rules read. */
export type Data = Readonly<Record<string, unknown>>;

/** A peer that tests one rule after another. */
export function scan(
  campaigns: Iterable<Campaign>,
  compile: (rule: Rule) => (data: Data) => boolean,
): Matcher {
  const rules: { readonly match: CampaignMatch; readonly test: (data: Data) => boolean }[] = [];
  for (const { id, version, rule } of campaigns) rules.push({ match: { id, version }, test: compile(rule) });
  return {
    match(event) {
      const data = event.data ?? {};
      const matches: CampaignMatch[] = [];
      for (const { match, test } of rules) if (test(data)) matches.push(match);
      return matches;
    },
    replace(position, { id, version, rule }) {
      rules[position] = { match: { id, version }, test: compile(rule) };
    },
  };
}

/**
 * The name that a field of the rule language has within `data`. Peers are given `data` itself and names of one
 * segment: the cheapest document for them.
 * @throws Error for a field outside `data`
 */
export function fieldInData(field: string): string {
  const name = field.replace(/^data\./, "");
  if (name === field || name.includes(".")) throw new Error(`no peer reads ${field}`);
  return name;
}

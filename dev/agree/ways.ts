import { compileRule } from "../../src/rules/evaluation/closure.ts";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import { explain } from "../../src/rules/evaluation/explain.ts";
import { type Campaign, type CampaignMatch, compileScan } from "../../src/rules/evaluation/matcher.ts";
import { createTools, createWork, renewWork } from "../../src/rules/evaluation/work.ts";
import { type CampaignIndex, createIndex, loadIndex } from "../../src/rules/index/campaign-index.ts";
import type { Seed } from "../../src/rules/index/hash.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { instantOf } from "../../src/rules/language/time.ts";

/** The ids of the campaigns that an event matches. */
export type Matching = (event: EventDocument) => readonly string[];

/** A way to decide what events match. */
export interface Way {
  readonly name: string;
  readonly prepare: (campaigns: readonly Campaign[]) => Matching;
}

const STEPS = Number.MAX_SAFE_INTEGER; // agreement is about answers: none is refused for its work
const HASH_SEED: Seed = [1, 2];

/** The specification: what all other ways must say. */
export const reference: Way = {
  name: "the evaluator",
  prepare: (campaigns) => eachAlone(campaigns, (rule) => (event) => evaluate(rule, event, tools())),
};

export const WAYS: readonly Way[] = [
  {
    name: "closures",
    prepare: (campaigns) =>
      eachAlone(campaigns, (rule) => {
        const decide = compileRule(rule, tools());
        return (event, now) => decide(event, now);
      }),
  },
  {
    name: "the explanation",
    prepare: (campaigns) => eachAlone(campaigns, (rule) => (event) => explain(rule, event, tools()).matched),
  },
  {
    name: "the scan",
    prepare(campaigns) {
      const work = createWork();
      const scan = compileScan(campaigns, work);
      return (event) => {
        const matches: CampaignMatch[] = [];
        renewWork(work, STEPS);
        scan(event, matches);
        return idsOf(matches);
      };
    },
  },
  { name: "the index", prepare: (campaigns) => asked(createIndex([...PADDING, ...campaigns], HASH_SEED)) },
  { name: "the index after changes", prepare: (campaigns) => asked(changed(campaigns)) },
  {
    name: "the index from its snapshot",
    prepare(campaigns) {
      const loaded = loadIndex(changed(campaigns).snapshot());
      if (!loaded.ok) throw new Error(`the snapshot cannot be loaded: ${loaded.reason}`);
      return asked(loaded.index);
    },
  },
];

/** Campaigns that no event matches: with them the index compiles however few there are beside them. */
const PADDING: readonly Campaign[] = Array.from({ length: 30 }, (_, at) => ({
  id: `padding ${at}`,
  version: 1,
  rule: { field: "type", operator: "equals", value: `padding ${at}` },
  startsAt: null,
  endsAt: null,
}));

/** Built of some, of which a few are then replaced and removed, with the rest added later. */
function changed(campaigns: readonly Campaign[]): CampaignIndex {
  const late = campaigns.filter((_, at) => at % 3 === 2);
  const early = campaigns.filter((_, at) => at % 3 !== 2);
  const replaced = late.map((campaign, at) => ({ ...campaign, rule: early[at]?.rule ?? campaign.rule }));
  const index = createIndex([...PADDING, ...replaced, ...early], HASH_SEED);
  for (const campaign of late) index.upsert(campaign);
  for (const { id } of PADDING) index.remove(id);
  for (const campaign of PADDING) index.upsert({ ...campaign, version: 2 });
  return index;
}

function asked(index: CampaignIndex): Matching {
  return (event) => idsOf(index.match(event, STEPS));
}

type Decide = (event: EventDocument, now: number) => boolean;

function eachAlone(campaigns: readonly Campaign[], prepare: (rule: Rule) => Decide): Matching {
  const all = campaigns.map((campaign) => ({ ...campaign, decide: prepare(campaign.rule) }));
  return (event) => {
    const now = instantOf(event.time);
    return all
      .filter(
        ({ startsAt, endsAt, decide }) =>
          (startsAt === null || now >= startsAt) && (endsAt === null || now < endsAt) && decide(event, now),
      )
      .map(({ id }) => id);
  };
}

const tools = () => createTools(createWork(STEPS));

const idsOf = (matches: readonly CampaignMatch[]): string[] => matches.map(({ id }) => id);

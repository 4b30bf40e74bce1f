import { type CampaignIndex, createIndex, loadIndex } from "../../src/rules/index/campaign-index.ts";
import type { Engine, Matcher } from "./engine.ts";

/** Our own engine, through the functions that the consumer calls. */
export const campaignManager: Engine = {
  name: "campaign-manager",
  cannot: {},
  build: (campaigns) => matcherOf(createIndex(campaigns)),
  load(snapshot) {
    const loaded = loadIndex(snapshot);
    if (!loaded.ok) throw new Error(loaded.reason);
    return matcherOf(loaded.index);
  },
};

function matcherOf(index: CampaignIndex): Matcher {
  return {
    match: (event) => index.match(event),
    replace: (_position, campaign) => index.upsert(campaign),
    candidates(event) {
      index.match(event);
      return index.candidates;
    },
    compact: () => index.compact(),
    snapshot: () => index.snapshot(),
  };
}

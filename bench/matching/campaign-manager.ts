import { type Campaign, compile } from "../../src/rules/matcher.ts";
import type { Engine } from "./engine.ts";

/** Our own engine, through the functions that the consumer calls. */
export const campaignManager: Engine = {
  name: "campaign-manager",
  cannot: {},
  build(campaigns) {
    const current: Campaign[] = [...campaigns];
    let match = compile(current);
    return {
      match: (event) => match(event),
      replace(position, campaign) {
        current[position] = campaign;
        match = compile(current);
      },
    };
  },
};

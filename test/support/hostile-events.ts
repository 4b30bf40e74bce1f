/** Many campaigns of one pattern, and events made to be dear to decide. */
import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../src/rules/evaluation/matcher.ts";
import type { Rule } from "../../src/rules/language/rule.ts";

/** Campaigns `c0`, `c1`, … with the rule of their number. */
export const campaigns = (count: number, ruleOf: (at: number) => Rule): Campaign[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `c${at}`,
    version: 1,
    rule: ruleOf(at),
    startsAt: null,
    endsAt: null,
  }));

export const event = (data: { [key: string]: unknown }): EventDocument => ({
  id: "1",
  source: "s",
  type: "t",
  time: "2026-11-21T10:00:00Z",
  data,
});

export const ids = (matches: readonly { id: string }[]): string[] => matches.map(({ id }) => id).sort();

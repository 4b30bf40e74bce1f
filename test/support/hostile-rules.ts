/** Rules that took seconds an event, and an event made for them. */
import type { Rule } from "../../src/rules/language/rule.ts";

export const each = <Item>(count: number, make: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => make(at));

export const matches = (value: string, field = "data.text"): Rule => ({ field, operator: "matches", value });

export const LETTERS = "abcdefghijklmnopqrstuvwxyzдежз".repeat(2_000).slice(0, 50_000);

export interface Hostile {
  readonly name: string;
  /** A campaign each. */
  readonly rules: readonly Rule[];
  readonly data: { readonly [key: string]: unknown };
  /** What keeps it from stalling anything: a rule is refused, or all together are, or the event can be decided. */
  readonly end: "too_costly" | "active_set_too_costly" | "decided";
}

export const HOSTILE: readonly Hostile[] = [
  {
    name: "64 patterns of a hundred letters in one rule, on a long text",
    rules: [{ and: each(64, (at) => ({ not: matches(`\\pL[\\pL\\pN]{100}\\pP${at}`) })) }],
    data: { text: LETTERS },
    end: "too_costly",
  },
  {
    name: "64 patterns of a hundred letters, on a long text",
    rules: each(64, (at) => ({ not: matches(`\\pL[\\pL\\pN]{100}\\pP${at}`) })),
    data: { text: LETTERS },
    end: "active_set_too_costly",
  },
  {
    name: "three patterns with a repetition of up to 900",
    rules: each(3, (at) => matches(`(?i)refund.{1,900}word${at}`)),
    data: { text: "refund ".repeat(8_000) },
    end: "too_costly",
  },
  {
    name: "15 patterns with a repetition of up to 100",
    rules: each(15, (at) => matches(`[xж].{1,100}y${at}`)),
    data: { text: `${each(20_000, (at) => ((at * at * 7 + (at >> 3)) % 5 < 2 ? "x" : "ж")).join("")}y` },
    end: "decided",
  },
  {
    name: "300 times some of 255 conditions over 1,600 numbers",
    rules: each(300, (nth) => ({
      some: "data.n",
      where: { or: each(255, (at) => ({ field: ".", operator: "at_least", value: 1_600 + at + 255 * nth })) },
    })),
    data: { n: each(1_600, (at) => at) },
    end: "active_set_too_costly",
  },
  {
    name: "10,000 texts to look for in 16,000 short ones",
    rules: each(10_000, (at) => ({ field: "data.l", operator: "contains", value: `x${at}` })),
    data: { l: each(16_000, (at) => at.toString(36).slice(-1)) },
    end: "decided",
  },
];

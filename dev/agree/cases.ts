import fc from "fast-check";
import { LIST_VALUES_MAX, RULE_CONDITIONS_MAX } from "../../src/limits.ts";
import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../src/rules/evaluation/matcher.ts";
import { NARROW_SLOTS, NARROW_VALUES } from "../../src/rules/index/opcodes.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { underSemantics } from "../../src/rules/language/semantics.ts";
import { campaign, event } from "../../test/support/arbitrary-rules.ts";

/** Campaigns, and events that are decided against all of them. */
export interface Case {
  readonly campaigns: readonly Campaign[];
  readonly events: readonly EventDocument[];
}

const CAMPAIGNS = 200;
const EVENTS = 100;
/** One case in so many is about wide fields, and one about wide values. */
const WIDE_EVERY = 10;

/** A case of a run, the same whenever seed and number are. */
export function drawCase(seed: number, number: number): Case {
  const draw = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
    fc.sample(arbitrary, { seed: seed * 1_000_003 + number, numRuns: count });
  const before = fillersOf(number);
  const drawn = draw(fc.tuple(campaign, fc.constantFrom(1, 2)), CAMPAIGNS);
  return {
    campaigns: [
      ...before.map((rule, at) => ({ id: `filler ${at}`, version: 1, rule, startsAt: null, endsAt: null })),
      ...drawn.map(
        ([campaign, semantics], at): Campaign => ({
          ...campaign,
          id: idOf(at),
          rule: underSemantics(campaign.rule, semantics as 1 | 2),
        }),
      ),
    ],
    events: draw(before.length > 0 ? fc.oneof(event, widened) : event, EVENTS),
  };
}

/** Half the ids are UUIDs, as the product makes them; the index takes any text. */
function idOf(at: number): string {
  return at % 2 === 0 ? `0193cafe-0000-7000-8000-${at.toString(16).padStart(12, "0")}` : `campaign ${at}`;
}

/**
 * Rules that come first and name so many fields, or values of a field, that those of the rules after them no longer
 * fit into a narrow word.
 */
export function fillersOf(number: number): readonly Rule[] {
  if (number % WIDE_EVERY === 1) return wideFields;
  return number % WIDE_EVERY === 2 ? wideValues(WIDE_FIELDS[number % WIDE_FIELDS.length] as string) : [];
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => n);

const wideFields: readonly Rule[] = numbered(1 + Math.floor(NARROW_SLOTS / RULE_CONDITIONS_MAX)).map(
  (rule) => ({
    or: numbered(RULE_CONDITIONS_MAX).map((n) => ({
      field: `data.wide.${rule}-${n}`,
      operator: "equals",
      value: "a",
    })),
  }),
);

const WIDE_FIELDS = ["data.a", "data.b", "data.items", "subject"] as const;

function wideValues(field: string): Rule[] {
  return numbered(1 + Math.floor(NARROW_VALUES / LIST_VALUES_MAX)).map((rule) => ({
    field,
    operator: "in",
    value: numbered(LIST_VALUES_MAX).map((n) => wideValue(rule, n)),
  }));
}

const wideValue = (rule: number, n: number): string => `${rule}-${n}`;

/** Events that hold what the fillers name, too. */
const widened: fc.Arbitrary<EventDocument> = fc
  .record({
    event,
    rule: fc.nat({ max: 6 }),
    n: fc.nat({ max: 20 }),
    key: fc.constantFrom("a", "b", "items"),
    isList: fc.boolean(),
  })
  .map(({ event, rule, n, key, isList }): EventDocument => {
    const value = wideValue(rule, n);
    const data = event.data as unknown;
    if (typeof data !== "object" || data === null || Array.isArray(data))
      return { ...event, subject: value, data: { wide: { [value]: "a" } } };
    const held: unknown = (data as Record<string, unknown>)[key];
    return {
      ...event,
      data: { ...data, [key]: isList ? [value, held] : value, wide: { [value]: "a" } },
    };
  });

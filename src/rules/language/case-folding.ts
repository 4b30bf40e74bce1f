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
    const unit = text.charCodeAt(at);
    units[at] = folds.units[unit] as number;
    if ((unit & 0xfc00) !== 0xd800) continue;
    const code = text.codePointAt(at) as number;
    const folded = folds.beyond.get(code);
    if (folded === undefined) continue;
    units[at++] = 0xd800 + ((folded - 0x10000) >>> 10);
    units[at] = 0xdc00 + (folded & 0x3ff);
  }
  let foldedText = "";
  for (let at = 0; at < units.length; at += UNITS_AT_ONCE) {
    // Spreading would go through an iterator, for each unit.
    foldedText += String.fromCharCode.apply(
      null,
      units.subarray(at, at + UNITS_AT_ONCE) as Iterable<number> as number[],
    );
  }
  return foldedText;
}

interface Folds {
  /** What each code unit folds to: itself, if it is half of a pair. */
  readonly units: Uint16Array;
  /** What code points beyond 16 bits fold to, where that is another. */
  readonly beyond: ReadonlyMap<number, number>;
}

/** Made when it is first needed. */
let folds: Folds | undefined;

function readRuns(): Folds {
  const units = Uint16Array.from({ length: 0x10000 }, (_, unit) => unit);
  const beyond = new Map<number, number>();
  for (const [first, last, step, distance] of FOLDING_RUNS) {
    for (let code = first; code <= last; code += step) {
      if (code < 0x10000) units[code] = code + distance;
      else beyond.set(code, code + distance);
    }
  }
  return { units, beyond };
}

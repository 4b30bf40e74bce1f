import { type HashKeys, hashOfText } from "./hash.ts";
import { grown } from "./words.ts";

/**
 * The strings that rules compare a field with, each numbered within its field. An open-addressing table over
 * typed arrays: it is stored and loaded as it is, and takes a fraction of a `Map`'s memory.
 */
export interface Terms {
  readonly keys: HashKeys;
  /** Pairs of hash and term + 1; 0 where free. Length a power of two, at most half full. */
  table: Int32Array<ArrayBuffer>;
  count: number;
  slotOf: Int32Array<ArrayBuffer>;
  valueOf: Int32Array<ArrayBuffer>;
  /** Where a term's text starts: `start` with one byte a code unit, `~start` with two. One more than terms. */
  starts: Int32Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  /** Code units of the longest term: no longer text is looked up. */
  longest: number;
}

export function createTerms(keys: HashKeys): Terms {
  return {
    keys,
    table: new Int32Array(2 * 16),
    count: 0,
    slotOf: new Int32Array(16),
    valueOf: new Int32Array(16),
    starts: new Int32Array(17),
    bytes: new Uint8Array(256),
    longest: 0,
  };
}

/** The number of a text among the values of a field, or 0 when no rule compares the field with it. */
export function findTerm(terms: Terms, slot: number, text: string): number {
  if (text.length > terms.longest) return 0;
  const { table } = terms;
  const hash = hashOfText(terms.keys, slot, text);
  const mask = (table.length >>> 1) - 1;
  for (let entry = hash & mask; ; entry = (entry + 1) & mask) {
    const term = table[2 * entry + 1] as number;
    if (term === 0) return 0;
    if (table[2 * entry] === hash && isTerm(terms, term - 1, slot, text))
      return terms.valueOf[term - 1] as number;
  }
}

/** Adds a text that is not there yet. */
export function addTerm(terms: Terms, slot: number, text: string, value: number): void {
  const term = terms.count++;
  if (terms.count * 4 > terms.table.length) rehash(terms);
  if (term === terms.slotOf.length) growTerms(terms);
  terms.slotOf[term] = slot;
  terms.valueOf[term] = value;
  terms.longest = Math.max(terms.longest, text.length);
  appendText(terms, term, text);
  insert(terms.table, hashOfText(terms.keys, slot, text), term);
}

export function textOfTerm(terms: Terms, term: number): string {
  const start = terms.starts[term] as number;
  const end = startOf(terms, term + 1);
  let text = "";
  if (start >= 0) {
    for (let at = start; at < end; at++) text += String.fromCharCode(terms.bytes[at] as number);
  } else {
    for (let at = ~start; at < end; at += 2) text += String.fromCharCode(wideUnit(terms.bytes, at));
  }
  return text;
}

function isTerm(terms: Terms, term: number, slot: number, text: string): boolean {
  if (terms.slotOf[term] !== slot) return false;
  const start = terms.starts[term] as number;
  const { bytes } = terms;
  if (start >= 0) {
    if (startOf(terms, term + 1) - start !== text.length) return false;
    for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text.charCodeAt(at)) return false;
    return true;
  }
  if (startOf(terms, term + 1) - ~start !== 2 * text.length) return false;
  for (let at = 0; at < text.length; at++) {
    if (wideUnit(bytes, ~start + 2 * at) !== text.charCodeAt(at)) return false;
  }
  return true;
}

function startOf(terms: Terms, term: number): number {
  const start = terms.starts[term] as number;
  return start < 0 ? ~start : start;
}

function wideUnit(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function appendText(terms: Terms, term: number, text: string): void {
  const start = startOf(terms, term);
  let wide = false;
  for (let at = 0; at < text.length && !wide; at++) wide = text.charCodeAt(at) > 255;
  const end = start + (wide ? 2 : 1) * text.length;
  if (end > terms.bytes.length) {
    const larger = new Uint8Array(Math.max(end, terms.bytes.length * 2));
    larger.set(terms.bytes.subarray(0, start));
    terms.bytes = larger;
  }
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (wide) {
      terms.bytes[start + 2 * at] = unit & 255;
      terms.bytes[start + 2 * at + 1] = unit >>> 8;
    } else {
      terms.bytes[start + at] = unit;
    }
  }
  terms.starts[term] = wide ? ~start : start;
  terms.starts[term + 1] = end;
}

function insert(table: Int32Array, hash: number, term: number): void {
  const mask = (table.length >>> 1) - 1;
  let entry = hash & mask;
  while (table[2 * entry + 1] !== 0) entry = (entry + 1) & mask;
  table[2 * entry] = hash;
  table[2 * entry + 1] = term + 1;
}

function rehash(terms: Terms): void {
  const { table } = terms;
  const larger = new Int32Array(table.length * 2);
  for (let at = 0; at < table.length; at += 2) {
    const term = table[at + 1] as number;
    if (term !== 0) insert(larger, table[at] as number, term - 1);
  }
  terms.table = larger;
}

function growTerms(terms: Terms): void {
  const capacity = Math.max(16, terms.slotOf.length * 2);
  terms.slotOf = grown(terms.slotOf, capacity);
  terms.valueOf = grown(terms.valueOf, capacity);
  terms.starts = grown(terms.starts, capacity + 1);
}

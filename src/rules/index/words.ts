/**
 * A growing array of 32-bit words that can hold doubles too: `doubles[i / 2]` is the double in the words `i`
 * and `i + 1`, for even `i`.
 */
export interface Words {
  words: Int32Array<ArrayBuffer>;
  doubles: Float64Array<ArrayBuffer>;
  length: number;
}

export function createWords(capacity = 1_024): Words {
  const words = new Int32Array(even(Math.max(capacity, 16)));
  return { words, doubles: new Float64Array(words.buffer), length: 0 };
}

export function push(to: Words, word: number): void {
  if (to.length === to.words.length) grow(to, to.length + 1);
  to.words[to.length++] = word;
}

/** Writes a double at the end, whose position must be even. */
export function pushDouble(to: Words, value: number): void {
  if (to.length + 2 > to.words.length) grow(to, to.length + 2);
  to.doubles[to.length >>> 1] = value;
  to.length += 2;
}

export function pushAll(to: Words, from: Int32Array, start: number, end: number): void {
  if (to.length + end - start > to.words.length) grow(to, to.length + end - start);
  for (let at = start; at < end; at++) to.words[to.length++] = from[at] as number;
}

/** The words themselves, in a buffer of their own size. */
export function trimmed(from: Words): Int32Array<ArrayBuffer> {
  return from.words.slice(0, from.length + (from.length & 1));
}

export function doublesOf(words: Int32Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return new Float64Array(words.buffer, words.byteOffset, words.length >>> 1);
}

/** A longer copy. */
export function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}

function grow(words: Words, needed: number): void {
  const larger = new Int32Array(even(Math.max(needed, words.words.length * 2)));
  larger.set(words.words.subarray(0, words.length));
  words.words = larger;
  words.doubles = new Float64Array(larger.buffer);
}

function even(length: number): number {
  return length + (length & 1);
}

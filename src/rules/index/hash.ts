/**
 * What hashes of values depend on. Whoever writes rules chooses their values: with a hash that anybody can compute
 * beforehand, values that all collide could be chosen too, and looking one up would mean trying them all.
 *
 * Multilinear hashing (Carter and Wegman 1979; Lemire and Kaser 2014): the sum of each 16-bit unit times a random
 * key of its place, of which the upper half is kept. Two such sums make 32 bits, equal for two different inputs of
 * one kind with a probability of 2⁻³² over the keys, whatever the inputs are.
 */
export interface HashKeys {
  readonly seed: Seed;
  /** Two keys for each place. */
  keys: Int32Array;
  /** Multiplies what chooses an edge: see `edgeHash`. */
  readonly multiplier: number;
  /** The next random word. */
  readonly next: () => number;
}

/** Two random 32-bit words. */
export type Seed = readonly [number, number];

/** A new seed. Not for module scope, where a Worker has no randomness. */
export function drawSeed(): Seed {
  const [first = 0, second = 0] = crypto.getRandomValues(new Int32Array(2));
  return [first, second];
}

export function createHashKeys(seed: Seed): HashKeys {
  const next = randomWords(seed);
  const multiplier = next() | 1;
  return { seed, multiplier, next, keys: Int32Array.from({ length: 128 }, next) };
}

/** Keys 0: added in any case. 1 to 3: the slot's halves and the length. Then the units. */
const FIRST_UNIT = 8;

/** The hash of one of a slot's texts. */
export function hashOfText(by: HashKeys, slot: number, text: string): number {
  const { length } = text;
  const keys = keysFor(by, length);
  let high = prefix(keys, slot, length, 0);
  let low = prefix(keys, slot, length, 1);
  for (let at = 0, key = FIRST_UNIT; at < length; at++, key += 2) {
    const unit = text.charCodeAt(at);
    high = (high + Math.imul(keys[key] as number, unit)) | 0;
    low = (low + Math.imul(keys[key + 1] as number, unit)) | 0;
  }
  return combined(high, low);
}

/** The hash of some of a slot's 32-bit words: a double's, or the members of a list. */
export function hashOfWords(by: HashKeys, slot: number, words: Int32Array): number {
  const { length } = words;
  const keys = keysFor(by, 2 * length);
  let high = prefix(keys, slot, length, 0);
  let low = prefix(keys, slot, length, 1);
  for (let at = 0, key = FIRST_UNIT; at < length; at++, key += 4) {
    const word = words[at] as number;
    high = (high + Math.imul(keys[key] as number, word & 0xffff)) | 0;
    low = (low + Math.imul(keys[key + 1] as number, word & 0xffff)) | 0;
    high = (high + Math.imul(keys[key + 2] as number, word >>> 16)) | 0;
    low = (low + Math.imul(keys[key + 3] as number, word >>> 16)) | 0;
  }
  return combined(high, low);
}

/**
 * The hash of a value's number. Its upper bits say where a table of edges is entered. Multiply-shift (Dietzfelbinger
 * et al. 1997): two values fall on the same of m places with a probability of at most 2/m over the multiplier. What
 * comes before it keeps values apart, and numbers in sequence from falling in rows.
 */
export function edgeHash({ multiplier }: HashKeys, value: number): number {
  const spread = Math.imul(value, 0x9e3779b1);
  return Math.imul(spread ^ (spread >>> 16), multiplier);
}

function prefix(keys: Int32Array, slot: number, length: number, sum: 0 | 1): number {
  return (
    ((keys[sum] as number) +
      Math.imul(keys[2 + sum] as number, slot & 0xffff) +
      Math.imul(keys[4 + sum] as number, slot >>> 16) +
      Math.imul(keys[6 + sum] as number, length)) |
    0
  );
}

/** The upper halves of two sums, mixed (which is a bijection) because tables use the lower bits. */
function combined(high: number, low: number): number {
  let hash = (high & ~0xffff) | (low >>> 16);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function keysFor(by: HashKeys, units: number): Int32Array {
  const needed = FIRST_UNIT + 2 * units;
  if (by.keys.length < needed) {
    const larger = new Int32Array(Math.max(needed, 2 * by.keys.length));
    larger.set(by.keys);
    for (let at = by.keys.length; at < larger.length; at++) larger[at] = by.next();
    by.keys = larger;
  }
  return by.keys;
}

/** The generator sfc32 (Doty-Humphrey, PractRand): the same words for the same seed. */
function randomWords([first, second]: Seed): () => number {
  let a = first;
  let b = second;
  let c = 0x9e3779b1;
  let counter = 1;
  const next = (): number => {
    const word = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}

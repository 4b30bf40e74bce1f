/** A stream of uniform doubles in [0, 1). */
export type Random = () => number;

/**
 * The stream that belongs to this seed and name, always the same one: who draws from it does not disturb the
 * others. The key is hashed with FNV-1a.
 */
export function randomFor(seed: number, name: string): Random {
  let state = 0x811c9dc5;
  for (const character of `${seed}/${name}`) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return mulberry32(state);
}

/** The stream of a 32-bit state, which is all the state it has: good enough to mix what is tested and measured. */
export function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Both ends included. */
export function integer(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability;
}

/** @throws Error for an empty list */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("pick from an empty list");
  return item;
}

/**
 * One of several things, by weight.
 * @throws Error for an empty list
 */
export function weighted<T>(random: Random, weights: readonly (readonly [weight: number, thing: T])[]): T {
  let left = random() * weights.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, thing] of weights) {
    left -= weight;
    if (left < 0) return thing;
  }
  throw new Error("no weights");
}

/** Fisher and Yates. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = integer(random, 0, last);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

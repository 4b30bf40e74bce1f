import { mulberry32, type Random } from "../../../dev/random.ts";

export { chance, integer, pick, type Random } from "../../../dev/random.ts";

/**
 * The stream that belongs to these keys, always the same one. Rule i and event i each draw from a stream of
 * their own, so any of them can be made alone, in any order, without the ones before it.
 * Keys are mixed with the finaliser of MurmurHash3.
 */
export function randomFor(...keys: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const key of keys) state = mixed(state ^ key);
  return mulberry32(state);
}

/** A 32-bit integer as another one that looks random. */
export function mixed(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) + 0x9e3779b9;
}

/** Draws ranks 0 … count−1 with probability proportional to 1 / (rank + 1)^exponent. */
export function zipf(count: number, exponent: number): (random: Random) => number {
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) {
    total += (rank + 1) ** -exponent;
    cumulative[rank] = total;
  }
  return (random) => {
    const wanted = random() * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? total) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** `count` different results of `draw`, in the order they came up. */
export function distinct<T>(count: number, draw: () => T): T[] {
  const found = new Set<T>();
  while (found.size < count) found.add(draw());
  return [...found];
}

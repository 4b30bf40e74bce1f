/** Seeded choices, so that what failed once can be run again: `TEST_SEED=… npm test`. */

/** The seed of this run: `TEST_SEED`, or a new one. */
export const seedOf = (): number => Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

export interface Chooser {
  /** A whole number from 0 up to `limit`, excluded. */
  below(limit: number): number;
  oneOf<Value>(values: readonly Value[]): Value;
  shuffled<Value>(values: readonly Value[]): Value[];
}

/** mulberry32: 32 bits of state, good enough to mix tests. */
export function chooser(seed: number): Chooser {
  let state = seed | 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    oneOf<Value>(values: readonly Value[]): Value {
      if (values.length === 0) throw new Error("nothing to choose from");
      return values[below(values.length)] as Value;
    },
    shuffled<Value>(values: readonly Value[]): Value[] {
      const shuffled = [...values];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j] as Value, shuffled[i] as Value];
      }
      return shuffled;
    },
  };
}

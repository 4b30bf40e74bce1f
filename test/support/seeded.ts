/** Seeded choices, so that what failed once can be run again: `TEST_SEED=… npm test`. */
import { integer, mulberry32, pick, shuffled } from "../../dev/random.ts";

/** The seed of this run: `TEST_SEED`, or a new one. */
export const seedOf = (): number => Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

export interface Chooser {
  /** A whole number from 0 up to `limit`, excluded. */
  below(limit: number): number;
  oneOf<Value>(values: readonly Value[]): Value;
  shuffled<Value>(values: readonly Value[]): Value[];
}

export function chooser(seed: number): Chooser {
  const random = mulberry32(seed);
  return {
    below: (limit) => integer(random, 0, limit - 1),
    oneOf: (values) => pick(random, values),
    shuffled: (values) => shuffled(random, values),
  };
}

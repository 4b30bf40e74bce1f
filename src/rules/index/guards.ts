/** What splits can be on: the conditions by which records are guarded, and the records that each value then has. */
import * as op from "./opcodes.ts";
import type { Statistics } from "./statistics.ts";
import { bucketOf, NO_BOUNDS, RANGE_BUCKETS } from "./trie.ts";
import type { Words } from "./words.ts";

/** Something to split on: a slot, by value or by range. */
export type Key = number;
export const keyOf = (slot: number, byRange: boolean): Key => slot * 2 + (byRange ? 1 : 0);

export const NO_KEY = -1;

/** Where the records are, and how their thresholds are spread. */
interface Guarded {
  readonly from: Words;
  readonly statistics: Statistics;
}

/** The key that a condition guards its record by, if by any. */
export function guardAt({ from, statistics }: Guarded, at: number, withRanges: boolean): Key {
  const { words } = from;
  const word = words[at] as number;
  if (word & op.NEGATED) return NO_KEY;
  const code = word & op.OP_MASK;
  if (code >= op.EQUALS && code <= op.IN_WIDE) return keyOf(op.slotAt(words, at), false);
  if (!withRanges || code < op.GREATER || code > op.BETWEEN) return NO_KEY;
  const slot = op.slotAt(words, at);
  return statistics.boundsOf[slot] === NO_BOUNDS ? NO_KEY : keyOf(slot, true);
}

/** First bucket + 256 · last bucket of the numbers that satisfy a range. */
export function bucketsAt({ words, doubles }: Words, at: number, { boundsOf, bounds }: Statistics): number {
  const start = boundsOf[op.slotAt(words, at)] as number;
  const bucket = bucketOf(bounds, start, doubles[(at + 1) >>> 1] as number);
  switch ((words[at] as number) & op.OP_MASK) {
    case op.GREATER:
    case op.LEAST:
      return bucket | ((RANGE_BUCKETS - 1) << 8);
    case op.BETWEEN:
      return bucket | (bucketOf(bounds, start, doubles[(at + 3) >>> 1] as number) << 8);
    default:
      return bucket << 8;
  }
}

/** Where the record's guard by value on this slot stands: of several, one that names the fewest values. */
export function guardOf({ from }: Pick<Guarded, "from">, record: number, slot: number): number {
  const { words } = from;
  const start = record + op.HEADER_WORDS;
  const end = start + (words[start - 1] as number);
  let best = 0;
  for (let at = start; at < end; at = op.endOf(words, at)) {
    const word = words[at] as number;
    const code = word & op.OP_MASK;
    if (code < op.EQUALS || code > op.IN_WIDE || word & op.NEGATED || op.slotAt(words, at) !== slot) continue;
    if (best === 0 || op.valuesAt(words, at) < op.valuesAt(words, best)) best = at;
  }
  return best;
}

/** Where the record's first range on this slot stands. */
export function rangeOf({ from }: Pick<Guarded, "from">, record: number, slot: number): number {
  const { words } = from;
  for (let at = record + op.HEADER_WORDS; ; at = op.endOf(words, at)) {
    const word = words[at] as number;
    const code = word & op.OP_MASK;
    if (code >= op.GREATER && code <= op.BETWEEN && !(word & op.NEGATED) && op.slotAt(words, at) === slot)
      return at;
  }
}

const ITEM_BITS = 2 ** 26;

/** Records by value, a record once for each value that its guard names. */
export function grouped(
  guards: Int32Array,
  items: Int32Array,
  valuesAt: (guard: number) => number,
  valueAt: (guard: number, index: number) => number,
): { value: number; items: Int32Array }[] {
  let total = 0;
  for (const guard of guards) total += valuesAt(guard);
  const sorted = new Float64Array(total);
  for (let item = 0, pair = 0; item < items.length; item++) {
    const guard = guards[item] as number;
    for (let index = valuesAt(guard) - 1; index >= 0; index--) {
      sorted[pair++] = valueAt(guard, index) * ITEM_BITS + item;
    }
  }
  sorted.sort();
  const groups: { value: number; items: Int32Array }[] = [];
  for (let start = 0; start < total; ) {
    const value = Math.floor((sorted[start] as number) / ITEM_BITS);
    let end = start + 1;
    while (end < total && (sorted[end] as number) < (value + 1) * ITEM_BITS) end++;
    const group = new Int32Array(end - start);
    for (let at = start; at < end; at++)
      group[at - start] = items[(sorted[at] as number) % ITEM_BITS] as number;
    groups.push({ value, items: group });
    start = end;
  }
  return groups;
}

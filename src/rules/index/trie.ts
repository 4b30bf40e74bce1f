/*
 * The shape of the search: a tree of nodes. A node is a leaf, or it has a leaf of records that nothing splits
 * and some splits, each on one slot. Records below a split's edge all require what the edge says, so that an
 * event descends only where it says the same.
 *
 * A child is a node's number, or `~at` for a leaf that starts at word `at` of `code`. A leaf is the end
 * of its records and of its lists, then records (opcodes.ts) without the conditions that the way to it has proved,
 * and sorted lists (range-lists.ts) of those that are left with nothing but a one-sided range.
 */
export interface Trie {
  readonly code: Int32Array<ArrayBuffer>;
  /** Per node: its leaf (a position in `code`, 0 for none), first split, end of splits. */
  readonly nodes: Int32Array<ArrayBuffer>;
  /** Per split: slot · 2 (+ 1 when on ranges), first edge, and what the kind needs (see below). */
  readonly splits: Int32Array<ArrayBuffer>;
  /**
   * Pairs. Of a split on values: value and child, an open-addressing table of `mask + 1` entries, value 0 where
   * free. Of a split on ranges: first bucket + 256 · last bucket and child, `count` of them.
   */
  readonly edges: Int32Array<ArrayBuffer>;
  /** Where a slot's RANGE_BOUNDS bucket boundaries start in `bounds`; NO_BOUNDS where no split is on its ranges. */
  readonly boundsOf: Int32Array<ArrayBuffer>;
  readonly bounds: Float64Array<ArrayBuffer>;
  readonly root: number;
  /** How many groups are numbered, because several records have them. */
  readonly sharedGroups: number;
}

export const NODE_WORDS = 3;
export const SPLIT_WORDS = 3;
export const NO_BOUNDS = -1;
/** Ranges narrow little: they split only where this many records are left. Found by measuring W1 to W5. */
export const RANGE_RECORDS_MIN = 192;
export const RANGE_BUCKETS = 16;
export const RANGE_BOUNDS = RANGE_BUCKETS - 1;

/** Which of a slot's buckets a number falls into. Monotone, so that bounds on numbers are bounds on buckets. */
export function bucketOf(bounds: Float64Array, start: number, value: number): number {
  let low = 0;
  let high = RANGE_BOUNDS;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[start + middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the search for a value with this `edgeHash` starts in a table of edges of `mask + 1` places, 2 or more. */
export function entryOf(hash: number, mask: number): number {
  return hash >>> Math.clz32(mask);
}

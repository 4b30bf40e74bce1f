import type { Records } from "./encode.ts";
import { bucketsAt, grouped, guardAt, guardOf, type Key, NO_KEY, rangeOf } from "./guards.ts";
import { edgeHash, type HashKeys } from "./hash.ts";
import { type Path, rangeLeft, writeLeaf } from "./leaf.ts";
import * as op from "./opcodes.ts";
import { numberSharedGroups } from "./shared-groups.ts";
import { gatherStatistics, type Statistics } from "./statistics.ts";
import type { Symbols } from "./symbols.ts";
import { entryOf, NODE_WORDS, RANGE_BUCKETS, RANGE_RECORDS_MIN, type Trie } from "./trie.ts";
import { createWords, push, trimmed, type Words } from "./words.ts";

// Found by measuring W1 to W5 at 1,000 to 1,000,000 rules.
/** A node with at most this many records is a leaf. */
const LEAF_RECORDS = 16;
const DEPTH_MAX = 8;
/** A split that would take fewer records than this costs more than it saves. */
const SPLIT_RECORDS_MIN = 8;
/** A split must be expected to spare an event this share of the records it takes. */
const GAIN_MIN = 0.05;

/**
 * Builds the trie of some records. Time and memory are linear in them: the trie holds a record at most COPIES_MAX
 * times. The records are used up: their headers are where copies are counted, and shared groups are numbered in place.
 */
export function buildTrie(records: Records, symbols: Symbols): Trie {
  const slots = symbols.paths.length;
  const builder: Builder = {
    from: records.words,
    keys: symbols.keys,
    statistics: gatherStatistics(records, symbols),
    path: { values: new Int32Array(slots), proved: new Uint8Array(slots) },
    splitBefore: new Uint8Array(slots * 2),
    gains: new Float64Array(slots * 2),
    counts: new Int32Array(slots * 2),
    ranks: new Int32Array(slots * 2),
    code: createWords(records.words.length + 16),
    nodes: createWords(),
    splits: createWords(),
    edges: createWords(),
  };
  const sharedGroups = numberSharedGroups(records, symbols.keys);
  push(builder.code, 0); // position 0 is no leaf
  const root = buildChild(builder, records.starts.words.slice(0, records.starts.length), 0);
  return {
    code: trimmed(builder.code),
    nodes: trimmed(builder.nodes),
    splits: trimmed(builder.splits),
    edges: trimmed(builder.edges),
    boundsOf: builder.statistics.boundsOf,
    bounds: builder.statistics.bounds,
    root,
    sharedGroups,
  };
}

interface Builder {
  readonly from: Words;
  readonly keys: HashKeys;
  readonly statistics: Statistics;
  readonly path: Path;
  /** Keys that the path from the root has split on. */
  readonly splitBefore: Uint8Array;
  // Scratch, per key.
  readonly gains: Float64Array;
  readonly counts: Int32Array;
  readonly ranks: Int32Array;
  readonly code: Words;
  readonly nodes: Words;
  readonly splits: Words;
  readonly edges: Words;
}

/** @param items where the records start in `from`. */
function buildChild(builder: Builder, items: Int32Array, depth: number): number {
  const parts = items.length > LEAF_RECORDS && depth < DEPTH_MAX ? partition(builder, items) : null;
  if (parts === null) return ~leafOf(builder, items);
  const { nodes, splits } = builder;
  const node = nodes.length;
  for (let word = 0; word < NODE_WORDS; word++) push(nodes, 0);
  const leaf = parts.rest.length > 0 ? leafOf(builder, parts.rest) : 0;
  const written = parts.splits.map(({ key, items }) =>
    key & 1 ? splitByRange(builder, key, items, depth) : splitByValue(builder, key, items, depth),
  );
  nodes.words[node] = leaf;
  nodes.words[node + 1] = splits.length;
  for (const split of written) for (const word of split) push(splits, word);
  nodes.words[node + 2] = splits.length;
  return node;
}

function leafOf(builder: Builder, items: Int32Array): number {
  return writeLeaf(builder.code, builder.from, items, builder.path, builder.statistics);
}

interface Partition {
  readonly splits: readonly { readonly key: Key; readonly items: Int32Array }[];
  /** Records that no split takes. */
  readonly rest: Int32Array;
}

/**
 * Shares records out among keys to split on. Keys are ranked by how many record visits they are expected to
 * spare an event; each record goes to the first of them that guards it.
 */
function partition(builder: Builder, items: Int32Array): Partition | null {
  const { gains, counts, ranks } = builder;
  // A record that is left with one range belongs into a sorted list: a split would cost more and spare nothing.
  const isRanged =
    items.length < RANGE_RECORDS_MIN
      ? new Uint8Array(items.length)
      : Uint8Array.from(items, (record) =>
          rangeLeft(builder.from.words, record, builder.path) === 0 ? 1 : 0,
        );
  const keys: Key[] = [];
  for (const [index, item] of items.entries()) weigh(builder, item, isRanged[index] === 1, keys);
  const ranked = keys
    .filter((key) => (gains[key] as number) > GAIN_MIN * (counts[key] as number))
    .sort((a, b) => (gains[b] as number) - (gains[a] as number));
  for (const key of keys) {
    counts[key] = 0;
    ranks[key] = 0;
  }
  for (const [rank, key] of ranked.entries()) ranks[key] = rank + 1;

  const chosen = items.map((record, index) => choose(builder, record, isRanged[index] === 1));
  for (const key of chosen) if (key !== NO_KEY) counts[key] = (counts[key] as number) + 1;
  // Keys that would take too few hand theirs over to those that take enough.
  for (const key of ranked) if ((counts[key] as number) < SPLIT_RECORDS_MIN) ranks[key] = 0;
  for (let index = 0; index < chosen.length; index++) {
    const key = chosen[index] as number;
    if (key === NO_KEY || ranks[key] !== 0) continue;
    const other = choose(builder, items[index] as number, isRanged[index] === 1);
    counts[key] = (counts[key] as number) - 1;
    if (other !== NO_KEY) counts[other] = (counts[other] as number) + 1;
    chosen[index] = other;
  }

  const taken = new Map<Key, Int32Array>();
  for (const key of ranked)
    if ((counts[key] as number) > 0) taken.set(key, new Int32Array(counts[key] as number));
  const rest: number[] = [];
  for (const [index, key] of chosen.entries()) {
    const group = taken.get(key);
    if (group === undefined) {
      rest.push(items[index] as number);
    } else {
      const left = (counts[key] as number) - 1;
      counts[key] = left;
      group[group.length - 1 - left] = items[index] as number;
    }
  }
  for (const key of keys) {
    counts[key] = 0;
    ranks[key] = 0;
  }
  if (taken.size === 0) return null;
  return { splits: [...taken].map(([key, items]) => ({ key, items })), rest: Int32Array.from(rest) };
}

/**
 * Counts the keys that guard a record: where the event must have one of few values, or a number in a range. The
 * gain is the chance that an event is spared the record, less for a record that must be kept in several places.
 */
function weigh(builder: Builder, record: number, withRanges: boolean, keys: Key[]): void {
  const { from, statistics, splitBefore, counts, gains } = builder;
  const { words } = from;
  const copies = op.copiesOf(words[record] as number);
  const start = record + op.HEADER_WORDS;
  const end = start + (words[start - 1] as number);
  for (let at = start; at < end; at = op.endOf(words, at)) {
    const key = guardAt(builder, at, withRanges);
    if (key === NO_KEY || splitBefore[key]) continue;
    let gain: number;
    if (key & 1) {
      const buckets = bucketsAt(from, at, statistics);
      gain = 0.5 * (1 - ((buckets >>> 8) - (buckets & 255) + 1) / RANGE_BUCKETS);
    } else {
      const count = op.valuesAt(words, at);
      if (copies * count > op.COPIES_MAX) continue;
      let share = 0;
      for (let index = 0; index < count; index++)
        share += statistics.share(key >>> 1, op.valueAt(words, at, index));
      gain = Math.max(0, 1 - share) / count;
    }
    if (counts[key] === 0) {
      keys.push(key);
      gains[key] = 0;
    }
    counts[key] = (counts[key] as number) + 1;
    gains[key] = (gains[key] as number) + gain;
  }
}

/**
 * The best ranked key that guards a record, one with a single value before any other: the record then needs no
 * copies and the condition no test.
 */
function choose(builder: Builder, record: number, withRanges: boolean): Key {
  const { from, splitBefore, ranks } = builder;
  const { words } = from;
  const copies = op.copiesOf(words[record] as number);
  const start = record + op.HEADER_WORDS;
  const end = start + (words[start - 1] as number);
  let best = NO_KEY;
  let bestRank = Number.POSITIVE_INFINITY;
  let bestIsExact = false;
  for (let at = start; at < end; at = op.endOf(words, at)) {
    const key = guardAt(builder, at, withRanges);
    if (key === NO_KEY || splitBefore[key]) continue;
    const rank = ranks[key] as number;
    const count = key & 1 ? 1 : op.valuesAt(words, at);
    const exact = (key & 1) === 0 && count === 1;
    if (rank === 0 || copies * count > op.COPIES_MAX || (bestIsExact && !exact)) continue;
    if (rank < bestRank || (exact && !bestIsExact)) {
      best = key;
      bestRank = rank;
      bestIsExact = exact;
    }
  }
  return best;
}

function splitByValue(builder: Builder, key: Key, items: Int32Array, depth: number): number[] {
  const slot = key >>> 1;
  const { path, splitBefore } = builder;
  const { words } = builder.from;
  const groups = grouped(
    Int32Array.from(items, (record) => guardOf(builder, record, slot)),
    items,
    (at) => op.valuesAt(words, at),
    (at, index) => op.valueAt(words, at, index),
  );
  splitBefore[key] = 1;
  path.proved[slot] = 1;
  countCopies(builder, items, slot, (copies, values) => copies * values);
  const children = groups.map(({ value, items }) => {
    path.values[slot] = value;
    return { value, child: buildChild(builder, items, depth + 1) };
  });
  countCopies(builder, items, slot, (copies, values) => copies / values);
  path.proved[slot] = 0;
  splitBefore[key] = 0;

  let size = 2;
  while (size * 2 < children.length * 3) size *= 2;
  const { edges } = builder;
  const base = edges.length;
  for (let word = 0; word < 2 * size; word++) push(edges, 0);
  for (const { value, child } of children) {
    let entry = entryOf(edgeHash(builder.keys, value), size - 1);
    while (edges.words[base + 2 * entry] !== 0) entry = (entry + 1) & (size - 1);
    edges.words[base + 2 * entry] = value;
    edges.words[base + 2 * entry + 1] = child;
  }
  return [key, base, size - 1];
}

/** Notes in the records' headers that a split on a slot multiplies their copies by their values, or undoes it. */
function countCopies(
  builder: Builder,
  items: Int32Array,
  slot: number,
  changed: (copies: number, values: number) => number,
): void {
  const { words } = builder.from;
  for (const record of items) {
    const header = words[record] as number;
    const values = op.valuesAt(words, guardOf(builder, record, slot));
    words[record] = op.withCopies(header, changed(op.copiesOf(header), values));
  }
}

function splitByRange(builder: Builder, key: Key, items: Int32Array, depth: number): number[] {
  const slot = key >>> 1;
  const { splitBefore, from, statistics } = builder;
  const groups = grouped(
    Int32Array.from(items, (record) => rangeOf(builder, record, slot)),
    items,
    () => 1,
    (at) => bucketsAt(from, at, statistics),
  );
  splitBefore[key] = 1;
  const children = groups.map(({ value, items }) => ({
    value,
    child: buildChild(builder, items, depth + 1),
  }));
  splitBefore[key] = 0;
  const { edges } = builder;
  const base = edges.length;
  for (const { value, child } of children) {
    push(edges, value);
    push(edges, child);
  }
  return [key, base, children.length];
}

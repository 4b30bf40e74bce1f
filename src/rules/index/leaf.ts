import * as op from "./opcodes.ts";
import { isOneSided, writeRangeLists } from "./range-lists.ts";
import type { Statistics } from "./statistics.ts";
import { push, pushAll, type Words } from "./words.ts";

/** What the way from the root to a leaf has proved: a slot has this value. */
export interface Path {
  readonly values: Int32Array;
  readonly proved: Uint8Array;
}

/**
 * Writes a leaf: the records at `items` of `from`, each without the conditions that the path has proved, those
 * that reject most events at least cost first; those with nothing but a one-sided range as sorted lists after them.
 * Returns where the leaf starts.
 */
export function writeLeaf(
  to: Words,
  from: Words,
  items: Int32Array,
  path: Path,
  statistics: Statistics,
): number {
  const leaf = to.length;
  for (let word = 0; word < op.LEAF_WORDS; word++) push(to, 0);
  const conditions: number[] = [];
  const ranks: number[] = [];
  const listed: number[] = [];
  const ranges: number[] = [];
  const { words } = from;
  for (const record of items) {
    const range = rangeLeft(words, record, path);
    if (range !== 0) {
      listed.push(record);
      ranges.push(range);
      continue;
    }
    const start = record + op.HEADER_WORDS;
    const end = start + (words[start - 1] as number);
    let count = 0;
    for (let at = start; at < end; at = op.endOf(words, at)) {
      if (isSettled(words, at, path)) continue;
      const rank = rankOf(words, at, statistics);
      let place = count++;
      for (; place > 0 && (ranks[place - 1] as number) > rank; place--) {
        ranks[place] = ranks[place - 1] as number;
        conditions[place] = conditions[place - 1] as number;
      }
      ranks[place] = rank;
      conditions[place] = at;
    }
    push(to, words[record] as number);
    push(to, 0);
    const first = to.length;
    for (let index = 0; index < count; index++) copyCondition(to, words, conditions[index] as number);
    to.words[first - 1] = to.length - first;
  }
  to.words[leaf] = to.length;
  if (listed.length > 0) writeRangeLists(to, from, listed, ranges);
  to.words[leaf + 1] = to.length;
  return leaf;
}

/**
 * Where a record's one-sided range stands when the path has proved all other conditions, so that a leaf keeps the
 * record in a sorted list; or 0.
 */
export function rangeLeft(words: Int32Array, record: number, path: Path): number {
  const start = record + op.HEADER_WORDS;
  const end = start + (words[start - 1] as number);
  let left = 0;
  for (let at = start; at < end; at = op.endOf(words, at)) {
    if (isSettled(words, at, path)) continue;
    if (left !== 0 || !isOneSided(words[at] as number)) return 0;
    left = at;
  }
  return left;
}

/** Copies a condition, with the gap before it that its doubles need. */
export function copyCondition(to: Words, words: Int32Array, at: number): void {
  const code = (words[at] as number) & op.OP_MASK;
  const wantsOdd = code >= op.GREATER && code <= op.UNTIL;
  const wantsEven = code >= op.ALL;
  if ((wantsOdd && (to.length & 1) === 0) || (wantsEven && (to.length & 1) === 1)) push(to, op.SKIP);
  pushAll(to, words, at, op.endOf(words, at));
}

function isSettled(words: Int32Array, at: number, path: Path): boolean {
  const word = words[at] as number;
  if (word & op.IMPLIED) return true;
  const code = word & op.OP_MASK;
  if (code === op.SKIP) return true;
  if (code > op.IN_WIDE || word & op.NEGATED) return false;
  const slot = op.slotAt(words, at);
  if (path.proved[slot] === 0) return false;
  for (let index = op.valuesAt(words, at) - 1; index >= 0; index--) {
    if (op.valueAt(words, at, index) === path.values[slot]) return true;
  }
  return false;
}

/** The lower, the earlier a condition is tested: about the chance that it holds, more where it costs more. */
function rankOf(words: Int32Array, at: number, statistics: Statistics): number {
  const word = words[at] as number;
  const code = word & op.OP_MASK;
  switch (code) {
    case op.EQUALS:
    case op.EQUALS_WIDE:
    case op.IN:
    case op.IN_WIDE: {
      let share = 0;
      const slot = op.slotAt(words, at);
      for (let index = op.valuesAt(words, at) - 1; index >= 0; index--) {
        share += statistics.share(slot, op.valueAt(words, at, index));
      }
      return word & op.NEGATED ? 1 - share : share;
    }
    case op.BETWEEN:
      return 0.2;
    case op.TEST:
      return 3;
    case op.ALL:
    case op.ANY:
      return 2;
    default:
      return 0.5;
  }
}

import {
  answer,
  type EventState,
  MULTI_VALUE,
  type MultiValue,
  numbersOf,
  slotHasValue,
} from "./event-state.ts";
import { edgeHash } from "./hash.ts";
import * as op from "./opcodes.ts";
import { endOfList, headersOf, holdingOf } from "./range-lists.ts";
import { includes } from "./symbols.ts";
import { bucketOf, entryOf, RANGE_BOUNDS, SPLIT_WORDS, type Trie } from "./trie.ts";
import { doublesOf } from "./words.ts";

/** A trie with its views, as the search reads it. */
export interface Searchable extends Trie {
  readonly doubles: Float64Array;
  /** Per number of a shared group: 2 · the epoch of the event that it was last decided for, + 1 when it held. */
  readonly answers: Float64Array;
}

export function searchable(trie: Trie): Searchable {
  return { ...trie, doubles: doublesOf(trie.code), answers: new Float64Array(trie.sharedGroups + 1) };
}

/** Ordinals of campaigns; one may be there twice, when its records' headers say so. */
export interface Found {
  headers: Int32Array;
  count: number;
  /** Records looked at. */
  candidates: number;
}

/** Appends the header of every record that holds for the event. */
export function search(trie: Searchable, state: EventState, found: Found): void {
  visit(trie, state, found, trie.root);
}

function visit(trie: Searchable, state: EventState, found: Found, child: number): void {
  if (child < 0) {
    scan(trie, state, found, ~child);
    return;
  }
  const { nodes, splits, edges } = trie;
  const leaf = nodes[child] as number;
  if (leaf !== 0) scan(trie, state, found, leaf);
  const end = nodes[child + 2] as number;
  for (let at = nodes[child + 1] as number; at < end; at += SPLIT_WORDS) {
    const key = splits[at] as number;
    const slot = key >>> 1;
    const held = state.values[slot] as number;
    if (held === 0) continue;
    const base = splits[at + 1] as number;
    const last = splits[at + 2] as number;
    if (key & 1) {
      visitRanges(trie, state, found, slot, base, last);
    } else if (held === MULTI_VALUE) {
      visitSeveral(trie, state, found, (state.multiValues[slot] as MultiValue).values, base, last);
    } else {
      for (let entry = entryOf(state.hashes[slot] as number, last); ; entry = (entry + 1) & last) {
        const value = edges[base + 2 * entry] as number;
        if (value === held) {
          visit(trie, state, found, edges[base + 2 * entry + 1] as number);
          break;
        }
        if (value === 0) break;
      }
    }
  }
}

/** By values or by edges, whichever are fewer: an event with many values costs no more than the whole trie. */
function visitSeveral(
  trie: Searchable,
  state: EventState,
  found: Found,
  values: Int32Array,
  base: number,
  mask: number,
): void {
  const { edges } = trie;
  if (values.length > mask) {
    for (let at = base; at <= base + 2 * mask; at += 2) {
      const value = edges[at] as number;
      if (value !== 0 && includes(values, value)) visit(trie, state, found, edges[at + 1] as number);
    }
    return;
  }
  for (const wanted of values) {
    for (let entry = entryOf(edgeHash(state.symbols.keys, wanted), mask); ; entry = (entry + 1) & mask) {
      const value = edges[base + 2 * entry] as number;
      if (value === wanted) {
        visit(trie, state, found, edges[base + 2 * entry + 1] as number);
        break;
      }
      if (value === 0) break;
    }
  }
}

function visitRanges(
  trie: Searchable,
  state: EventState,
  found: Found,
  slot: number,
  base: number,
  count: number,
): void {
  const buckets = bucketsOf(trie, state, slot);
  if (buckets === 0) return;
  const { edges } = trie;
  for (let at = base; at < base + 2 * count; at += 2) {
    const range = edges[at] as number;
    const inside = (2 << (range >>> 8)) - (1 << (range & 255));
    if ((buckets & inside) !== 0) visit(trie, state, found, edges[at + 1] as number);
  }
}

/** One bit for each bucket that holds one of the slot's numbers. */
function bucketsOf(trie: Searchable, state: EventState, slot: number): number {
  const start = trie.boundsOf[slot] as number;
  if (state.values[slot] !== MULTI_VALUE) {
    const number = state.numbers[slot] as number;
    return Number.isNaN(number) ? 0 : 1 << bucketOf(trie.bounds, start, number);
  }
  const numbers = numbersOf(state.multiValues[slot] as MultiValue);
  let buckets = 0;
  for (let at = 0; at < numbers.length; ) {
    const bucket = bucketOf(trie.bounds, start, numbers[at] as number);
    buckets |= 1 << bucket;
    if (bucket === RANGE_BOUNDS) break;
    at = countBelow(numbers, trie.bounds[start + bucket] as number); // the first that is in a later bucket
  }
  return buckets;
}

/** Looks at every record of a leaf. The innermost loop of the product: conditions are decided in place. */
function scan(trie: Searchable, state: EventState, found: Found, leaf: number): void {
  const { code, doubles } = trie;
  const { values, numbers } = state;
  const end = code[leaf] as number;
  if (end < (code[leaf + 1] as number)) searchLists(trie, state, found, end, code[leaf + 1] as number);
  let at = leaf + op.LEAF_WORDS;
  records: while (at < end) {
    const header = code[at] as number;
    const next = at + op.HEADER_WORDS + (code[at + 1] as number);
    found.candidates++;
    at += op.HEADER_WORDS;
    while (at < next) {
      const word = code[at] as number;
      let holds: boolean;
      switch (word & op.OP_MASK) {
        case op.SKIP:
          at++;
          continue;
        case op.EQUALS: {
          const slot = (word >>> op.NUMBER_SHIFT) & op.NARROW_SLOT_MASK;
          const held = values[slot] as number;
          const value = word >>> op.NARROW_SHIFT;
          holds = held === value || (held === MULTI_VALUE && slotHasValue(state, slot, value));
          at++;
          break;
        }
        case op.LEAST: {
          const slot = word >>> op.NUMBER_SHIFT;
          holds =
            (numbers[slot] as number) >= (doubles[(at + 1) >>> 1] as number) ||
            (values[slot] === MULTI_VALUE && holdsAt(trie, state, at));
          at += 3;
          break;
        }
        case op.MOST: {
          const slot = word >>> op.NUMBER_SHIFT;
          holds =
            (numbers[slot] as number) <= (doubles[(at + 1) >>> 1] as number) ||
            (values[slot] === MULTI_VALUE && holdsAt(trie, state, at));
          at += 3;
          break;
        }
        default:
          holds = holdsAt(trie, state, at);
          at = op.endOf(code, at);
      }
      if (holds === ((word & op.NEGATED) !== 0)) {
        at = next;
        continue records;
      }
    }
    if (found.count === found.headers.length) grow(found);
    found.headers[found.count++] = header;
  }
}

/** Hands out the first records of each list between `start` and `end`, as many as hold. */
function searchLists(
  { code, doubles }: Searchable,
  state: EventState,
  found: Found,
  start: number,
  end: number,
): void {
  for (let list = start; list < end; list = endOfList(code, list)) {
    const holding = holdingOf(code, doubles, state, list);
    if (holding === 0) continue;
    found.candidates += holding;
    while (found.count + holding > found.headers.length) grow(found);
    const { headers } = found;
    const from = headersOf(code, list);
    let to = found.count;
    for (let at = from; at < from + holding; at++) headers[to++] = code[at] as number;
    found.count = to;
  }
}

/** Whether the condition at `at` holds, its negation left aside. */
function holdsAt(trie: Searchable, state: EventState, at: number): boolean {
  const { code, doubles } = trie;
  const word = code[at] as number;
  const number = word >>> op.NUMBER_SHIFT;
  switch (word & op.OP_MASK) {
    case op.EQUALS:
      return slotHasValue(state, number & op.NARROW_SLOT_MASK, word >>> op.NARROW_SHIFT);
    case op.EQUALS_WIDE:
      return slotHasValue(state, number, code[at + 1] as number);
    case op.IN:
    case op.IN_WIDE: {
      const slot = op.slotAt(code, at);
      if (state.values[slot] === 0) return false;
      for (let index = op.valuesAt(code, at) - 1; index >= 0; index--) {
        if (slotHasValue(state, slot, op.valueAt(code, at, index))) return true;
      }
      return false;
    }
    case op.GREATER:
    case op.LEAST:
    case op.LESS:
    case op.MOST:
    case op.BETWEEN:
      return isInRange(trie, state, at);
    case op.FROM:
      return state.now >= (doubles[(at + 1) >>> 1] as number);
    case op.UNTIL:
      return state.now < (doubles[(at + 1) >>> 1] as number);
    case op.EXISTS:
      return state.values[number] !== 0;
    case op.TEST:
      return answer(state, number);
    case op.ALL:
      return groupHolds(trie, state, at);
    case op.ANY:
      return number === 0 ? groupHolds(trie, state, at) : sharedGroupHolds(trie, state, at, number);
    default:
      return true;
  }
}

/** Decided at most once for an event, whichever records ask. */
function sharedGroupHolds(trie: Searchable, state: EventState, group: number, number: number): boolean {
  const { answers } = trie;
  const known = (answers[number] as number) - 2 * state.epoch;
  if (known >= 0) return known === 1;
  const holds = groupHolds(trie, state, group);
  answers[number] = 2 * state.epoch + (holds ? 1 : 0);
  return holds;
}

function groupHolds(trie: Searchable, state: EventState, group: number): boolean {
  const { code } = trie;
  const all = ((code[group] as number) & op.OP_MASK) === op.ALL;
  const end = group + (code[group + 1] as number);
  for (let at = group + 2; at < end; at = op.endOf(code, at)) {
    const word = code[at] as number;
    if ((word & op.OP_MASK) === op.SKIP) continue;
    const holds = holdsAt(trie, state, at) !== ((word & op.NEGATED) !== 0);
    if (holds !== all) return holds;
  }
  return all;
}

function isInRange(
  { code, doubles }: Searchable,
  { values, numbers, multiValues }: EventState,
  at: number,
): boolean {
  const word = code[at] as number;
  const slot = word >>> op.NUMBER_SHIFT;
  const limit = doubles[(at + 1) >>> 1] as number;
  const high = doubles[(at + 3) >>> 1] as number;
  if (values[slot] !== MULTI_VALUE) return compare(word, numbers[slot] as number, limit, high);
  return someInRange(word, numbersOf(multiValues[slot] as MultiValue), limit, high);
}

/** Whether any of some sorted numbers is in a range. */
function someInRange(word: number, numbers: Float64Array, limit: number, high: number): boolean {
  switch (word & op.OP_MASK) {
    case op.GREATER:
    case op.LEAST:
      return compare(word, numbers[numbers.length - 1] ?? Number.NaN, limit, high);
    case op.LESS:
    case op.MOST:
      return compare(word, numbers[0] ?? Number.NaN, limit, high);
    default:
      return compare(word, numbers[countBelow(numbers, limit)] ?? Number.NaN, limit, high);
  }
}

/** How many of some sorted numbers are less than a limit. */
function countBelow(numbers: Float64Array, limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(word: number, number: number, limit: number, high: number): boolean {
  switch (word & op.OP_MASK) {
    case op.GREATER:
      return number > limit;
    case op.LEAST:
      return number >= limit;
    case op.LESS:
      return number < limit;
    case op.MOST:
      return number <= limit;
    default:
      return number >= limit && number <= high;
  }
}

function grow(found: Found): void {
  const larger = new Int32Array(found.headers.length * 2);
  larger.set(found.headers);
  found.headers = larger;
}

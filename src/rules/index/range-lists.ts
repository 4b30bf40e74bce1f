import type { EventState, MultiValue } from "./event-state.ts";
import { MULTI_VALUE, numbersOf } from "./event-state.ts";
import * as op from "./opcodes.ts";
import { push, pushDouble, type Words } from "./words.ts";

/*
 * Records of a leaf that ask for nothing more than a number on one side are kept as lists, one for each slot and
 * operator:
 *
 *   condition   op (GREATER … MOST) and slot, as in a record
 *   count       of the records
 *   thresholds  doubles, sorted so that those an event's number satisfies come first; SKIP before them where needed
 *   headers     of the records, in the same order
 *
 * A binary search finds how many of them hold, however long the list is.
 */

/** Appends the records at `items` of `from`, whose remaining conditions stand at `ranges`, as lists. */
export function writeRangeLists(
  to: Words,
  { words, doubles }: Words,
  items: readonly number[],
  ranges: readonly number[],
): void {
  const lists = new Map<number, { threshold: number; header: number }[]>();
  for (const [index, range] of ranges.entries()) {
    const word = words[range] as number;
    const list = lists.get(word) ?? [];
    lists.set(word, list);
    list.push({
      threshold: doubles[(range + 1) >>> 1] as number,
      header: words[items[index] as number] as number,
    });
  }
  for (const [word, list] of lists) {
    const ascending = asksForMore(word);
    list.sort((a, b) => (ascending ? a.threshold - b.threshold : b.threshold - a.threshold));
    push(to, word);
    push(to, list.length);
    if (to.length & 1) push(to, op.SKIP);
    for (const { threshold } of list) pushDouble(to, threshold);
    for (const { header } of list) push(to, header);
  }
}

/** Whether a condition is one that a list can have. */
export function isOneSided(word: number): boolean {
  const code = word & op.OP_MASK;
  return code >= op.GREATER && code <= op.MOST && (word & op.NEGATED) === 0;
}

/** Where the thresholds of the list at `list` start; its headers follow them. */
export function thresholdsOf(list: number): number {
  return (list + 3) & ~1;
}

export function headersOf(code: Int32Array, list: number): number {
  return thresholdsOf(list) + 2 * (code[list + 1] as number);
}

export function endOfList(code: Int32Array, list: number): number {
  return headersOf(code, list) + (code[list + 1] as number);
}

/** How many records of the list at `list` hold: the first ones. */
export function holdingOf(code: Int32Array, doubles: Float64Array, state: EventState, list: number): number {
  const word = code[list] as number;
  const number = numberAskedFor(state, word);
  if (Number.isNaN(number)) return 0;
  const first = thresholdsOf(list) >>> 1;
  let low = 0;
  let high = code[list + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(word, number, doubles[first + middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of several numbers the one that satisfies most ranges of this kind; NaN when there is none. */
function numberAskedFor(state: EventState, word: number): number {
  const slot = word >>> op.NUMBER_SHIFT;
  if (state.values[slot] !== MULTI_VALUE) return state.numbers[slot] as number;
  const numbers = numbersOf(state.multiValues[slot] as MultiValue);
  return numbers[asksForMore(word) ? numbers.length - 1 : 0] ?? Number.NaN;
}

function asksForMore(word: number): boolean {
  return (word & op.OP_MASK) <= op.LEAST;
}

function holds(word: number, number: number, threshold: number): boolean {
  switch (word & op.OP_MASK) {
    case op.GREATER:
      return number > threshold;
    case op.LEAST:
      return number >= threshold;
    case op.LESS:
      return number < threshold;
    default:
      return number <= threshold;
  }
}

import { type HashKeys, hashOfWords } from "./hash.ts";
import { grown } from "./words.ts";

/**
 * The numbers that rules compare a field with, each numbered within its field. Like terms.ts; a `Map` would do but
 * for its hash of numbers, which anybody can compute.
 */
export interface Numbers {
  readonly keys: HashKeys;
  /** Entry + 1, 0 where free. Length a power of two, at most half full. */
  table: Int32Array<ArrayBuffer>;
  count: number;
  slotOf: Int32Array<ArrayBuffer>;
  valueOf: Int32Array<ArrayBuffer>;
  numberOf: Float64Array<ArrayBuffer>;
  /** For the words of one number at a time. */
  readonly scratch: { readonly double: Float64Array; readonly words: Int32Array };
}

export function createNumbers(keys: HashKeys): Numbers {
  return restoreNumbers(keys, {
    table: new Int32Array(16),
    count: 0,
    slotOf: new Int32Array(8),
    valueOf: new Int32Array(8),
    numberOf: new Float64Array(8),
  });
}

/** Numbers as they were stored, with the same keys. */
export function restoreNumbers(keys: HashKeys, stored: Omit<Numbers, "keys" | "scratch">): Numbers {
  const double = new Float64Array(1);
  return { ...stored, keys, scratch: { double, words: new Int32Array(double.buffer) } };
}

/** The number of a number among the values of a field, or 0 when no rule compares the field with it. */
export function findNumber(numbers: Numbers, slot: number, number: number): number {
  const { table } = numbers;
  const mask = table.length - 1;
  for (let place = hashOf(numbers, slot, number) & mask; ; place = (place + 1) & mask) {
    const entry = (table[place] as number) - 1;
    if (entry < 0) return 0;
    if (numbers.numberOf[entry] === number && numbers.slotOf[entry] === slot)
      return numbers.valueOf[entry] as number;
  }
}

/** Adds a number that is not there yet. */
export function addNumber(numbers: Numbers, slot: number, number: number, value: number): void {
  const entry = numbers.count++;
  if (entry >= numbers.slotOf.length) grow(numbers);
  numbers.slotOf[entry] = slot;
  numbers.valueOf[entry] = value;
  numbers.numberOf[entry] = number;
  if (numbers.count * 2 > numbers.table.length) {
    numbers.table = new Int32Array(numbers.table.length * 2);
    for (let known = 0; known < entry; known++) insert(numbers, known);
  }
  insert(numbers, entry);
}

function insert(numbers: Numbers, entry: number): void {
  const { table } = numbers;
  const mask = table.length - 1;
  let place = hashOf(numbers, numbers.slotOf[entry] as number, numbers.numberOf[entry] as number) & mask;
  while (table[place] !== 0) place = (place + 1) & mask;
  table[place] = entry + 1;
}

/** −0 and 0 are one number. */
function hashOf({ keys, scratch: { double, words } }: Numbers, slot: number, number: number): number {
  double[0] = number === 0 ? 0 : number;
  return hashOfWords(keys, slot, words);
}

function grow(numbers: Numbers): void {
  const capacity = Math.max(8, numbers.slotOf.length * 2);
  numbers.slotOf = grown(numbers.slotOf, capacity);
  numbers.valueOf = grown(numbers.valueOf, capacity);
  const larger = new Float64Array(capacity);
  larger.set(numbers.numberOf);
  numbers.numberOf = larger;
}

import { pathOf } from "../language/path.ts";
import type { Condition, Rule, Scalar, Some } from "../language/rule.ts";
import { createHashKeys, type HashKeys, hashOfWords, type Seed } from "./hash.ts";
import { addNumber, createNumbers, findNumber, type Numbers } from "./numbers.ts";
import { addTerm, createTerms, findTerm, type Terms, textOfTerm } from "./terms.ts";

/*
 * What rules speak of, numbered: a field is a slot, a value that a field is compared with is a number within
 * that slot. Shared by all segments of an index, so that an event is translated once.
 */

/** Values every slot has: no field reaches nothing (0), and a value no rule names is OTHER. */
export const ABSENT = 0;
export const TRUE = 1;
export const FALSE = 2;
export const OTHER = 3;
const FIRST_VALUE = 4;

/** An inner node of the tree of paths: which slot ends here, which keys lead on. */
export interface FieldNode {
  slot: number;
  children: Map<string, FieldNode> | null;
}

/** Long `in` lists over one field. A list is a value of the field's list slot: the lists the value is in. */
export interface Lists {
  readonly slot: number;
  /** Sorted values of each list. List i is value `i + FIRST_VALUE` of the list slot. */
  readonly members: Int32Array<ArrayBuffer>[];
  readonly byHash: Map<number, number[]>;
  /** Which of the first `indexed` lists hold a value: `lists[starts[v] … starts[v + 1]]`. */
  indexed: number;
  starts: Int32Array;
  lists: Int32Array;
}

export interface Symbols {
  readonly keys: HashKeys;
  readonly root: FieldNode;
  /** The path of each slot; undefined for a list slot. */
  readonly paths: (string | undefined)[];
  /** Of a list slot the slot of its field, otherwise −1. */
  readonly ownerOf: number[];
  readonly slotOfPath: Map<string, number>;
  /** How many values each slot has numbered, the fixed ones included. */
  readonly valueCounts: number[];
  readonly terms: Terms;
  /** Whether a slot has terms at all. */
  readonly hasTerms: boolean[];
  readonly numbers: Numbers;
  /** Whether a slot has numbers at all. */
  readonly hasNumbers: boolean[];
  readonly lists: (Lists | undefined)[];
  /** Conditions that are decided as a whole, at most once per event: positive, as JSON. */
  readonly tests: string[];
  readonly testNumbers: Map<string, number>;
}

export function createSymbols(seed: Seed): Symbols {
  const keys = createHashKeys(seed);
  return symbolsWith(createTerms(keys), createNumbers(keys));
}

/** Symbols without slots yet, over terms and numbers that share their keys. */
export function symbolsWith(terms: Terms, numbers: Numbers): Symbols {
  return {
    keys: terms.keys,
    root: { slot: -1, children: null },
    paths: [],
    ownerOf: [],
    slotOfPath: new Map(),
    valueCounts: [],
    terms,
    hasTerms: [],
    numbers,
    hasNumbers: [],
    lists: [],
    tests: [],
    testNumbers: new Map(),
  };
}

export function slotOf(symbols: Symbols, field: string): number {
  return symbols.slotOfPath.get(field) ?? addSlot(symbols, field, NO_OWNER);
}

const NO_OWNER = -1;

function addSlot(symbols: Symbols, field: string | undefined, owner: number): number {
  const slot = symbols.paths.length;
  symbols.paths.push(field);
  symbols.ownerOf.push(owner);
  symbols.valueCounts.push(FIRST_VALUE);
  symbols.hasTerms.push(false);
  symbols.hasNumbers.push(false);
  symbols.lists.push(undefined);
  if (field !== undefined) {
    symbols.slotOfPath.set(field, slot);
    leafFor(symbols.root, field).slot = slot;
  }
  return slot;
}

function leafFor(root: FieldNode, field: string): FieldNode {
  let node = root;
  for (const key of pathOf(field)) {
    node.children ??= new Map();
    let child = node.children.get(key);
    if (child === undefined) {
      child = { slot: -1, children: null };
      node.children.set(key, child);
    }
    node = child;
  }
  return node;
}

/** Adds a slot as it was stored; slots are restored in their order, a list slot after its field's. */
export function restoreSlot(
  symbols: Symbols,
  stored: {
    readonly path: string | undefined;
    readonly owner: number;
    readonly values: number;
    readonly hasTerms: boolean;
    readonly hasNumbers: boolean;
  },
): void {
  const slot = addSlot(symbols, stored.path, stored.owner);
  symbols.valueCounts[slot] = stored.values;
  symbols.hasTerms[slot] = stored.hasTerms;
  symbols.hasNumbers[slot] = stored.hasNumbers;
  if (stored.owner !== NO_OWNER) symbols.lists[stored.owner] = emptyLists(slot);
}

function emptyLists(slot: number): Lists {
  return {
    slot,
    members: [],
    byHash: new Map(),
    indexed: 0,
    starts: new Int32Array(0),
    lists: new Int32Array(0),
  };
}

/** The number of a value among those the slot is compared with; a new one when it is the first time. */
export function numberOf(symbols: Symbols, slot: number, value: Scalar): number {
  if (typeof value === "boolean") return value ? TRUE : FALSE;
  if (typeof value === "string") {
    let number = findTerm(symbols.terms, slot, value);
    if (number === 0) {
      number = nextValue(symbols, slot);
      addTerm(symbols.terms, slot, value, number);
      symbols.hasTerms[slot] = true;
    }
    return number;
  }
  let number = findNumber(symbols.numbers, slot, value);
  if (number === 0) {
    number = nextValue(symbols, slot);
    addNumber(symbols.numbers, slot, value, number);
    symbols.hasNumbers[slot] = true;
  }
  return number;
}

/** The number of a value an event holds: OTHER when no rule compares the slot with it. */
export function findValue(symbols: Symbols, slot: number, value: unknown): number {
  switch (typeof value) {
    case "string":
      return symbols.hasTerms[slot] ? findTerm(symbols.terms, slot, value) || OTHER : OTHER;
    case "number":
      return symbols.hasNumbers[slot] ? findNumber(symbols.numbers, slot, value) || OTHER : OTHER;
    case "boolean":
      return value ? TRUE : FALSE;
    default:
      return OTHER;
  }
}

/** The other way: which scalar a value of a field's slot stands for. Made once, for many look-ups. */
export function scalarsOf(symbols: Symbols): (slot: number, value: number) => Scalar {
  const scalars: Scalar[][] = symbols.paths.map(() => []);
  const { terms, numbers } = symbols;
  const termOf = symbols.valueCounts.map((count, slot) =>
    new Int32Array(symbols.hasTerms[slot] ? count : 0).fill(-1),
  );
  for (let term = 0; term < terms.count; term++) {
    const slots = termOf[terms.slotOf[term] as number] as Int32Array;
    slots[terms.valueOf[term] as number] = term;
  }
  for (let entry = 0; entry < numbers.count; entry++) {
    const values = scalars[numbers.slotOf[entry] as number] as Scalar[];
    values[numbers.valueOf[entry] as number] = numbers.numberOf[entry] as number;
  }
  return (slot, value) => {
    if (value === TRUE || value === FALSE) return value === TRUE;
    const term = termOf[slot]?.[value] ?? -1;
    if (term >= 0) return textOfTerm(terms, term);
    const scalar = scalars[slot]?.[value];
    if (scalar === undefined) throw new Error("a value of a rule has a scalar");
    return scalar;
  };
}

function nextValue(symbols: Symbols, slot: number): number {
  const value = symbols.valueCounts[slot] ?? FIRST_VALUE;
  symbols.valueCounts[slot] = value + 1;
  return value;
}

/**
 * The slot and value that stand for "is in this list": an event's value of `slot` has, in the list slot, all
 * the lists it is in. Equal lists are one.
 */
export function listOf(
  symbols: Symbols,
  slot: number,
  values: readonly number[],
): { slot: number; value: number } {
  let lists = symbols.lists[slot];
  if (lists === undefined) {
    lists = emptyLists(addSlot(symbols, undefined, slot));
    symbols.lists[slot] = lists;
  }
  const members = Int32Array.from(values).sort();
  const hash = hashOfWords(symbols.keys, lists.slot, members);
  const candidates = lists.byHash.get(hash) ?? [];
  let list = candidates.find((known) => isEqual(lists.members[known], members));
  if (list === undefined) {
    list = lists.members.length;
    lists.members.push(members);
    lists.byHash.set(hash, [...candidates, list]);
    symbols.valueCounts[lists.slot] = list + FIRST_VALUE + 1;
  }
  return { slot: lists.slot, value: list + FIRST_VALUE };
}

/** Adds a list as it was stored, in its order. */
export function restoreList({ keys }: Symbols, lists: Lists, members: Int32Array<ArrayBuffer>): void {
  const hash = hashOfWords(keys, lists.slot, members);
  lists.byHash.set(hash, [...(lists.byHash.get(hash) ?? []), lists.members.length]);
  lists.members.push(members);
}

/** The members of the list that a value of a list slot stands for. */
export function membersOf(lists: Lists, value: number): Int32Array {
  return lists.members[value - FIRST_VALUE] ?? new Int32Array(0);
}

/** Calls `found` with each value of the list slot that `value` of the field's slot has. */
export function forEachList(lists: Lists, value: number, found: (list: number) => void): void {
  if (value < lists.starts.length - 1) {
    const end = lists.starts[value + 1] as number;
    for (let at = lists.starts[value] as number; at < end; at++)
      found((lists.lists[at] as number) + FIRST_VALUE);
  }
  for (let list = lists.indexed; list < lists.members.length; list++) {
    if (includes(lists.members[list] as Int32Array, value)) found(list + FIRST_VALUE);
  }
}

/** Lists that are not yet looked up by value are searched one by one: at most this many. */
const UNINDEXED_LISTS_MAX = 16;

/** Turns the lists around, from values to lists, when many are new. Takes time linear in all of them. */
export function indexLists(symbols: Symbols, force: boolean): void {
  for (const [slot, lists] of symbols.lists.entries()) {
    if (lists === undefined) continue;
    const fresh = lists.members.length - lists.indexed;
    if (fresh === 0 || (!force && fresh <= UNINDEXED_LISTS_MAX)) continue;
    const values = symbols.valueCounts[slot] ?? 0;
    const starts = new Int32Array(values + 1);
    for (const members of lists.members)
      for (const member of members) starts[member] = (starts[member] as number) + 1;
    let total = 0;
    for (let value = 0; value <= values; value++) {
      const count = starts[value] as number;
      starts[value] = total;
      total += count;
    }
    const inverted = new Int32Array(total);
    const next = starts.slice();
    for (const [list, members] of lists.members.entries()) {
      for (const member of members) {
        const at = next[member] as number;
        inverted[at] = list;
        next[member] = at + 1;
      }
    }
    lists.starts = starts;
    lists.lists = inverted;
    lists.indexed = lists.members.length;
  }
}

/** The number of a condition that is decided as a whole. */
export function testOf(symbols: Symbols, rule: Condition | Some): number {
  const json = JSON.stringify(rule);
  let number = symbols.testNumbers.get(json);
  if (number === undefined) {
    number = symbols.tests.length;
    symbols.tests.push(json);
    symbols.testNumbers.set(json, number);
  }
  return number;
}

export function testRule(symbols: Symbols, number: number): Rule {
  return JSON.parse(symbols.tests[number] ?? "") as Rule;
}

/** Whether a sorted array holds a value. */
export function includes(sorted: Int32Array, value: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === value;
}

function isEqual(a: Int32Array | undefined, b: Int32Array): boolean {
  return a !== undefined && a.length === b.length && a.every((value, at) => value === b[at]);
}

import { compileRule } from "../evaluation/closure.ts";
import type { EventDocument } from "../evaluation/event.ts";
import { asksForWholes, predicateOf } from "../evaluation/predicate.ts";
import { account, charge, createWork, paidFor, spend, type Tools, type Work } from "../evaluation/work.ts";
import { type Pattern, patternOf } from "../language/pattern.ts";
import { instantOf } from "../language/time.ts";
import { edgeHash } from "./hash.ts";
import {
  ABSENT,
  type FieldNode,
  findValue,
  forEachList,
  includes,
  type Lists,
  OTHER,
  type Symbols,
  testRule,
} from "./symbols.ts";

/** In `values`: the slot has several values, which `multiValues` lists. */
export const MULTI_VALUE = -1;

export interface MultiValue {
  /** The values rules know, sorted, each once. */
  values: Int32Array;
  /** What the event holds, as it holds it. */
  readonly raws: unknown[];
  /** Its numbers, sorted, made when a range first asks. */
  numbers: Float64Array | undefined;
}

/**
 * One event in the index's terms. Made once, filled for each event and emptied after it: only what an event
 * touched is reset, and nothing of it is kept.
 */
export interface EventState {
  readonly symbols: Symbols;
  event: EventDocument | null;
  /** The event's time in milliseconds, or NaN. */
  now: number;
  /** Per slot: a value's number, ABSENT, OTHER or MULTI_VALUE. */
  values: Int32Array;
  /** Per slot that has one value: its `edgeHash`. */
  hashes: Int32Array;
  /** Per slot: the number it holds, NaN when it holds none or several values. */
  numbers: Float64Array;
  /** Per slot: what the event holds, when it is one value. */
  readonly raws: unknown[];
  readonly multiValues: (MultiValue | undefined)[];
  /** The first `touchedCount` are the slots that the event has filled. */
  touched: Int32Array;
  touchedCount: number;
  /** Whether a field has several values, so that what names several values may be found by more than one. */
  hasMultiValue: boolean;
  /** Per list of one slot: whether it is among those that have been found. Clear between slots. */
  isFound: Uint8Array;
  /** Counts events, so that answers are forgotten by going on. */
  epoch: number;
  testEpochs: Float64Array;
  testAnswers: Uint8Array;
  readonly tests: (((state: EventState) => boolean) | undefined)[];
  /** What deciding the event's tests comes out of. */
  readonly work: Work;
  readonly patterns: Map<string, Pick<Pattern, "test">>;
  /** What patterns have answered about this event's texts. */
  readonly answered: Map<string, boolean>[];
  answers: number;
}

/** So many answers of patterns are remembered for one event; what comes after is asked again. */
const ANSWERS_MAX = 1 << 16;

export function createEventState(symbols: Symbols): EventState {
  return {
    symbols,
    event: null,
    now: Number.NaN,
    values: new Int32Array(0),
    hashes: new Int32Array(0),
    numbers: new Float64Array(0),
    raws: [],
    multiValues: [],
    touched: new Int32Array(0),
    touchedCount: 0,
    hasMultiValue: false,
    isFound: new Uint8Array(0),
    epoch: 0,
    testEpochs: new Float64Array(0),
    testAnswers: new Uint8Array(0),
    tests: [],
    work: createWork(),
    patterns: new Map(),
    answered: [],
    answers: 0,
  };
}

/** Translates an event. Takes time linear in the event. */
export function loadEvent(state: EventState, event: EventDocument): void {
  makeRoom(state);
  state.event = event;
  state.now = instantOf(event.time);
  state.epoch++;
  walk(state, state.symbols.root, event);
  if (state.hasMultiValue) {
    for (let index = 0; index < state.touchedCount; index++) {
      const slot = state.touched[index] as number;
      const several = state.multiValues[slot];
      if (several !== undefined) several.values = knownValues(state.symbols, slot, several.raws);
    }
  }
  fillLists(state);
}

export function clearEvent(state: EventState): void {
  for (let index = 0; index < state.touchedCount; index++) {
    const slot = state.touched[index] as number;
    state.values[slot] = ABSENT;
    state.numbers[slot] = Number.NaN;
    state.raws[slot] = undefined;
    state.multiValues[slot] = undefined;
  }
  state.touchedCount = 0;
  state.hasMultiValue = false;
  state.event = null;
  if (state.answers === 0) return;
  for (const answers of state.answered) answers.clear();
  state.answered.length = 0;
  state.answers = 0;
}

/** Whether the slot has this value. */
export function slotHasValue(state: EventState, slot: number, value: number): boolean {
  const held = state.values[slot];
  return (
    held === value ||
    (held === MULTI_VALUE && includes((state.multiValues[slot] as MultiValue).values, value))
  );
}

/** The numbers among the slot's several values, sorted. */
export function numbersOf(several: MultiValue): Float64Array {
  several.numbers ??= Float64Array.from(
    several.raws.filter((raw): raw is number => typeof raw === "number"),
  ).sort();
  return several.numbers;
}

/** Whether a condition that is decided as a whole holds: decided at most once per event. */
export function answer(state: EventState, test: number): boolean {
  if (state.testEpochs[test] !== state.epoch) {
    let decide = state.tests[test];
    if (decide === undefined) {
      decide = compileTest(state, test);
      state.tests[test] = decide;
    }
    charge(state.work, test);
    state.testAnswers[test] = decide(state) ? 1 : 0;
    account(state.work);
    state.testEpochs[test] = state.epoch;
  }
  return state.testAnswers[test] === 1;
}

function walk(state: EventState, node: FieldNode, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== "object") {
    if (node.slot >= 0) put(state, node.slot, value);
  } else if (Array.isArray(value)) {
    for (const element of value) walk(state, node, element);
  } else {
    if (node.slot >= 0) put(state, node.slot, value);
    if (node.children === null) return;
    for (const key of Object.keys(value)) {
      const child = node.children.get(key);
      if (child !== undefined) walk(state, child, (value as { readonly [key: string]: unknown })[key]);
    }
  }
}

function put(state: EventState, slot: number, raw: unknown): void {
  const held = state.values[slot];
  if (held === ABSENT) {
    state.touched[state.touchedCount++] = slot;
    state.raws[slot] = raw;
    const value = findValue(state.symbols, slot, raw);
    state.values[slot] = value;
    state.hashes[slot] = edgeHash(state.symbols.keys, value);
    if (typeof raw === "number") state.numbers[slot] = raw;
  } else if (held === MULTI_VALUE) {
    (state.multiValues[slot] as MultiValue).raws.push(raw);
  } else {
    state.hasMultiValue = true;
    state.multiValues[slot] = { values: NO_VALUES, raws: [state.raws[slot], raw], numbers: undefined };
    state.values[slot] = MULTI_VALUE;
    state.numbers[slot] = Number.NaN;
    state.raws[slot] = undefined;
  }
}

const NO_VALUES = new Int32Array(0);

function knownValues(symbols: Symbols, slot: number, raws: readonly unknown[]): Int32Array {
  const sorted = Int32Array.from(raws, (raw) => findValue(symbols, slot, raw)).sort();
  return sorted.filter((value, at) => value !== OTHER && value !== sorted[at - 1]);
}

/** The lists that the event's values are in, as values of the list slots. */
function fillLists(state: EventState): void {
  const { lists } = state.symbols;
  const touched = state.touchedCount;
  for (let index = 0; index < touched; index++) {
    const slot = state.touched[index] as number;
    const over = lists[slot];
    if (over === undefined) continue;
    const held = state.values[slot] as number;
    if (held === OTHER) continue;
    const found: number[] = [];
    if (held === MULTI_VALUE)
      addListsOfAll(state, over, (state.multiValues[slot] as MultiValue).values, found);
    else forEachList(over, held, (list) => found.push(list));
    if (found.length === 0) continue;
    state.touched[state.touchedCount++] = over.slot;
    state.values[over.slot] = MULTI_VALUE;
    state.multiValues[over.slot] = {
      values: Int32Array.from(found).sort(),
      raws: [],
      numbers: undefined,
    };
  }
}

/** A list that several of the values are in is one list. */
function addListsOfAll(state: EventState, over: Lists, values: Int32Array, found: number[]): void {
  const count = state.symbols.valueCounts[over.slot] as number;
  if (state.isFound.length < count) state.isFound = new Uint8Array(2 * count);
  const { isFound } = state;
  for (const value of values) {
    forEachList(over, value, (list) => {
      if (isFound[list] === 0) found.push(list);
      isFound[list] = 1;
    });
  }
  for (const list of found) isFound[list] = 0;
}

function compileTest(state: EventState, test: number): (state: EventState) => boolean {
  const rule = testRule(state.symbols, test);
  const { work } = state;
  const tools: Tools = {
    work,
    pattern(source) {
      let known = state.patterns.get(source);
      if (known === undefined) {
        known = remembering(state, paidFor(patternOf(source), work));
        state.patterns.set(source, known);
      }
      return known;
    },
  };
  if (!("operator" in rule) || asksForWholes(rule)) {
    const decide = compileRule(rule, tools);
    return ({ event, now }) => decide(event, now);
  }
  const slot = state.symbols.slotOfPath.get(rule.field) ?? -1;
  const asked = predicateOf(rule, tools);
  return ({ values, raws, multiValues, now }) => {
    const held = values[slot];
    if (held === ABSENT) return false;
    if (held !== MULTI_VALUE) return asked(raws[slot], now);
    const { raws: several } = multiValues[slot] as MultiValue;
    spend(work, several.length);
    return several.some((raw) => asked(raw, now));
  };
}

/** A pattern that is asked once about each text of an event, whichever rules ask. */
function remembering(state: EventState, pattern: Pick<Pattern, "test">): Pick<Pattern, "test"> {
  const answers = new Map<string, boolean>();
  return {
    test(text) {
      const known = answers.get(text);
      if (known !== undefined) return known;
      const answer = pattern.test(text);
      if (state.answers < ANSWERS_MAX) {
        if (answers.size === 0) state.answered.push(answers);
        answers.set(text, answer);
        state.answers++;
      }
      return answer;
    },
  };
}

function makeRoom(state: EventState): void {
  const slots = state.symbols.paths.length;
  if (state.values.length < slots) {
    state.values = new Int32Array(slots);
    state.hashes = new Int32Array(slots);
    state.numbers = new Float64Array(slots).fill(Number.NaN);
    state.touched = new Int32Array(slots);
  }
  const tests = state.symbols.tests.length;
  if (state.testEpochs.length < tests) {
    const capacity = tests + (tests >>> 2);
    const epochs = new Float64Array(capacity);
    epochs.set(state.testEpochs);
    state.testEpochs = epochs;
    const answers = new Uint8Array(capacity);
    answers.set(state.testAnswers);
    state.testAnswers = answers;
  }
}

import type { Some } from "../language/rule.ts";
import { encodeImplied, pushEquals, pushIn, type Records } from "./encode.ts";
import * as op from "./opcodes.ts";
import { endOfList, headersOf, thresholdsOf } from "./range-lists.ts";
import { listOf, membersOf, numberOf, type Symbols, scalarsOf, slotOf, testOf, testRule } from "./symbols.ts";
import { NODE_WORDS, SPLIT_WORDS, type Trie } from "./trie.ts";
import { push, pushAll, type Words } from "./words.ts";

/** What takes a record's slots, values and tests from one set of symbols into another. */
export interface Transcription {
  readonly from: Symbols;
  readonly to: Symbols;
  /** The scalar that a value of a slot stands for. */
  readonly scalarOf: (slot: number, value: number) => string | number | boolean;
}

export function transcription(from: Symbols, to: Symbols): Transcription {
  if (from === to) return { from, to, scalarOf: () => false }; // values stay what they are
  return { from, to, scalarOf: scalarsOf(from) };
}

/**
 * Writes every record of a trie out in full again, with the conditions that the way to it had proved, so that
 * a new trie can be built from them. `ordinalOf` gives a campaign's new ordinal, or −1 to leave it out.
 */
export function transcribeTrie(
  trie: Trie,
  by: Transcription,
  records: Records,
  ordinalOf: (ordinal: number) => number,
): void {
  const path: { slot: number; value: number }[] = [];

  const leave = (leaf: number): void => {
    const { code } = trie;
    const end = code[leaf] as number;
    for (let at = leaf + op.LEAF_WORDS, next: number; at < end; at = next) {
      const start = at + op.HEADER_WORDS;
      next = start + (code[start - 1] as number);
      transcribeRecord(code[at] as number, (words) => transcribeConditions(words, by, code, start, next));
    }
    for (let list = end; list < (code[leaf + 1] as number); list = endOfList(code, list)) {
      const word = code[list] as number;
      const headers = headersOf(code, list);
      for (let index = 0; index < (code[list + 1] as number); index++) {
        const threshold = thresholdsOf(list) + 2 * index;
        transcribeRecord(code[headers + index] as number, (words) =>
          transcribeRange(words, by, word, code, threshold, threshold + 2),
        );
      }
    }
  };

  const transcribeRecord = (header: number, conditions: (words: Words) => void): void => {
    const ordinal = ordinalOf(header >>> op.ORDINAL_SHIFT);
    if (ordinal < 0) return;
    const { words, starts } = records;
    push(starts, words.length);
    push(words, (ordinal << op.ORDINAL_SHIFT) | (header & op.HEADER_MASK));
    push(words, 0);
    const first = words.length;
    for (const { slot, value } of path) transcribeValues(words, by, slot, [value], 0);
    conditions(words);
    words.words[first - 1] = words.length - first;
  };

  const visit = (child: number): void => {
    if (child < 0) {
      leave(~child);
      return;
    }
    const leaf = trie.nodes[child] as number;
    if (leaf !== 0) leave(leaf);
    const end = trie.nodes[child + NODE_WORDS - 1] as number;
    for (let at = trie.nodes[child + 1] as number; at < end; at += SPLIT_WORDS) {
      const key = trie.splits[at] as number;
      const base = trie.splits[at + 1] as number;
      const byRange = (key & 1) === 1;
      const entries = (trie.splits[at + 2] as number) + (byRange ? 0 : 1);
      for (let entry = base; entry < base + 2 * entries; entry += 2) {
        const value = trie.edges[entry] as number;
        if (byRange) {
          visit(trie.edges[entry + 1] as number);
        } else if (value !== 0) {
          path.push({ slot: key >>> 1, value });
          visit(trie.edges[entry + 1] as number);
          path.pop();
        }
      }
    }
  };

  visit(trie.root);
}

/** The conditions between `start` and `end`, and those that follow from them. */
function transcribeConditions(
  to: Words,
  by: Transcription,
  code: Int32Array,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at = op.endOf(code, at)) {
    transcribeCondition(to, by, code, at);
    const word = code[at] as number;
    if ((word & op.OP_MASK) === op.TEST && !(word & op.NEGATED)) {
      const rule = testRule(by.from, word >>> op.NUMBER_SHIFT);
      if ("some" in rule) encodeImplied(to, by.to, { condition: rule as Some, negated: false });
    }
  }
}

function transcribeCondition(to: Words, by: Transcription, code: Int32Array, at: number): void {
  const word = code[at] as number;
  const opcode = word & op.OP_MASK;
  const negated = word & op.NEGATED;
  const number = word >>> op.NUMBER_SHIFT;
  switch (opcode) {
    case op.SKIP:
      return;
    case op.EQUALS:
    case op.EQUALS_WIDE:
    case op.IN:
    case op.IN_WIDE: {
      const values = Array.from({ length: op.valuesAt(code, at) }, (_, index) => op.valueAt(code, at, index));
      transcribeValues(to, by, op.slotAt(code, at), values, negated);
      return;
    }
    case op.TEST: {
      const rule = testRule(by.from, number);
      if ("field" in rule) slotOf(by.to, rule.field);
      push(to, op.TEST | negated | (testOf(by.to, rule as Some) << op.NUMBER_SHIFT));
      return;
    }
    case op.EXISTS:
      push(to, op.EXISTS | negated | (slotFor(by, number) << op.NUMBER_SHIFT));
      return;
    case op.ALL:
    case op.ANY: {
      if (to.length & 1) push(to, op.SKIP);
      const start = to.length;
      push(to, opcode);
      push(to, 0);
      const end = op.endOf(code, at);
      for (let part = at + 2; part < end; part = op.endOf(code, part))
        transcribeCondition(to, by, code, part);
      to.words[start + 1] = to.length - start;
      return;
    }
    default:
      transcribeRange(to, by, word, code, at + 1, op.endOf(code, at));
  }
}

/** A condition whose doubles are those between `start` and `end`. */
function transcribeRange(
  to: Words,
  by: Transcription,
  word: number,
  code: Int32Array,
  start: number,
  end: number,
): void {
  if ((to.length & 1) === 0) push(to, op.SKIP);
  const opcode = word & op.OP_MASK;
  const slot = opcode === op.FROM || opcode === op.UNTIL ? 0 : slotFor(by, word >>> op.NUMBER_SHIFT);
  push(to, opcode | (word & op.NEGATED) | (slot << op.NUMBER_SHIFT));
  pushAll(to, code, start, end);
}

function transcribeValues(
  to: Words,
  by: Transcription,
  slot: number,
  values: readonly number[],
  flags: number,
): void {
  if (by.from === by.to) {
    pushIn(to, slot, values, flags);
    return;
  }
  const owner = by.from.ownerOf[slot];
  if (owner === undefined || owner < 0) {
    const target = slotFor(by, slot);
    pushIn(
      to,
      target,
      values.map((value) => numberOf(by.to, target, by.scalarOf(slot, value))),
      flags,
    );
    return;
  }
  const lists = by.from.lists[owner];
  const [value] = values;
  if (lists === undefined || value === undefined) throw new Error("a list slot has lists");
  const target = slotFor(by, owner);
  const members = Array.from(membersOf(lists, value), (member) =>
    numberOf(by.to, target, by.scalarOf(owner, member)),
  );
  const list = listOf(by.to, target, members);
  pushEquals(to, list.slot, list.value, flags);
}

function slotFor({ from, to }: Transcription, slot: number): number {
  const path = from.paths[slot];
  if (path === undefined) throw new Error("only a field has a path");
  return slotOf(to, path);
}

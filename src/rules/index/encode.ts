import type { Campaign } from "../evaluation/matcher.ts";
import type { Condition, Scalar, Some } from "../language/rule.ts";
import { conjunctionsOf, type Literal, namedValues, normalise } from "./normalise.ts";
import * as op from "./opcodes.ts";
import { listOf, numberOf, type Symbols, slotOf, testOf } from "./symbols.ts";
import { createWords, push, pushDouble, type Words } from "./words.ts";

/** The records of some campaigns, one after the other. */
export interface Records {
  readonly words: Words;
  /** Where each record starts. */
  readonly starts: Words;
}

export function createRecords(): Records {
  return { words: createWords(1 << 12), starts: createWords(1 << 8) };
}

/** Longer lists become a value of the field's list slot. */
const INLINE_LIST_MAX = 8;

/** Appends one record for each conjunction of the campaign's rule. */
export function encodeCampaign(to: Records, symbols: Symbols, ordinal: number, campaign: Campaign): void {
  const conjunctions = conjunctionsOf(campaign.rule);
  for (const conjunction of conjunctions) {
    const { words } = to;
    push(to.starts, words.length);
    push(words, 0);
    push(words, 0);
    const start = words.length;
    for (const literal of conjunction) encodeLiteral(words, symbols, literal);
    for (const literal of conjunction) encodeImplied(words, symbols, literal);
    if (campaign.startsAt !== null) encodeDoubles(words, op.FROM, campaign.startsAt);
    if (campaign.endsAt !== null) encodeDoubles(words, op.UNTIL, campaign.endsAt);
    words.words[start - 1] = words.length - start;
    words.words[start - 2] =
      (ordinal << op.ORDINAL_SHIFT) |
      (conjunctions.length > 1 ? op.FOUND_BY_RECORDS : 0) |
      (namesSeveralValues(words, start) ? op.FOUND_BY_VALUES : 0);
  }
}

/** Whether a search may come to the record on more than one way, by an event's several values. */
function namesSeveralValues({ words, length }: Words, start: number): boolean {
  for (let at = start; at < length; at = op.endOf(words, at)) {
    const word = words[at] as number;
    const code = word & op.OP_MASK;
    if ((code === op.IN || code === op.IN_WIDE) && !(word & op.NEGATED)) return true;
  }
  return false;
}

function encodeLiteral(to: Words, symbols: Symbols, literal: Literal): void {
  if ("condition" in literal) {
    encodeCondition(to, symbols, literal.condition, literal.negated ? op.NEGATED : 0);
    return;
  }
  if (to.length & 1) push(to, op.SKIP);
  const start = to.length;
  push(to, "all" in literal ? op.ALL : op.ANY);
  push(to, 0);
  for (const part of "all" in literal ? literal.all : literal.any) encodeLiteral(to, symbols, part);
  to.words[start + 1] = to.length - start;
}

function encodeCondition(to: Words, symbols: Symbols, condition: Condition | Some, flags: number): void {
  if ("some" in condition) {
    push(to, op.TEST | flags | (testOf(symbols, condition) << op.NUMBER_SHIFT));
    return;
  }
  const values = namedValues(condition);
  if (values !== null) {
    encodeEquals(to, symbols, condition.field, values, flags);
    return;
  }
  switch (condition.operator) {
    case "greater_than":
      encodeDoubles(to, op.GREATER | flags | fieldBits(symbols, condition.field), condition.value);
      break;
    case "at_least":
      encodeDoubles(to, op.LEAST | flags | fieldBits(symbols, condition.field), condition.value);
      break;
    case "less_than":
      encodeDoubles(to, op.LESS | flags | fieldBits(symbols, condition.field), condition.value);
      break;
    case "at_most":
      encodeDoubles(to, op.MOST | flags | fieldBits(symbols, condition.field), condition.value);
      break;
    case "between":
      encodeDoubles(to, op.BETWEEN | flags | fieldBits(symbols, condition.field), ...condition.value);
      break;
    case "exists":
      push(to, op.EXISTS | flags | fieldBits(symbols, condition.field));
      break;
    default:
      slotOf(symbols, condition.field); // the test reads what the event has in it
      push(to, op.TEST | flags | (testOf(symbols, condition) << op.NUMBER_SHIFT));
  }
}

function fieldBits(symbols: Symbols, field: string): number {
  return slotOf(symbols, field) << op.NUMBER_SHIFT;
}

function encodeDoubles(to: Words, word: number, ...values: number[]): void {
  if ((to.length & 1) === 0) push(to, op.SKIP);
  push(to, word);
  for (const value of values) pushDouble(to, value);
}

function encodeEquals(
  to: Words,
  symbols: Symbols,
  field: string,
  scalars: readonly Scalar[],
  flags: number,
): void {
  const slot = slotOf(symbols, field);
  const [first] = scalars;
  if (scalars.length === 1 && first !== undefined) {
    pushEquals(to, slot, numberOf(symbols, slot, first), flags);
    return;
  }
  const values = [...new Set(scalars.map((scalar) => numberOf(symbols, slot, scalar)))];
  if (values.length > INLINE_LIST_MAX) {
    const list = listOf(symbols, slot, values);
    pushEquals(to, list.slot, list.value, flags);
  } else {
    pushIn(to, slot, values, flags);
  }
}

export function pushEquals(to: Words, slot: number, value: number, flags: number): void {
  if (slot < op.NARROW_SLOTS && value < op.NARROW_VALUES) {
    push(to, op.EQUALS | flags | (slot << op.NUMBER_SHIFT) | (value << op.NARROW_SHIFT));
  } else {
    push(to, op.EQUALS_WIDE | flags | (slot << op.NUMBER_SHIFT));
    push(to, value);
  }
}

export function pushIn(to: Words, slot: number, values: readonly number[], flags: number): void {
  const [first = 0] = values;
  if (values.length === 1) {
    pushEquals(to, slot, first, flags);
  } else if (slot < op.NARROW_SLOTS && values.every((value) => value < op.NARROW_VALUES)) {
    push(to, op.IN | flags | (slot << op.NUMBER_SHIFT) | (values.length << op.NARROW_SHIFT));
    for (let at = 0; at < values.length; at += 2) {
      push(to, (values[at] as number) | ((values[at + 1] ?? 0) << 16));
    }
  } else {
    push(to, op.IN_WIDE | flags | (slot << op.NUMBER_SHIFT));
    push(to, values.length);
    for (const value of values) push(to, value);
  }
}

/**
 * Conditions that follow from `some`: when one element of `items` has sku A1, then `items.sku` equals A1. They
 * guide the search to the record and are not tested again.
 */
export function encodeImplied(to: Words, symbols: Symbols, literal: Literal): void {
  if (!("condition" in literal) || literal.negated || !("some" in literal.condition)) return;
  const { some, where } = literal.condition;
  const parts = normalise(where, false);
  for (const part of "all" in parts ? parts.all : [parts]) {
    if (!("condition" in part) || part.negated) continue;
    const { condition } = part;
    if ("some" in condition) {
      const nested: Some = { some: joined(some, condition.some), where: condition.where };
      encodeImplied(to, symbols, { condition: nested, negated: false });
      continue;
    }
    const values = namedValues(condition);
    if (values !== null && values.length <= INLINE_LIST_MAX) {
      encodeCondition(to, symbols, { ...condition, field: joined(some, condition.field) }, op.IMPLIED);
    }
  }
}

function joined(path: string, inner: string): string {
  return inner === "." ? path : `${path}.${inner}`;
}

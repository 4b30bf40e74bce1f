/*
 * How a record is laid out in 32-bit words. A record is one conjunction of a campaign's rule:
 *
 *   header    ordinal of the campaign (26 bits), copies of the record (4 bits, one less than there are), why one
 *             search may find the campaign more than once (FOUND_BY_…, 2 bits)
 *   length    words of the conditions that follow; all of them must hold
 *   condition op (4 bits) | NEGATED | IMPLIED | slot or number (26 bits), then its operands
 *
 *   EQUALS          slot (10 bits) and value (16 bits) share the word
 *   EQUALS_WIDE     value
 *   IN              slot (10 bits) and count (16 bits) share the word; values, two to a word
 *   IN_WIDE         count, values
 *   GREATER … MOST  a double        BETWEEN  two doubles
 *   FROM, UNTIL     a double: the event's time is at or after it, is before it (no slot)
 *   EXISTS          nothing
 *   TEST            nothing: the number is that of an interned test
 *   ALL, ANY        words of the group with its own two; then its conditions. The number of an ANY is that
 *                   of a group that several records have (shared-groups.ts), or 0
 *
 * A double stands at an even position, so that a Float64Array over the same buffer reads it, and a group
 * starts at one, so that it can be moved as it is. SKIP fills the gaps. Every condition starts with its op and
 * ends where `endOf` says.
 */
export const SKIP = 0;
export const EQUALS = 1;
export const EQUALS_WIDE = 2;
export const IN = 3;
export const IN_WIDE = 4;
export const GREATER = 5;
export const LEAST = 6;
export const LESS = 7;
export const MOST = 8;
export const BETWEEN = 9;
export const FROM = 10;
export const UNTIL = 11;
export const EXISTS = 12;
export const TEST = 13;
export const ALL = 14;
export const ANY = 15;

export const OP_MASK = 15;
/** The condition must not hold. */
export const NEGATED = 16;
/** The condition follows from another of the record: it may guide the search and need not be tested. */
export const IMPLIED = 32;
export const NUMBER_SHIFT = 6;

export const NARROW_SLOT_MASK = 0x3ff;
export const NARROW_SLOTS = 1 << 10;
export const NARROW_SHIFT = 16;
export const NARROW_VALUES = 1 << 16;

/** Of a leaf: where its records end and its lists begin, where those end. */
export const LEAF_WORDS = 2;
export const HEADER_WORDS = 2;
export const ORDINAL_SHIFT = 6;
export const ORDINALS = 1 << 26;
/** All of a header but the ordinal. */
export const HEADER_MASK = (1 << ORDINAL_SHIFT) - 1;
/** The campaign has several records. */
export const FOUND_BY_RECORDS = 1;
/** The record asks for one of several values, and an event may have more than one of them. */
export const FOUND_BY_VALUES = 2;

/**
 * A trie holds at most this many copies of a record, over all of its levels and however often it is rebuilt: what
 * keeps memory linear in the rules. Found by measuring W2 to W4 and W11.
 */
export const COPIES_MAX = 16;
const COPIES_SHIFT = 2;

/** How many copies of a record there are, of which this is the header of one. */
export function copiesOf(header: number): number {
  return ((header >>> COPIES_SHIFT) & (COPIES_MAX - 1)) + 1;
}

/** The header, saying that there are so many copies. */
export function withCopies(header: number, copies: number): number {
  return (header & ~((COPIES_MAX - 1) << COPIES_SHIFT)) | ((copies - 1) << COPIES_SHIFT);
}

/** Where the condition that starts at `at` ends. */
export function endOf(words: Int32Array, at: number): number {
  const word = words[at] as number;
  switch (word & OP_MASK) {
    case EQUALS_WIDE:
      return at + 2;
    case IN:
      return at + 1 + (((word >>> NARROW_SHIFT) + 1) >>> 1);
    case IN_WIDE:
      return at + 2 + (words[at + 1] as number);
    case GREATER:
    case LEAST:
    case LESS:
    case MOST:
    case FROM:
    case UNTIL:
      return at + 3;
    case BETWEEN:
      return at + 5;
    case ALL:
    case ANY:
      return at + (words[at + 1] as number);
    default:
      return at + 1;
  }
}

/** The slot of a condition that has one. */
export function slotAt(words: Int32Array, at: number): number {
  const word = words[at] as number;
  const op = word & OP_MASK;
  const number = word >>> NUMBER_SHIFT;
  return op === EQUALS || op === IN ? number & NARROW_SLOT_MASK : number;
}

/** Calls `found` with the slot and each value of an EQUALS or IN, narrow or wide. */
export function forEachValue(
  words: Int32Array,
  at: number,
  found: (slot: number, value: number) => void,
): void {
  const slot = slotAt(words, at);
  const count = valuesAt(words, at);
  for (let index = 0; index < count; index++) found(slot, valueAt(words, at, index));
}

/** How many values an EQUALS or IN names. */
export function valuesAt(words: Int32Array, at: number): number {
  const word = words[at] as number;
  switch (word & OP_MASK) {
    case IN:
      return word >>> NARROW_SHIFT;
    case IN_WIDE:
      return words[at + 1] as number;
    default:
      return 1;
  }
}

/** One of the values of an EQUALS or IN. */
export function valueAt(words: Int32Array, at: number, index: number): number {
  const word = words[at] as number;
  switch (word & OP_MASK) {
    case EQUALS:
      return word >>> NARROW_SHIFT;
    case EQUALS_WIDE:
      return words[at + 1] as number;
    case IN:
      return ((words[at + 1 + (index >>> 1)] as number) >>> ((index & 1) << 4)) & 0xffff;
    default:
      return words[at + 2 + index] as number;
  }
}

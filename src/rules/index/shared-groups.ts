import type { Records } from "./encode.ts";
import { type HashKeys, hashOfWords } from "./hash.ts";
import * as op from "./opcodes.ts";

/**
 * Numbers the groups that stand in more than one record, alike word for word, from 1: an event decides each of them
 * once. Records of one rule have those in common that were not multiplied out, and rules may. Returns how many there
 * are; all others keep the number 0.
 *
 * Only groups that are conditions of a record by themselves are looked at, none inside another. All of them are of ANY,
 * since a record is a conjunction (normalise.ts).
 */
export function numberSharedGroups(records: Records, keys: HashKeys): number {
  const { words } = records.words;
  let count = 0;
  forEachGroup(records, () => {
    count++;
  });
  let size = 2;
  while (size < 2 * count) size *= 2;
  /** Where the first of those that are alike stands, hashed; 0 where free: no group stands there. */
  const firsts = new Int32Array(size);
  let shared = 0;
  forEachGroup(records, (at) => {
    let place = hashOfWords(keys, op.ANY, words.subarray(at + 1, op.endOf(words, at))) & (size - 1);
    while (firsts[place] !== 0 && !areAlike(words, firsts[place] as number, at))
      place = (place + 1) & (size - 1);
    const first = firsts[place] as number;
    if (first === 0) {
      firsts[place] = at;
      return;
    }
    const known = (words[first] as number) >>> op.NUMBER_SHIFT;
    const number = known === 0 ? ++shared : known;
    words[first] = op.ANY | (number << op.NUMBER_SHIFT);
    words[at] = op.ANY | (number << op.NUMBER_SHIFT);
  });
  return shared;
}

function forEachGroup({ words: { words }, starts }: Records, found: (at: number) => void): void {
  for (let record = 0; record < starts.length; record++) {
    const start = (starts.words[record] as number) + op.HEADER_WORDS;
    const end = start + (words[start - 1] as number);
    for (let at = start; at < end; at = op.endOf(words, at)) {
      if (((words[at] as number) & op.OP_MASK) === op.ANY) found(at);
    }
  }
}

/** Whether two groups are the same but for their numbers. */
function areAlike(words: Int32Array, one: number, other: number): boolean {
  const length = words[one + 1] as number;
  for (let word = 1; word < length; word++) if (words[one + word] !== words[other + word]) return false;
  return true;
}

import type { Records } from "./encode.ts";
import * as op from "./opcodes.ts";
import type { Symbols } from "./symbols.ts";
import { NO_BOUNDS, RANGE_BOUNDS, RANGE_RECORDS_MIN } from "./trie.ts";

/** What the builder knows of how rules are spread over values. Guides its choices; decides nothing. */
export interface Statistics {
  /** The share of the conditions on a slot that name this value: how likely an event's value is this one. */
  share(slot: number, value: number): number;
  /** Quantiles of each slot's thresholds, as the trie keeps them. */
  readonly boundsOf: Int32Array<ArrayBuffer>;
  readonly bounds: Float64Array<ArrayBuffer>;
}

const SAMPLE = 2_048;

export function gatherStatistics(records: Records, symbols: Symbols): Statistics {
  const slots = symbols.paths.length;
  const totals = new Int32Array(slots);
  const thresholdCounts = new Int32Array(slots);
  const frequencies: (Int32Array | undefined)[] = [];
  forEachPositive(
    records,
    (slot, value) => {
      let frequency = frequencies[slot];
      if (frequency === undefined) {
        frequency = new Int32Array(symbols.valueCounts[slot] ?? 0);
        frequencies[slot] = frequency;
      }
      frequency[value] = (frequency[value] as number) + 1;
      totals[slot] = (totals[slot] as number) + 1;
    },
    (slot) => {
      thresholdCounts[slot] = (thresholdCounts[slot] as number) + 1;
    },
  );
  return {
    share: (slot, value) => ((frequencies[slot]?.[value] ?? 0) + 1e-9) / Math.max(1, totals[slot] as number),
    ...quantiles(records, thresholdCounts),
  };
}

/** Quantiles of the slots that have so many thresholds that a split on them can pay. */
function quantiles(records: Records, counts: Int32Array) {
  const samples: (Float64Array | undefined)[] = [];
  const seen = new Int32Array(counts.length);
  forEachPositive(
    records,
    () => {},
    (slot, threshold) => {
      const count = counts[slot] as number;
      if (count < RANGE_RECORDS_MIN) return;
      let sample = samples[slot];
      if (sample === undefined) {
        sample = new Float64Array(Math.min(SAMPLE, count));
        samples[slot] = sample;
      }
      const known = seen[slot] as number;
      seen[slot] = known + 1;
      // A fixed pseudo-random place, so that the sample is spread over all records and the build repeatable.
      const place = known < SAMPLE ? known : (Math.imul(known, 0x9e3779b1) >>> 0) % known;
      if (place < SAMPLE) sample[place] = threshold;
    },
  );
  const boundsOf = new Int32Array(counts.length).fill(NO_BOUNDS);
  const bounds: number[] = [];
  for (const [slot, sample] of samples.entries()) {
    if (sample === undefined) continue;
    sample.sort();
    boundsOf[slot] = bounds.length;
    for (let bound = 1; bound <= RANGE_BOUNDS; bound++) {
      bounds.push(sample[Math.floor((bound * sample.length) / (RANGE_BOUNDS + 1))] as number);
    }
  }
  return { boundsOf, bounds: Float64Array.from(bounds) };
}

/** Calls back for each value that a positive condition names and for the lower threshold of each positive range. */
function forEachPositive(
  { words: { words, doubles }, starts }: Records,
  onValue: (slot: number, value: number) => void,
  onThreshold: (slot: number, threshold: number) => void,
): void {
  for (let record = 0; record < starts.length; record++) {
    const start = (starts.words[record] as number) + op.HEADER_WORDS;
    const end = start + (words[start - 1] as number);
    for (let at = start; at < end; at = op.endOf(words, at)) {
      const word = words[at] as number;
      if (word & op.NEGATED) continue;
      const code = word & op.OP_MASK;
      if (code >= op.EQUALS && code <= op.IN_WIDE) op.forEachValue(words, at, onValue);
      else if (code >= op.GREATER && code <= op.BETWEEN) {
        onThreshold(op.slotAt(words, at), doubles[(at + 1) >>> 1] as number);
      }
    }
  }
}

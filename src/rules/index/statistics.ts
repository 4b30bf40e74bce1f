import type { Records } from "./encode.ts";
import * as op from "./opcodes.ts";
import type { Symbols } from "./symbols.ts";
import { RANGE_BOUNDS } from "./trie.ts";

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
  const frequencies = symbols.valueCounts.map(() => new Int32Array(0));
  const totals = new Float64Array(symbols.valueCounts.length);
  const thresholds: Float64Array[] = [];
  const seen = new Float64Array(symbols.valueCounts.length);

  const count = (slot: number, value: number): void => {
    let frequency = frequencies[slot] as Int32Array;
    if (frequency.length === 0) {
      frequency = new Int32Array(symbols.valueCounts[slot] ?? 0);
      frequencies[slot] = frequency as Int32Array<ArrayBuffer>;
    }
    frequency[value] = (frequency[value] as number) + 1;
    totals[slot] = (totals[slot] as number) + 1;
  };
  const sample = (slot: number, threshold: number): void => {
    const known = seen[slot] as number;
    seen[slot] = known + 1;
    let values = thresholds[slot];
    if (values === undefined) {
      values = new Float64Array(SAMPLE);
      thresholds[slot] = values;
    }
    // A fixed pseudo-random place, so that the sample is spread over all records and the build repeatable.
    const place = known < SAMPLE ? known : (Math.imul(known, 0x9e3779b1) >>> 0) % known;
    if (place < SAMPLE) values[place] = threshold;
  };

  const { words, doubles } = records.words;
  for (let record = 0; record < records.starts.length; record++) {
    const start = (records.starts.words[record] as number) + op.HEADER_WORDS;
    const end = start + (words[start - 1] as number);
    for (let at = start; at < end; at = op.endOf(words, at)) {
      const word = words[at] as number;
      if (word & op.NEGATED) continue;
      const code = word & op.OP_MASK;
      if (code >= op.EQUALS && code <= op.IN_WIDE) op.forEachValue(words, at, count);
      else if (code >= op.GREATER && code <= op.BETWEEN) {
        sample(op.slotAt(words, at), doubles[(at + 1) >>> 1] as number);
      }
    }
  }
  return {
    share: (slot, value) => ((frequencies[slot]?.[value] ?? 0) + 1e-9) / Math.max(1, totals[slot] as number),
    ...quantiles(thresholds, seen),
  };
}

function quantiles(thresholds: readonly (Float64Array | undefined)[], seen: Float64Array) {
  const boundsOf = new Int32Array(seen.length).fill(-1);
  const bounds: number[] = [];
  for (const [slot, sampled] of thresholds.entries()) {
    if (sampled === undefined) continue;
    const sorted = sampled.slice(0, Math.min(SAMPLE, seen[slot] as number)).sort();
    boundsOf[slot] = bounds.length;
    for (let bound = 1; bound <= RANGE_BOUNDS; bound++) {
      bounds.push(sorted[Math.floor((bound * sorted.length) / (RANGE_BOUNDS + 1))] as number);
    }
  }
  return { boundsOf, bounds: Float64Array.from(bounds) };
}

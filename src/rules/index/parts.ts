import type { Campaign, Scan } from "../evaluation/matcher.ts";
import { createEventState, type EventState } from "./event-state.ts";
import type { Segment } from "./segment.ts";
import type { Symbols } from "./symbols.ts";

/** What an index is made of. */
export interface IndexParts {
  symbols: Symbols;
  state: EventState;
  /** Everything that was there at the last compaction, unless that is only scanned. */
  main: Segment | null;
  /** Later changes, compiled, in segments of about the same size on each level. */
  levels: Segment[][];
  /** The latest changes, and all campaigns while they are few: tried one by one. */
  scanned: Campaign[];
  /** Those, made ready; null when they have changed since. */
  scan: Scan | null;
}

export function partsOf(symbols: Symbols, main: Segment | null, scanned: Campaign[]): IndexParts {
  return { symbols, state: createEventState(symbols), main, levels: [], scanned, scan: null };
}

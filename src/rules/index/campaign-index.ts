import { EVENT_STEPS_MAX } from "../../limits.ts";
import type { EventDocument } from "../evaluation/event.ts";
import { type Campaign, type CampaignMatch, compileScan } from "../evaluation/matcher.ts";
import { renewWork, TooCostly } from "../evaluation/work.ts";
import { blamed } from "./blame.ts";
import { clearEvent, loadEvent } from "./event-state.ts";
import { drawSeed, type Seed } from "./hash.ts";
import { type IndexParts, partsOf } from "./parts.ts";
import type { Found } from "./search.ts";
import {
  createSegment,
  liveCount,
  matchSegment,
  mergeSegments,
  removeFrom,
  type Segment,
} from "./segment.ts";
import { type LoadedParts, loadParts, storeSnapshot } from "./snapshot.ts";
import { createSymbols, indexLists } from "./symbols.ts";

/** The active campaigns, made ready so that an event's cost barely grows with their number. */
export interface CampaignIndex {
  /** How many campaigns there are. */
  readonly size: number;
  /** How many changes have not been compacted: what is scanned, in small segments, or gone and still stored. */
  readonly changes: number;
  /**
   * The campaigns the event matches, each once, in no particular order.
   * @param steps what it may take (evaluation/work.ts)
   * @throws TooCostly when it takes more, naming the campaign that took most: then nothing is known of any campaign
   */
  match(event: EventDocument, steps?: number): CampaignMatch[];
  /** The same, or null when it takes more: at once, without finding out why. */
  tryMatch(event: EventDocument, steps: number): CampaignMatch[] | null;
  /** Adds a campaign, or puts it in the place of the one with its id. */
  upsert(campaign: Campaign): void;
  /** Takes a campaign out; false when there was none with this id. */
  remove(id: string): boolean;
  /**
   * Compiles what has changed into the main segment and forgets what is gone. Takes a few microseconds for each
   * campaign there is: call it between batches, when `changes` has become a good part of `size`.
   */
  compact(): void;
  /**
   * All of it as one buffer, for `loadIndex`. Compacts first when later changes have been compiled, so it
   * belongs between batches too.
   */
  snapshot(): ArrayBuffer;
  /** How many records the last match looked at. */
  readonly candidates: number;
  /** How many steps of work the last match took. */
  readonly steps: number;
}

/** So few campaigns are decided faster one by one. Found by measuring W1 and W2. */
const SCANNED_MAX = 24;
/** So many segments of one level become one of the next. */
const FAN_IN = 8;
/** Segments of this level are merged by `compact` alone, so that no change takes longer than about 20 ms. */
const LEVEL_MAX = 2;

/**
 * @param campaigns with different ids; each is read once and not kept.
 * @param seed of the hash tables of values: with the same one, the same campaigns make the same index.
 */
export function createIndex(campaigns: Iterable<Campaign>, seed: Seed = drawSeed()): CampaignIndex {
  const first: Campaign[] = [];
  const iterator = campaigns[Symbol.iterator]();
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    first.push(next.value);
    if (first.length > SCANNED_MAX) break;
  }
  if (first.length <= SCANNED_MAX) {
    return indexOf(partsOf(createSymbols(seed), null, first));
  }
  const symbols = createSymbols(seed);
  const main = createSegment(chained(first, iterator), symbols);
  indexLists(symbols, true);
  return indexOf(partsOf(symbols, main, []));
}

function indexOf(parts: IndexParts): CampaignIndex {
  const found: Found = { headers: new Int32Array(256), count: 0, candidates: 0 };

  let allowed = 0;

  const segments = (): Segment[] => [...(parts.main ? [parts.main] : []), ...parts.levels.flat()];

  const remove = (id: string): boolean => {
    const place = parts.scanned.findIndex((campaign) => campaign.id === id);
    if (place < 0) return segments().some((segment) => removeFrom(segment, id));
    parts.scanned.splice(place, 1);
    parts.scan = null;
    return true;
  };

  /** Compiles the scanned campaigns, and merges small segments once there are many. */
  const settle = (): void => {
    const { symbols, levels } = parts;
    let segment = createSegment(parts.scanned, symbols);
    parts.scanned = [];
    parts.scan = null;
    for (let level = 0; ; level++) {
      const same = levels[level] ?? [];
      levels[level] = same;
      same.push(segment);
      if (same.length < FAN_IN || level === LEVEL_MAX) break;
      segment = mergeSegments(same, symbols, symbols);
      levels[level] = [];
    }
    indexLists(symbols, false);
  };

  const compact = (): void => {
    if (parts.scanned.length > 0 && (parts.main !== null || parts.levels.length > 0)) settle();
    const all = segments();
    if (all.length === 0) return;
    const symbols = createSymbols(parts.symbols.keys.seed);
    const main = mergeSegments(all, parts.symbols, symbols);
    indexLists(symbols, true);
    Object.assign(parts, partsOf(symbols, main, parts.scanned));
  };

  /** Null when it takes more steps. */
  const tryMatch = (event: EventDocument, steps: number): CampaignMatch[] | null => {
    const matches: CampaignMatch[] = [];
    const { state } = parts;
    renewWork(state.work, steps);
    allowed = steps;
    try {
      if (parts.scanned.length > 0) {
        parts.scan ??= compileScan(parts.scanned, state.work);
        parts.scan(event, matches);
      }
      if (parts.main === null && parts.levels.length === 0) return matches;
      found.candidates = 0;
      loadEvent(state, event);
      if (parts.main !== null) matchSegment(parts.main, state, found, matches);
      for (const level of parts.levels) {
        for (const segment of level) matchSegment(segment, state, found, matches);
      }
      clearEvent(state);
      return matches;
    } catch (error) {
      clearEvent(state);
      if (error instanceof TooCostly) return null;
      throw error;
    }
  };

  return {
    get size() {
      return segments().reduce((total, segment) => total + liveCount(segment), parts.scanned.length);
    },
    get changes() {
      const later = parts.levels.flat().reduce((total, { campaigns }) => total + campaigns.count, 0);
      return parts.scanned.length + later + (parts.main?.goneCount ?? 0);
    },
    get candidates() {
      return found.candidates + parts.scanned.length;
    },
    get steps() {
      return allowed - parts.state.work.left;
    },
    tryMatch,
    match(event, steps = EVENT_STEPS_MAX) {
      let matches = tryMatch(event, steps);
      if (matches === null && segments().some(({ goneCount }) => goneCount > 0)) {
        compact(); // conditions of campaigns that are gone are still looked at: they must not be what it takes
        matches = tryMatch(event, steps);
      }
      if (matches === null) throw new TooCostly(blamed(segments(), parts.state.work));
      return matches;
    },
    upsert(campaign) {
      remove(campaign.id);
      parts.scanned.push(campaign);
      parts.scan = null;
      if (parts.scanned.length > SCANNED_MAX) settle();
    },
    remove,
    compact,
    snapshot() {
      if (parts.levels.length > 0) compact();
      return storeSnapshot(parts);
    },
  };
}

export type LoadedIndex =
  | { readonly ok: true; readonly index: CampaignIndex }
  | Extract<LoadedParts, { readonly ok: false }>;

/** The index that `snapshot` stored. The buffer is taken over: it must not be used elsewhere any more. */
export function loadIndex(buffer: ArrayBuffer): LoadedIndex {
  const loaded = loadParts(buffer);
  return loaded.ok ? { ok: true, index: indexOf(loaded.parts) } : loaded;
}

function* chained(first: readonly Campaign[], rest: Iterator<Campaign>): Iterable<Campaign> {
  yield* first;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}

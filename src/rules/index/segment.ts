import type { Campaign, CampaignMatch } from "../evaluation/matcher.ts";
import { buildTrie } from "./build.ts";
import {
  addCampaign,
  type CampaignTable,
  createCampaignTable,
  idOf,
  matchOf,
  ordinalOf,
  trimCampaigns,
} from "./campaign-table.ts";
import { createRecords, encodeCampaign, type Records } from "./encode.ts";
import type { EventState } from "./event-state.ts";
import * as op from "./opcodes.ts";
import { type Found, type Searchable, search, searchable } from "./search.ts";
import type { Symbols } from "./symbols.ts";
import { transcribeTrie, transcription } from "./transcribe.ts";

/** Campaigns compiled together. Never changed but for marks on those that are gone. */
export interface Segment {
  readonly trie: Searchable;
  readonly campaigns: CampaignTable;
  /** One bit an ordinal: gone. */
  readonly gone: Uint8Array<ArrayBuffer>;
  goneCount: number;
  /** One bit an ordinal: found by the search under way. Clear between searches. */
  readonly seen: Uint8Array;
}

/** Compiles campaigns with different ids. */
export function createSegment(campaigns: Iterable<Campaign>, symbols: Symbols): Segment {
  const table = createCampaignTable(16);
  const records = createRecords();
  for (const campaign of campaigns) {
    encodeCampaign(records, symbols, addCampaign(table, campaign.id, campaign.version), campaign);
  }
  return compiled(records, symbols, table);
}

/** One segment of what several have left, in symbols that may be new. */
export function mergeSegments(segments: readonly Segment[], from: Symbols, to: Symbols): Segment {
  const table = createCampaignTable(16);
  const records = createRecords();
  const by = transcription(from, to);
  for (const { trie, campaigns, gone } of segments) {
    const ordinals = new Int32Array(campaigns.count);
    for (let ordinal = 0; ordinal < campaigns.count; ordinal++) {
      ordinals[ordinal] = bit(gone, ordinal)
        ? -1
        : addCampaign(table, idOf(campaigns, ordinal), campaigns.versions[ordinal] as number);
    }
    transcribeTrie(trie, by, records, (ordinal) => ordinals[ordinal] as number);
  }
  return compiled(records, to, table);
}

function compiled(records: Records, symbols: Symbols, campaigns: CampaignTable): Segment {
  const trie = buildTrie(records, symbols);
  trimCampaigns(campaigns);
  const gone = new Uint8Array((campaigns.count + 7) >>> 3);
  return segmentOf(searchable(trie), campaigns, gone);
}

export function segmentOf(
  trie: Searchable,
  campaigns: CampaignTable,
  gone: Uint8Array<ArrayBuffer>,
): Segment {
  let goneCount = 0;
  for (let ordinal = 0; ordinal < campaigns.count; ordinal++) if (bit(gone, ordinal)) goneCount++;
  return { trie, campaigns, gone, goneCount, seen: new Uint8Array(gone.length) };
}

/** Marks a campaign as gone; false when the segment has none with this id, or no more. */
export function removeFrom(segment: Segment, id: string): boolean {
  const ordinal = ordinalOf(segment.campaigns, id);
  if (ordinal < 0 || bit(segment.gone, ordinal)) return false;
  setBit(segment.gone, ordinal);
  segment.goneCount++;
  return true;
}

export function liveCount({ campaigns, goneCount }: Segment): number {
  return campaigns.count - goneCount;
}

/** Appends the segment's campaigns that match, each once. */
export function matchSegment(
  segment: Segment,
  state: EventState,
  found: Found,
  matches: CampaignMatch[],
): void {
  found.count = 0;
  search(segment.trie, state, found);
  if (found.count === 0) return;
  const { campaigns, gone, goneCount, seen } = segment;
  const { headers, count } = found;
  const repeatable = op.FOUND_BY_RECORDS | (state.hasMultiValue ? op.FOUND_BY_VALUES : 0);
  const first = matches.length;
  matches.length += count;
  let to = first;
  let marked = false;
  for (let index = 0; index < count; index++) {
    const header = headers[index] as number;
    const ordinal = header >>> op.ORDINAL_SHIFT;
    if (goneCount > 0 && bit(gone, ordinal)) continue;
    if ((header & repeatable) !== 0) {
      if (bit(seen, ordinal)) continue;
      setBit(seen, ordinal);
      marked = true;
    }
    matches[to++] = matchOf(campaigns, ordinal);
  }
  matches.length = to;
  if (!marked) return;
  for (let index = 0; index < count; index++) {
    seen[(headers[index] as number) >>> (op.ORDINAL_SHIFT + 3)] = 0;
  }
}

function bit(bits: Uint8Array, at: number): boolean {
  return (((bits[at >>> 3] as number) >>> (at & 7)) & 1) === 1;
}

function setBit(bits: Uint8Array, at: number): void {
  bits[at >>> 3] = (bits[at >>> 3] as number) | (1 << (at & 7));
}

import type { Campaign } from "../evaluation/matcher.ts";
import { type CampaignTable, campaignTable } from "./campaign-table.ts";
import { createHashKeys, type Seed } from "./hash.ts";
import { restoreNumbers } from "./numbers.ts";
import { type IndexParts, partsOf } from "./parts.ts";
import { searchable } from "./search.ts";
import { type Segment, segmentOf } from "./segment.ts";
import { indexLists, restoreList, restoreSlot, type Symbols, symbolsWith } from "./symbols.ts";
import type { Terms } from "./terms.ts";

/*
 * A snapshot is one buffer: a header, a table of sections, the sections. All that is large is a section that
 * serves as a view, so that loading reads no more than the text section and the checksum.
 *
 *   word 0  MAGIC (which tells the byte order too)    word 1  FORMAT
 *   word 2  bytes in all                              word 3  checksum of all words after this one
 *   then for each section its first byte and its bytes; sections start at multiples of 8
 */
const MAGIC = 0x58494d43; // "CMIX"
/** Raised when the layout or the meaning of anything in a snapshot changes: an older one is then refused. */
const FORMAT = 4;
const HEADER_WORDS = 4;

const SECTIONS = [
  "text",
  "termTable",
  "termSlots",
  "termValues",
  "termStarts",
  "termBytes",
  "numberTable",
  "numberSlots",
  "numberValues",
  "numbers",
  "listMembers",
  "code",
  "nodes",
  "splits",
  "edges",
  "boundsOf",
  "bounds",
  "ids",
  "versions",
  "idTable",
  "gone",
] as const;
type Section = (typeof SECTIONS)[number];

/** What is small or has no fixed width, as JSON. */
interface Text {
  readonly seed: Seed;
  readonly slots: readonly {
    readonly path: string | null;
    readonly owner: number;
    readonly values: number;
    readonly hasTerms: boolean;
    readonly hasNumbers: boolean;
    /** How many members each list over this slot has. */
    readonly lists: readonly number[] | null;
  }[];
  readonly longestTerm: number;
  readonly tests: readonly string[];
  readonly root: number;
  readonly sharedGroups: number;
  readonly foreignIds: readonly (readonly [ordinal: number, id: string])[];
  readonly scanned: readonly Campaign[];
}

/** Stores an index whose later changes have been compacted or are still scanned. */
export function storeSnapshot({ symbols, main, scanned }: IndexParts): ArrayBuffer {
  const { terms, numbers, keys } = symbols;
  const text: Text = {
    seed: keys.seed,
    slots: symbols.paths.map((path, slot) => ({
      path: path ?? null,
      owner: symbols.ownerOf[slot] ?? -1,
      values: symbols.valueCounts[slot] ?? 0,
      hasTerms: symbols.hasTerms[slot] ?? false,
      hasNumbers: symbols.hasNumbers[slot] ?? false,
      lists: symbols.lists[slot]?.members.map(({ length }) => length) ?? null,
    })),
    longestTerm: terms.longest,
    tests: symbols.tests,
    root: main?.trie.root ?? 0,
    sharedGroups: main?.trie.sharedGroups ?? 0,
    foreignIds: [...(main?.campaigns.foreign ?? [])],
    scanned,
  };
  const none = new Int32Array(0);
  const lastStart = terms.starts[terms.count] as number;
  return assemble({
    text: new TextEncoder().encode(JSON.stringify(text)),
    termTable: terms.table,
    termSlots: terms.slotOf.subarray(0, terms.count),
    termValues: terms.valueOf.subarray(0, terms.count),
    termStarts: terms.starts.subarray(0, terms.count + 1),
    termBytes: terms.bytes.subarray(0, lastStart),
    numberTable: numbers.table,
    numberSlots: numbers.slotOf.subarray(0, numbers.count),
    numberValues: numbers.valueOf.subarray(0, numbers.count),
    numbers: numbers.numberOf.subarray(0, numbers.count),
    listMembers: concatenated(symbols),
    code: main?.trie.code ?? none,
    nodes: main?.trie.nodes ?? none,
    splits: main?.trie.splits ?? none,
    edges: main?.trie.edges ?? none,
    boundsOf: main?.trie.boundsOf ?? none,
    bounds: main?.trie.bounds ?? none,
    ids: main?.campaigns.ids ?? none,
    versions: main?.campaigns.versions ?? none,
    idTable: main?.campaigns.table ?? none,
    gone: main?.gone ?? none,
  });
}

export type LoadedParts =
  | { readonly ok: true; readonly parts: IndexParts }
  | { readonly ok: false; readonly reason: "not_a_snapshot" | "other_format" | "truncated" | "corrupt" };

/** Loads a snapshot without compiling anything. The index takes the buffer over: its arrays are views of it. */
export function loadParts(buffer: ArrayBuffer): LoadedParts {
  const bytes = buffer.byteLength;
  if (bytes < (HEADER_WORDS + 2 * SECTIONS.length) * 4) return { ok: false, reason: "not_a_snapshot" };
  const header = new Int32Array(buffer, 0, HEADER_WORDS + 2 * SECTIONS.length);
  if (header[0] !== MAGIC) return { ok: false, reason: "not_a_snapshot" };
  if (header[1] !== FORMAT) return { ok: false, reason: "other_format" };
  if (header[2] !== bytes || bytes % 8 !== 0) return { ok: false, reason: "truncated" };
  if (header[3] !== checksum(new Int32Array(buffer, HEADER_WORDS * 4)))
    return { ok: false, reason: "corrupt" };
  const section = (name: Section): [ArrayBuffer, number, number] => {
    const at = HEADER_WORDS + 2 * SECTIONS.indexOf(name);
    return [buffer, header[at] as number, header[at + 1] as number];
  };
  const words = (name: Section): Int32Array<ArrayBuffer> => {
    const [, start, length] = section(name);
    return new Int32Array(buffer, start, length >>> 2);
  };
  const doubles = (name: Section): Float64Array<ArrayBuffer> => {
    const [, start, length] = section(name);
    return new Float64Array(buffer, start, length >>> 3);
  };
  const text = JSON.parse(new TextDecoder().decode(new Uint8Array(...section("text")))) as Text;
  const keys = createHashKeys(text.seed);
  const terms: Terms = {
    keys,
    table: words("termTable"),
    count: words("termSlots").length,
    slotOf: words("termSlots"),
    valueOf: words("termValues"),
    starts: words("termStarts"),
    bytes: new Uint8Array(...section("termBytes")),
    longest: text.longestTerm,
  };
  const numbers = restoreNumbers(keys, {
    table: words("numberTable"),
    count: words("numberSlots").length,
    slotOf: words("numberSlots"),
    valueOf: words("numberValues"),
    numberOf: doubles("numbers"),
  });
  const symbols = symbolsOf(text, words("listMembers"), symbolsWith(terms, numbers));
  const ids = words("ids");
  const main = ids.length === 0 ? null : mainOf(text, words, doubles("bounds"), section("gone"));
  return { ok: true, parts: partsOf(symbols, main, [...text.scanned]) };
}

function mainOf(
  text: Text,
  words: (name: Section) => Int32Array<ArrayBuffer>,
  bounds: Float64Array<ArrayBuffer>,
  gone: [ArrayBuffer, number, number],
): Segment {
  const code = words("code");
  const versions = words("versions");
  const campaigns: CampaignTable = campaignTable(
    versions.length,
    words("ids"),
    versions,
    words("idTable"),
    new Map(text.foreignIds),
  );
  const trie = searchable({
    code,
    nodes: words("nodes"),
    splits: words("splits"),
    edges: words("edges"),
    boundsOf: words("boundsOf"),
    bounds,
    root: text.root,
    sharedGroups: text.sharedGroups,
  });
  return segmentOf(trie, campaigns, new Uint8Array(...gone));
}

function symbolsOf(text: Text, listMembers: Int32Array<ArrayBuffer>, symbols: Symbols): Symbols {
  let start = 0;
  for (const { path, ...slot } of text.slots) {
    restoreSlot(symbols, { path: path ?? undefined, ...slot });
  }
  for (const [slot, { lists }] of text.slots.entries()) {
    const over = symbols.lists[slot];
    if (lists === null || over === undefined) continue;
    for (const length of lists) {
      restoreList(symbols, over, listMembers.subarray(start, start + length));
      start += length;
    }
  }
  for (const [number, test] of text.tests.entries()) {
    symbols.tests.push(test);
    symbols.testNumbers.set(test, number);
  }
  indexLists(symbols, true);
  return symbols;
}

function concatenated({ lists }: Symbols): Int32Array {
  const all = lists.flatMap((over) => over?.members ?? []);
  const words = new Int32Array(all.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const members of all) {
    words.set(members, at);
    at += members.length;
  }
  return words;
}

function assemble(sections: Readonly<Record<Section, ArrayBufferView>>): ArrayBuffer {
  let length = aligned((HEADER_WORDS + 2 * SECTIONS.length) * 4);
  const places: number[] = [];
  for (const name of SECTIONS) {
    places.push(length, sections[name].byteLength);
    length = aligned(length + sections[name].byteLength);
  }
  const buffer = new ArrayBuffer(length);
  const header = new Int32Array(buffer);
  header.set([MAGIC, FORMAT, length, 0, ...places]);
  for (const [index, name] of SECTIONS.entries()) {
    const { buffer: from, byteOffset, byteLength } = sections[name];
    new Uint8Array(buffer, places[2 * index]).set(new Uint8Array(from, byteOffset, byteLength));
  }
  header[3] = checksum(header.subarray(HEADER_WORDS));
  return buffer;
}

function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

/**
 * MurmurHash3's mixing, a word at a time: any change within one word is noticed. Against damage, not intent: a
 * snapshot is as trusted as the place it is kept in.
 */
function checksum(words: Int32Array): number {
  let hash = words.length;
  for (let at = 0; at < words.length; at++) {
    const mixed = Math.imul(words[at] as number, 0xcc9e2d51);
    hash ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return hash;
}

import type { CampaignMatch } from "../evaluation/matcher.ts";
import { ORDINALS } from "./opcodes.ts";

/**
 * Ids and versions of a segment's campaigns, by ordinal. A UUID takes its 16 bytes; any other id is kept as
 * text. A table by id finds a campaign again when it changes.
 */
export interface CampaignTable {
  count: number;
  /** Four words an ordinal: a UUID's bytes, or of another id its hash. */
  ids: Int32Array<ArrayBuffer>;
  versions: Int32Array<ArrayBuffer>;
  /** Ids that are no canonical UUIDs. */
  readonly foreign: Map<number, string>;
  /** Ordinal + 1 by id, open addressing, at most two thirds full. */
  table: Int32Array<ArrayBuffer>;
  /** Lately matched campaigns, so that frequent ones are not spelled out again. A bounded, direct-mapped cache. */
  spelled: (CampaignMatch | undefined)[];
  spelledOrdinals: Int32Array;
  /** Whether there is a place for every campaign. */
  isWhole: boolean;
}

const ID_WORDS = 4;
const SPELLED_MAX = 1 << 17;

export function createCampaignTable(capacity: number): CampaignTable {
  let size = 16;
  while (size * 2 < capacity * 3) size *= 2;
  return campaignTable(
    0,
    new Int32Array(capacity * ID_WORDS),
    new Int32Array(capacity),
    new Int32Array(size),
    new Map(),
  );
}

export function campaignTable(
  count: number,
  ids: Int32Array<ArrayBuffer>,
  versions: Int32Array<ArrayBuffer>,
  table: Int32Array<ArrayBuffer>,
  foreign: Map<number, string>,
): CampaignTable {
  return {
    count,
    ids,
    versions,
    foreign,
    table,
    spelled: [],
    spelledOrdinals: new Int32Array(0),
    isWhole: false,
  };
}

/**
 * Adds a campaign whose id is not in the table yet, and returns its ordinal.
 *
 * @throws RangeError when the table holds as many as a record's header can tell apart.
 */
export function addCampaign(to: CampaignTable, id: string, version: number): number {
  if (to.count === ORDINALS) throw new RangeError(`a segment holds at most ${ORDINALS} campaigns`);
  const ordinal = to.count++;
  if (ordinal === to.versions.length) growCampaigns(to);
  const words = uuidWords(id);
  to.ids.set(words ?? hashWords(id), ordinal * ID_WORDS);
  to.versions[ordinal] = version;
  if (words === null) to.foreign.set(ordinal, id);
  insert(to, ordinal);
  return ordinal;
}

/** Gives back the room that was kept for more campaigns. */
export function trimCampaigns(table: CampaignTable): void {
  table.ids = table.ids.slice(0, table.count * ID_WORDS);
  table.versions = table.versions.slice(0, table.count);
}

/** The ordinal of the campaign with this id, or −1. */
export function ordinalOf(from: CampaignTable, id: string): number {
  const uuid = uuidWords(id);
  const words = uuid ?? hashWords(id);
  const mask = from.table.length - 1;
  for (let entry = hashOf(words, 0) & mask; ; entry = (entry + 1) & mask) {
    const ordinal = (from.table[entry] as number) - 1;
    if (ordinal < 0) return -1;
    const at = ordinal * ID_WORDS;
    if (from.ids[at] !== words[0] || from.ids[at + 1] !== words[1]) continue;
    if (from.ids[at + 2] !== words[2] || from.ids[at + 3] !== words[3]) continue;
    if (from.foreign.get(ordinal) === (uuid === null ? id : undefined)) return ordinal;
  }
}

/** A campaign as matching hands it out. */
export function matchOf(from: CampaignTable, ordinal: number): CampaignMatch {
  if (from.spelled.length === 0) makeSpelled(from);
  const place = ordinal & (from.spelled.length - 1);
  const known = from.spelled[place];
  return known !== undefined && (from.isWhole || from.spelledOrdinals[place] === ordinal)
    ? known
    : spell(from, ordinal);
}

function spell(from: CampaignTable, ordinal: number): CampaignMatch {
  const match = { id: idOf(from, ordinal), version: from.versions[ordinal] as number };
  const place = ordinal & (from.spelled.length - 1);
  from.spelled[place] = match;
  from.spelledOrdinals[place] = ordinal;
  return match;
}

function makeSpelled(from: CampaignTable): void {
  let size = 16;
  while (size < Math.min(SPELLED_MAX, from.count)) size *= 2;
  from.spelled = new Array<CampaignMatch | undefined>(size).fill(undefined);
  from.spelledOrdinals = new Int32Array(size);
  from.isWhole = size >= from.count;
}

export function idOf({ ids, foreign }: CampaignTable, ordinal: number): string {
  if (foreign.size > 0) {
    const id = foreign.get(ordinal);
    if (id !== undefined) return id;
  }
  const at = ordinal * ID_WORDS;
  return uuidText(ids[at] as number, ids[at + 1] as number, ids[at + 2] as number, ids[at + 3] as number);
}

/** Code units of the hexadecimal digits. */
const HEX = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const DASH = 45;

// prettier-ignore
/** All 36 code units in one call: several times faster than joining pieces. */
function uuidText(a: number, b: number, c: number, d: number): string {
  const digit = (word: number, shift: number): number => HEX[(word >>> shift) & 15] as number;
  return String.fromCharCode(
    digit(a, 28),
    digit(a, 24),
    digit(a, 20),
    digit(a, 16),
    digit(a, 12),
    digit(a, 8),
    digit(a, 4),
    digit(a, 0),
    DASH,
    digit(b, 28),
    digit(b, 24),
    digit(b, 20),
    digit(b, 16),
    DASH,
    digit(b, 12),
    digit(b, 8),
    digit(b, 4),
    digit(b, 0),
    DASH,
    digit(c, 28),
    digit(c, 24),
    digit(c, 20),
    digit(c, 16),
    DASH,
    digit(c, 12),
    digit(c, 8),
    digit(c, 4),
    digit(c, 0),
    digit(d, 28),
    digit(d, 24),
    digit(d, 20),
    digit(d, 16),
    digit(d, 12),
    digit(d, 8),
    digit(d, 4),
    digit(d, 0),
  );
}

/**
 * The 16 bytes of a UUID (RFC 9562, section 4) in lower case, so that they give back the text; null for any
 * other id.
 */
function uuidWords(id: string): Int32Array | null {
  if (id.length !== 36) return null;
  const words = new Int32Array(ID_WORDS);
  for (let at = 0, digits = 0; at < 36; at++) {
    const code = id.charCodeAt(at);
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (code !== DASH) return null;
      continue;
    }
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return null;
    words[digits >>> 3] = ((words[digits >>> 3] as number) << 4) | digit;
    digits++;
  }
  return words;
}

/** Stands for an id that is no UUID; equal words do not mean equal ids. */
function hashWords(id: string): Int32Array {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return Int32Array.of(hash, id.length, ~hash, -1);
}

function hashOf(words: Int32Array, at: number): number {
  let hash = (words[at] as number) ^ Math.imul(words[at + 1] as number, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16) ^ (words[at + 2] as number), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ (words[at + 3] as number), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function insert(to: CampaignTable, ordinal: number): void {
  const mask = to.table.length - 1;
  let entry = hashOf(to.ids, ordinal * ID_WORDS) & mask;
  while (to.table[entry] !== 0) entry = (entry + 1) & mask;
  to.table[entry] = ordinal + 1;
}

function growCampaigns(to: CampaignTable): void {
  const capacity = Math.max(16, to.versions.length * 2);
  const ids = new Int32Array(capacity * ID_WORDS);
  ids.set(to.ids);
  to.ids = ids;
  const versions = new Int32Array(capacity);
  versions.set(to.versions);
  to.versions = versions;
  let size = to.table.length;
  while (size * 2 < capacity * 3) size *= 2;
  to.table = new Int32Array(size);
  for (let ordinal = 0; ordinal < to.count - 1; ordinal++) insert(to, ordinal);
}

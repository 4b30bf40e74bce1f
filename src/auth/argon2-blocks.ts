/**
 * Argon2id (RFC 9106, version 0x13) in slices. The compression of blocks, which is nearly all of the work, is
 * WebAssembly of OpenPGP.js (`argon2id`), with SIMD; BLAKE2b is @noble/hashes'. What is here is the order in which blocks
 * are made, so that it can stop between any two of them. Held to @noble/hashes' argon2id by
 * test/auth/argon2-blocks.test.ts.
 */
import { blake2b } from "@noble/hashes/blake2.js";
import { ARGON2_SLICE_BLOCKS } from "../limits.ts";

const BLOCK = 1_024; // bytes
const SLICES = 4; // of a lane; RFC 9106 names them SL
const VERSION = 0x13;
const TYPE_ID = 2;
const ADDRESSES = 128; // in one block of them

/** Blocks wiped at once: as long as making a slice takes. */
const WIPED_BLOCKS = 2_048;

/** Blocks that a computation needs beside the filled memory: see `layout`. */
const SCRATCH_BLOCKS = 6;

/** Addresses are bytes in `memory`. */
export interface Compression {
  readonly memory: WebAssembly.Memory;
  /** R = G(X, Y); Z is scratch. */
  G(x: number, y: number, r: number, z: number): void;
  /** R = G(X, G(X, Y)); Z is scratch. */
  G2(x: number, y: number, r: number, z: number): void;
  /** R = X xor Y */
  xor(r: number, x: number, y: number): void;
  /** Writes the lane and column that the pseudo-random J1, J2 at `j` refer to, as two 32-bit numbers (section 3.4.2). */
  getLZ(
    out: number,
    j: number,
    lane: number,
    lanes: number,
    pass: number,
    slice: number,
    offset: number,
    slices: number,
    segment: number,
  ): void;
}

export interface Cost {
  /** KiB of memory, passes over it, and lanes. */
  readonly m: number;
  readonly t: number;
  readonly p: number;
}

/** Bytes of memory that a computation of this cost takes. */
export function bytesFor({ m }: Cost): number {
  return (m + SCRATCH_BLOCKS) * BLOCK;
}

/**
 * The tag, yielding after every `ARGON2_SLICE_BLOCKS` blocks. Nothing else may write to its bytes of the memory
 * meanwhile; they are zero when it returns.
 * @param base the first of `bytesFor(cost)` bytes, a multiple of 16
 */
export function* argon2idTag(
  { memory, G, G2, xor, getLZ }: Compression,
  base: number,
  password: Uint8Array,
  salt: Uint8Array,
  { m, t, p }: Cost,
  tagBytes: number,
): Generator<undefined, Uint8Array, undefined> {
  const at = layout(base);
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const segment = Math.floor(m / (SLICES * p)); // blocks
  const lane = SLICES * segment; // blocks
  const block = (l: number, column: number) => at.blocks + (l * lane + column) * BLOCK;

  bytes.fill(0, base, at.blocks);
  const seed = initialHash(password, salt, { m, t, p }, tagBytes);
  for (let l = 0; l < p; l++) {
    for (const column of [0, 1]) bytes.set(longHash(joined(seed, le32(column, l)), BLOCK), block(l, column));
  }

  let made = 0;
  for (let pass = 0; pass < t; pass++) {
    for (let slice = 0; slice < SLICES; slice++) {
      const isFirst = pass === 0 && slice === 0;
      const isIndependent = pass === 0 && slice < SLICES / 2; // of the data: what makes it argon2id
      for (let l = 0; l < p; l++) {
        words.set([pass, 0, l, 0, slice, 0, lane * p, 0, t, 0, TYPE_ID, 0, 0], at.counter / 4);
        for (let offset = isFirst ? 2 : 0; offset < segment; offset++) {
          const column = slice * segment + offset;
          const previous = block(l, column === 0 ? lane - 1 : column - 1);
          const address = offset % ADDRESSES;
          if (isIndependent && (address === 0 || (isFirst && offset === 2))) {
            words[at.counter / 4 + 12] = (offset - address) / ADDRESSES + 1;
            G2(at.zero, at.counter, at.addresses, at.scratch);
          }
          const j = isIndependent ? at.addresses + 8 * address : previous;
          getLZ(at.reference, j, l, p, pass, slice, offset, SLICES, segment);
          const reference = block(words[at.reference / 4] as number, words[at.reference / 4 + 1] as number);
          const target = block(l, column);
          if (pass === 0) G(previous, reference, target, at.scratch);
          else {
            G(previous, reference, at.overlay, at.scratch);
            xor(target, target, at.overlay);
          }
          made += 1;
          if (made % ARGON2_SLICE_BLOCKS === 0) yield;
        }
      }
    }
  }

  const last = block(0, lane - 1);
  for (let l = 1; l < p; l++) xor(last, last, block(l, lane - 1));
  const tag = longHash(bytes.slice(last, last + BLOCK), tagBytes);
  for (let from = base; from < block(p, 0); from += WIPED_BLOCKS * BLOCK) {
    yield;
    bytes.fill(0, from, Math.min(from + WIPED_BLOCKS * BLOCK, block(p, 0)));
  }
  return tag;
}

const layout = (base: number) => ({
  scratch: base,
  addresses: base + BLOCK,
  counter: base + 2 * BLOCK,
  zero: base + 3 * BLOCK,
  overlay: base + 4 * BLOCK,
  reference: base + 5 * BLOCK,
  blocks: base + SCRATCH_BLOCKS * BLOCK,
});

/** H0 of section 3.2; without key and associated data. */
function initialHash(
  password: Uint8Array,
  salt: Uint8Array,
  { m, t, p }: Cost,
  tagBytes: number,
): Uint8Array {
  return blake2b(
    joined(
      le32(p, tagBytes, m, t, VERSION, TYPE_ID, password.length),
      password,
      le32(salt.length),
      salt,
      le32(0, 0),
    ),
  );
}

/** H' of section 3.3: BLAKE2b of any length. */
function longHash(input: Uint8Array, length: number): Uint8Array {
  const first = joined(le32(length), input);
  if (length <= 64) return blake2b(first, { dkLen: length });
  const out = new Uint8Array(length);
  let hash = blake2b(first);
  let written = 0;
  for (;;) {
    out.set(hash.subarray(0, 32), written);
    written += 32;
    const left = length - written;
    hash = blake2b(hash, { dkLen: Math.min(left, 64) });
    if (left <= 64) break;
  }
  out.set(hash, written);
  return out;
}

function le32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let written = 0;
  for (const part of parts) {
    all.set(part, written);
    written += part.length;
  }
  return all;
}

/** Our order of Argon2's blocks, held to an audited implementation of the whole algorithm. */

import { argon2id } from "@noble/hashes/argon2.js";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import compress from "#argon2id";
import { argon2idTag, bytesFor, type Compression, type Cost } from "../../src/auth/argon2-blocks.ts";
import { createPlaces } from "../../src/auth/argon2-memory.ts";
import * as phc from "../../src/auth/argon2id.ts";
import {
  ARGON2_MEMORY_PAGES,
  ARGON2_SLICE_BLOCKS,
  HASHING_HOLD_MS_MAX,
  HASHING_KIB_MAX,
} from "../../src/limits.ts";

const SIZE = ARGON2_MEMORY_PAGES * 65_536;
const PASSWORD = new TextEncoder().encode("correct horse battery staple");
const SALT = new Uint8Array(16).fill(7);

let compression: Compression;
let bytes: Uint8Array;
beforeAll(() => {
  const memory = new WebAssembly.Memory({ initial: ARGON2_MEMORY_PAGES, maximum: ARGON2_MEMORY_PAGES });
  const { exports } = new WebAssembly.Instance(compress, { env: { memory } });
  compression = { ...(exports as unknown as Omit<Compression, "memory">), memory };
  bytes = new Uint8Array(memory.buffer);
});

function finished(work: Generator<undefined, Uint8Array, undefined>): { tag: Uint8Array; slices: number } {
  for (let slices = 1; ; slices++) {
    const { done, value } = work.next();
    if (done) return { tag: value, slices };
  }
}

const hex = (tag: Uint8Array) => Buffer.from(tag).toString("hex");

describe("the tag", () => {
  test("is that of @noble/hashes for any password, salt, cost and length, wherever it lies", () => {
    const costs = fc
      .record({ p: fc.integer({ min: 1, max: 4 }), t: fc.integer({ min: 1, max: 3 }), extra: fc.nat(600) })
      .map(({ p, t, extra }): Cost => ({ m: 8 * p + extra, t, p }));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ minLength: 8, maxLength: 80 }),
        costs,
        fc.integer({ min: 4, max: 200 }),
        fc.nat(50_000).map((kib) => kib * 1_024),
        (password, salt, cost, length, base) => {
          const { tag } = finished(argon2idTag(compression, base, password, salt, cost, length));
          expect(hex(tag)).toBe(hex(argon2id(password, salt, { ...cost, dkLen: length })));
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([0, 19_463 * 1_024, SIZE - bytesFor(phc.CURRENT)])(
    "is so at today's cost from byte %d on",
    (base) => {
      const { tag } = finished(argon2idTag(compression, base, PASSWORD, SALT, phc.CURRENT, 32));
      expect(hex(tag)).toBe(hex(argon2id(PASSWORD, SALT, { ...phc.CURRENT, dkLen: 32 })));
    },
  );

  test("is the same when three are made in turns, and each is made in many slices", () => {
    const passwords = ["a", "b", "c"].map((text) => new TextEncoder().encode(text));
    const cost = { m: 4_096, t: 2, p: 1 };
    const works = passwords.map((password, i) =>
      argon2idTag(compression, i * bytesFor(cost), password, SALT, cost, 32),
    );
    const tags: string[] = [];
    while (tags.length < works.length) {
      for (const work of works) {
        const { done, value } = work.next();
        if (done && value !== undefined) tags.push(hex(value));
      }
    }
    expect(tags).toEqual(passwords.map((password) => hex(argon2id(password, SALT, { ...cost, dkLen: 32 }))));
    const { slices } = finished(argon2idTag(compression, 0, PASSWORD, SALT, cost, 32));
    // And some to wipe it.
    expect(slices).toBeGreaterThan((cost.t * cost.m - 2) / ARGON2_SLICE_BLOCKS + 2);
  });

  test("leaves nothing of itself behind, and touches nothing beside its bytes", () => {
    const cost = { m: 64, t: 2, p: 2 };
    const base = 1_024 * 1_024;
    bytes.fill(0);
    bytes.fill(0xaa, base - 4_096, base);
    bytes.fill(0xaa, base + bytesFor(cost), base + bytesFor(cost) + 4_096);
    finished(argon2idTag(compression, base, PASSWORD, SALT, cost, 32));
    const around = (from: number, to: number) => new Set(bytes.subarray(from, to));
    expect(around(base, base + bytesFor(cost))).toEqual(new Set([0]));
    expect(around(base - 4_096, base)).toEqual(new Set([0xaa]));
    expect(around(base + bytesFor(cost), base + bytesFor(cost) + 4_096)).toEqual(new Set([0xaa]));
    expect(around(0, base - 4_096)).toEqual(new Set([0]));
  });
});

test("more hashes at once than the memory has places for are right all the same", async () => {
  const hashes = await Promise.all(Array.from({ length: 5 }, () => phc.hash(PASSWORD, SALT)));
  const expected = argon2id(PASSWORD, SALT, { ...phc.CURRENT, dkLen: 32 });
  for (const text of hashes) expect(hex(phc.parse(text)?.tag ?? new Uint8Array())).toBe(hex(expected));
});

describe("places", () => {
  const MIB = 1_024 * 1_024;

  test("do not overlap, and are used again", () => {
    const places = createPlaces(60 * MIB);
    const [a, b, c] = [20, 20, 20].map((mib) => places.take(mib * MIB, 0));
    expect([a?.base, b?.base, c?.base]).toEqual([0, 20 * MIB, 40 * MIB]);
    expect(places.take(1, 0)).toBeUndefined();
    b?.release();
    expect(places.take(21 * MIB, 0)).toBeUndefined();
    expect(places.take(20 * MIB, 0)?.base).toBe(20 * MIB);
    expect([a?.isHeld(), b?.isHeld()]).toEqual([true, false]);
  });

  test("begin where WebAssembly may read whole blocks", () => {
    const places = createPlaces(MIB);
    places.take(1_500, 0);
    expect(places.take(1, 0)?.base).toBe(2_048);
  });

  test("of somebody who is gone are given to another, and then are theirs no more", () => {
    const places = createPlaces(MIB);
    const gone = places.take(MIB, 0);
    expect(places.take(MIB, HASHING_HOLD_MS_MAX)).toBeUndefined();
    const next = places.take(MIB, HASHING_HOLD_MS_MAX + 1);
    expect([gone?.isHeld(), next?.isHeld()]).toEqual([false, true]);
    gone?.release();
    expect(next?.isHeld()).toBe(true);
  });

  test("have room for all that the budget lets in at once of one size", () => {
    const places = createPlaces(SIZE);
    const atOnce = Math.floor(HASHING_KIB_MAX / phc.CURRENT.m);
    for (let i = 0; i < atOnce; i++) expect(places.take(bytesFor(phc.CURRENT), 0)).toBeDefined();
    expect(createPlaces(SIZE).take(bytesFor({ m: 64 * 1_024, t: 1, p: 1 }), 0)).toBeDefined();
  });
});

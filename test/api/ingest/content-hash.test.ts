import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentHash } from "../../../src/api/ingest/content-hash.ts";
import { EVENT_BYTES_MAX } from "../../../src/limits.ts";

const expected = (content: unknown) =>
  createHash("sha256")
    .update(canonicalize(content) ?? "")
    .digest("hex");

describe("the hash of a content", () => {
  test("is SHA-256 of its canonical JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (content) => {
        expect(contentHash(content)).toBe(expected(content));
      }),
      { numRuns: 500 },
    );
  });

  test("is so whatever its length, and wherever a character of several bytes meets the buffer's end", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("x", "é", "漢", "👋"),
        fc.integer({ min: 0, max: EVENT_BYTES_MAX }),
        fc.integer({ min: 0, max: 3 }),
        (unit, bytes, shift) => {
          const content = { text: "x".repeat(shift) + unit.repeat(bytes / Buffer.byteLength(unit)) };
          expect(contentHash(content)).toBe(expected(content));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("does not depend on what was hashed before", () => {
    const long = "x".repeat(EVENT_BYTES_MAX);
    const first = contentHash("a");
    contentHash(long);
    expect(contentHash("a")).toBe(first);
  });

  test("does not depend on the order of members", () => {
    expect(contentHash({ b: [1, { d: 1, c: 2 }], a: 1 })).toBe(contentHash({ a: 1, b: [1, { c: 2, d: 1 }] }));
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
  });
});

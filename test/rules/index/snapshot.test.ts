import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { createIndex, loadIndex } from "../../../src/rules/index/campaign-index.ts";

const campaigns = Array.from(
  { length: 300 },
  (_, at): Campaign => ({
    id: at % 3 === 0 ? `Kampagne Ω ${at}` : `0193cafe-0000-7000-8000-${at.toString(16).padStart(12, "0")}`,
    version: at,
    rule: {
      and: [
        { field: "data.größe", operator: "in", value: ["ü", "日本", at, at % 2 === 0] },
        { field: "data.list", operator: "in", value: Array.from({ length: 20 + (at % 3) }, (_, n) => n) },
        { field: "data.x", operator: "at_least", value: at / 7 },
        { field: "data.name", operator: "matches", value: "^a" },
      ],
    },
    startsAt: at % 5 === 0 ? Date.UTC(2026, 0, 1) : null,
    endsAt: null,
  }),
);

const event = {
  id: "1",
  source: "s",
  type: "t",
  time: "2026-11-21T10:00:00Z",
  data: { größe: ["日本", true], list: 21, x: 30, name: "anna" },
};

const ids = (index: { match(e: typeof event): { id: string; version: number }[] }) =>
  index
    .match(event)
    .map(({ id, version }) => `${id} ${version}`)
    .sort();

function stored(): ArrayBuffer {
  const index = createIndex(campaigns);
  for (const { id } of campaigns.slice(0, 20)) index.remove(id);
  for (const campaign of campaigns.slice(5, 9)) index.upsert(campaign);
  return index.snapshot();
}

test("a loaded index is the one that was stored, and can be stored again to the same bytes", () => {
  const buffer = stored();
  const loaded = loadIndex(buffer.slice());
  if (!loaded.ok) throw new Error(loaded.reason);
  expect(loaded.index.size).toBe(284);
  const expected = createIndex(campaigns.filter((_, at) => at >= 20 || (at >= 5 && at < 9)));
  expect(ids(loaded.index)).toEqual(ids(expected));
  expect(ids(expected).length).toBeGreaterThan(50);
  expect(new Uint8Array(loaded.index.snapshot())).toEqual(new Uint8Array(buffer));
});

test("an empty index and one of a few campaigns are stored too", () => {
  for (const few of [[], campaigns.slice(0, 3)]) {
    const loaded = loadIndex(createIndex(few).snapshot());
    if (!loaded.ok) throw new Error(loaded.reason);
    expect(loaded.index.size).toBe(few.length);
  }
});

describe("refuses", () => {
  const buffer = stored();

  test("every shorter piece of a snapshot, and a longer one", () => {
    for (let length = 0; length < buffer.byteLength; length += 97) {
      expect(loadIndex(buffer.slice(0, length)).ok).toBe(false);
    }
    const longer = new Uint8Array(buffer.byteLength + 8);
    longer.set(new Uint8Array(buffer));
    expect(loadIndex(longer.buffer)).toEqual({ ok: false, reason: "truncated" });
  });

  test("a snapshot with any bit changed", () => {
    fc.assert(
      fc.property(fc.nat({ max: buffer.byteLength * 8 - 1 }), (bit) => {
        const damaged = new Uint8Array(buffer.slice());
        damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
        expect(loadIndex(damaged.buffer).ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test("another format, and what is no snapshot", () => {
    const other = buffer.slice();
    new Int32Array(other)[1] = 1;
    expect(loadIndex(other)).toEqual({ ok: false, reason: "other_format" });
    expect(loadIndex(new TextEncoder().encode('{"campaigns":[]}'.repeat(50)).buffer as ArrayBuffer)).toEqual({
      ok: false,
      reason: "not_a_snapshot",
    });
    expect(loadIndex(new ArrayBuffer(4_096))).toEqual({ ok: false, reason: "not_a_snapshot" });
  });
});

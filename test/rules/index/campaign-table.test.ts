import { expect, test } from "vitest";
import {
  addCampaign,
  createCampaignTable,
  idOf,
  matchOf,
  ordinalOf,
} from "../../../src/rules/index/campaign-table.ts";
import { ORDINALS } from "../../../src/rules/index/opcodes.ts";

const IDS = [
  "0193cafe-0000-7000-8000-0123456789ab",
  "0193CAFE-0000-7000-8000-0123456789AB",
  "0193cafe-0000-7000-8000-0123456789aB",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "00000000-0000-0000-0000-000000000000",
  "0193cafe00007000800000123456789ab123",
  "0193cafe-0000-7000-8000-0123456789a",
  "0193cafe-0000-7000-8000-0123456789ag",
  "",
  "draft",
  "Ω".repeat(500),
];

test("every id is given back as it came and found again, whatever it looks like", () => {
  const table = createCampaignTable(1);
  for (const [version, id] of IDS.entries()) expect(addCampaign(table, id, version)).toBe(version);
  for (const [ordinal, id] of IDS.entries()) {
    expect(ordinalOf(table, id)).toBe(ordinal);
    expect(idOf(table, ordinal)).toBe(id);
    expect(matchOf(table, ordinal)).toEqual({ id, version: ordinal });
  }
  expect(ordinalOf(table, "unknown")).toBe(-1);
});

test("ids whose hashes are equal are told apart", () => {
  // Under FNV-1a, 32 bits: the first collision among "a0", "a1", …
  const seen = new Map<number, string>();
  let pair: [string, string] | undefined;
  for (let at = 0; pair === undefined; at++) {
    const id = `id-${(at * 7919).toString(36).padStart(6, "0")}`;
    let hash = 0x811c9dc5;
    for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
    const other = seen.get(hash);
    if (other !== undefined) pair = [other, id];
    seen.set(hash, id);
  }
  const table = createCampaignTable(2);
  const [first, second] = pair;
  expect(addCampaign(table, first, 1)).toBe(0);
  expect(ordinalOf(table, second)).toBe(-1);
  expect(addCampaign(table, second, 2)).toBe(1);
  expect([ordinalOf(table, first), ordinalOf(table, second)]).toEqual([0, 1]);
});

test("more matched campaigns than are kept spelled out are spelled right all the same", () => {
  const table = createCampaignTable(16);
  const count = (1 << 17) + 100;
  for (let at = 0; at < count; at++) {
    addCampaign(table, `0193cafe-0000-7000-8000-${at.toString(16).padStart(12, "0")}`, at);
  }
  for (const at of [5, (1 << 17) + 5, 5, 99, (1 << 17) + 99]) {
    expect(matchOf(table, at)?.version).toBe(at);
    expect(matchOf(table, at)?.id).toBe(`0193cafe-0000-7000-8000-${at.toString(16).padStart(12, "0")}`);
  }
});

test("more campaigns than headers tell apart are refused, not mixed up", () => {
  const table = createCampaignTable(1);
  table.count = ORDINALS;
  expect(() => addCampaign(table, "one too many", 1)).toThrow(RangeError);
});

import { expect, test } from "vitest";
import { type InspectedCheckpoint, judgeEnd } from "../../src/audit/end.ts";

const checkpoint = (seq: number, found: Partial<InspectedCheckpoint> = {}): InspectedCheckpoint => ({
  seq,
  hash: String(seq).padStart(64, "0"),
  at: "2026-11-21T10:00:00Z",
  signature: `of ${seq}`,
  row: "same",
  signed: "by_us",
  ...found,
});
const outside = (seq: number, found: Partial<{ row: InspectedCheckpoint["row"]; kept: boolean }> = {}) => ({
  ...checkpoint(seq),
  kept: true,
  ...found,
});

test.each<[string, InspectedCheckpoint[], ReturnType<typeof outside> | undefined, object]>([
  ["nothing at all", [], undefined, { faults: [], newest: undefined, maySign: true }],
  ["a checkpoint inside alone", [checkpoint(4)], undefined, { faults: [], maySign: true }],
  ["the same outside", [checkpoint(4)], outside(4), { faults: [], maySign: true }],
  [
    "one outside that a run could not bring up to date",
    [checkpoint(9), checkpoint(4)],
    outside(4),
    { faults: [] },
  ],
  [
    "a row gone, known inside",
    [checkpoint(4, { row: "missing" })],
    undefined,
    { faults: ["row_missing"], maySign: false },
  ],
  [
    "a row gone, known outside",
    [],
    outside(4, { row: "missing" }),
    { faults: ["row_missing"], maySign: false },
  ],
  [
    "another row, known inside",
    [checkpoint(4, { row: "differs" })],
    undefined,
    { faults: ["row_differs"], maySign: false },
  ],
  [
    "another row, known outside",
    [checkpoint(4)],
    outside(4, { row: "differs" }),
    { faults: ["row_differs"], maySign: false },
  ],
  [
    "an older checkpoint's row gone",
    [checkpoint(9), checkpoint(4, { row: "missing" })],
    outside(9),
    { faults: ["row_missing"], maySign: false },
  ],
  [
    "a checkpoint gone",
    [checkpoint(4)],
    outside(9, { kept: false }),
    { faults: ["checkpoint_removed"], maySign: false },
  ],
  [
    "a checkpoint and its row gone",
    [],
    outside(9, { row: "missing", kept: false }),
    { faults: ["row_missing", "checkpoint_removed"], maySign: false },
  ],
  [
    "a forged one over nothing",
    [checkpoint(99, { row: "missing", signed: "by_nobody" }), checkpoint(4)],
    outside(4),
    { faults: ["checkpoint_forged"], maySign: true },
  ],
  [
    "a forged one over a row",
    [checkpoint(9, { signed: "by_nobody" }), checkpoint(4)],
    outside(4),
    { faults: ["checkpoint_forged"], maySign: true },
  ],
  [
    "one of a retired key",
    [checkpoint(4, { signed: "unknown" })],
    undefined,
    { faults: [], newest: undefined, maySign: true },
  ],
  [
    "one of no key of ours over nothing",
    [checkpoint(99, { row: "missing", signed: "unknown" })],
    outside(4),
    { faults: ["checkpoint_forged"], maySign: true },
  ],
])("%s", (_, inside, witness, expected) => {
  expect(judgeEnd(inside, witness)).toMatchObject(expected);
});

test("the newest checkpoint is one of ours, inside or outside", () => {
  const forged = checkpoint(99, { row: "missing", signed: "by_nobody" });
  expect(judgeEnd([forged, checkpoint(9), checkpoint(4)], outside(4)).newest?.seq).toBe(9);
  expect(judgeEnd([forged, checkpoint(4)], outside(9)).newest?.seq).toBe(9);
  expect(judgeEnd([forged], undefined).newest).toBeUndefined();
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { joinSnapshot, splitSnapshot } from "../../../src/consumer/active-set/snapshot-body.ts";

test("what is joined is split into the same", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uuid(), fc.record({ group: fc.string(), priority: fc.integer() }))),
      fc.uint8Array(),
      (gates, index) => {
        const split = splitSnapshot(joinSnapshot(gates, index.slice().buffer));
        expect(split?.gates).toEqual(gates);
        expect([...new Uint8Array(split?.index ?? new ArrayBuffer(0))]).toEqual([...index]);
      },
    ),
  );
});

test("of anything else nothing is made", () => {
  const whole = joinSnapshot([["a", { group: "g" }]], new ArrayBuffer(16));
  for (let length = 0; length < whole.byteLength - 16; length++) {
    expect(splitSnapshot(whole.slice(0, length))).toBeUndefined();
  }
  expect(splitSnapshot(new Uint8Array([0, 0, 0, 2, 0x7b, 0x7d, 0, 0]).buffer)).toBeUndefined(); // {}
  expect(splitSnapshot(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]).buffer)).toBeUndefined();
});

import { expect, test } from "vitest";
import { createBulkhead } from "../src/bulkhead.ts";

test("takes what fits, and another when one ends", () => {
  const bulkhead = createBulkhead({ max: 3, holdMs: 10 });
  const release = bulkhead.reserve(2, 0);
  expect(bulkhead.reserve(2, 0)).toBeUndefined();
  expect(bulkhead.reserve(1, 0)).toBeDefined();
  expect(bulkhead.reserve(1, 0)).toBeUndefined();
  release?.();
  expect(bulkhead.reserve(2, 0)).toBeDefined();
});

test("what is given back twice counts once", () => {
  const bulkhead = createBulkhead({ max: 2, holdMs: 10 });
  const release = bulkhead.reserve(1, 0);
  bulkhead.reserve(1, 0);
  release?.();
  release?.();
  expect(bulkhead.reserve(1, 0)).toBeDefined();
  expect(bulkhead.reserve(1, 0)).toBeUndefined();
});

test("what is never given back ends by itself, and counts no longer when it is given back after that", () => {
  const bulkhead = createBulkhead({ max: 1, holdMs: 10 });
  const late = bulkhead.reserve(1, 0);
  expect(bulkhead.reserve(1, 10)).toBeUndefined();
  expect(bulkhead.reserve(1, 11)).toBeDefined();
  late?.();
  expect(bulkhead.reserve(1, 11)).toBeUndefined();
});

test("more than there is room for at all is never taken", () => {
  expect(createBulkhead({ max: 1, holdMs: 10 }).reserve(2, 0)).toBeUndefined();
});

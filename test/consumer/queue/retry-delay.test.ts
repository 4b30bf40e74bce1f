import { expect, test } from "vitest";
import { retryDelay } from "../../../src/consumer/queue/retry-delay.ts";

const ALMOST_ONE = 1 - Number.EPSILON;

test.each([
  [1, 1, 2],
  [2, 2, 4],
  [3, 4, 8],
  [9, 256, 512],
  [10, 450, 900],
  [11, 450, 900],
  [101, 450, 900],
])("after delivery %i between %i and %i seconds", (attempts, least, most) => {
  expect(retryDelay(attempts, 0)).toBe(least);
  expect(retryDelay(attempts, ALMOST_ONE)).toBe(most);
});

test("never more than asked for, and whole seconds", () => {
  expect(retryDelay(50, ALMOST_ONE, 10_800)).toBe(10_800);
  expect(retryDelay(3, 0.3)).toBe(6);
});

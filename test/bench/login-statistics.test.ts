import { describe, expect, test } from "vitest";
import { distinguisher, kolmogorovSmirnov, quantile } from "../../bench/login/statistics.ts";
import { randomFor } from "../../dev/random.ts";

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
/** Times of a request, around `median` ms, as skewed as real ones. */
const times = (name: string, median: number, count = 400) => {
  const random = randomFor(1, name);
  return Array.from({ length: count }, () => median - 10 * Math.log(1 - random()));
};

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
  [0, 1],
])("the %d quantile of 1 to 100 is %d", (q, expected) => {
  expect(quantile(upTo(100).toReversed(), q)).toBe(expected);
});

describe("kolmogorovSmirnov", () => {
  test("is the largest distance of two distribution functions", () => {
    expect(kolmogorovSmirnov([1, 2, 3], [1, 2, 3]).distance).toBe(0);
    expect(kolmogorovSmirnov([1, 2], [3, 4]).distance).toBe(1);
    expect(kolmogorovSmirnov([1, 2, 3, 4], [3, 4, 5, 6]).distance).toBe(0.5);
  });

  test("has the critical value of the tables", () => {
    expect(kolmogorovSmirnov(upTo(400), upTo(400)).critical).toBeCloseTo(0.1151, 4);
  });

  test("tells a difference of 5 ms from none", () => {
    const same = kolmogorovSmirnov(times("a", 200), times("b", 200));
    expect(same.distance).toBeLessThan(same.critical);
    const later = kolmogorovSmirnov(times("a", 200), times("b", 205));
    expect(later.distance).toBeGreaterThan(later.critical);
  });
});

describe("distinguisher", () => {
  test("is a half where nothing can be told, and 1 where everything can", () => {
    expect(distinguisher([1, 2, 3], [1, 2, 3]).area).toBe(0.5);
    expect(distinguisher([5, 5], [5, 5]).area).toBe(0.5);
    expect(distinguisher([1, 2], [3, 4]).area).toBe(1);
    expect(distinguisher([3, 4], [1, 2]).area).toBe(0);
  });

  test("is sure of a difference of 5 ms, and not of none", () => {
    const same = distinguisher(times("a", 200), times("b", 200));
    expect(same.low).toBeLessThan(0.5);
    expect(same.high).toBeGreaterThan(0.5);
    expect(distinguisher(times("a", 200), times("b", 205)).low).toBeGreaterThan(0.5);
  });
});

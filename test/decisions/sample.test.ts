import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketOf, holdoutBucketOf, isWithin } from "../../src/decisions/sample.ts";

describe("the bucket of a subject", () => {
  // The public cases of GrowthBook's SDKs for hash version 2, in ten-thousandths.
  test.each([
    ["seed", "a", 505],
    ["seed", "b", 2696],
    ["foo", "ab", 2575],
    ["foo", "def", 2019],
    ["89123klj", "8952klfjas09ujkasdf", 1240],
    ["90850943850283058242805", "123", 7516],
    ["()**(%$##$%#$#", '___)((*":&', 128],
    ["holdout", "1", 8043],
    ["experiment", "1", 4413],
  ])("of salt %j and subject %j is %i", (salt, subject, bucket) => {
    expect(bucketOf(salt, subject)).toBe(bucket);
  });

  test("is a whole number from 0 to 9,999", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (salt, subject) => {
        const bucket = bucketOf(salt, subject);
        expect(Number.isInteger(bucket) && bucket >= 0 && bucket < 10_000).toBe(true);
      }),
    );
  });

  test("falls evenly: of 10,000 subjects a quarter is in a quarter, whatever the salt", () => {
    for (const salt of ["a", "summer", "0190b6a2-7c3e-7000-8000-000000000000"]) {
      const members = Array.from({ length: 10_000 }, (_, n) => bucketOf(salt, `customer-${n}`)).filter(
        (bucket) => isWithin(25, bucket),
      );
      // Six standard deviations of a binomial distribution; the subjects are fixed, so this cannot flicker.
      expect(Math.abs(members.length - 2_500)).toBeLessThan(6 * Math.sqrt(10_000 * 0.25 * 0.75));
    }
  });

  test("of a holdout does not follow that of a sample with the holdout's key for a salt", () => {
    const both = Array.from({ length: 10_000 }, (_, n) => `customer-${n}`).filter(
      (subject) =>
        isWithin(50, bucketOf("2026", subject)) &&
        isWithin(50, holdoutBucketOf({ key: "2026", percent: 50 }, subject)),
    );
    expect(Math.abs(both.length - 2_500)).toBeLessThan(6 * Math.sqrt(10_000 * 0.25 * 0.75));
  });
});

describe("a percentage", () => {
  test("of 0 holds nobody, of 100 everybody, of 28.57 exactly 2,857 buckets", () => {
    const buckets = Array.from({ length: 10_000 }, (_, bucket) => bucket);
    for (const [percent, members] of [
      [0, 0],
      [0.01, 1],
      [28.57, 2_857],
      [57.89, 5_789],
      [100, 10_000],
    ] as const) {
      expect(buckets.filter((bucket) => isWithin(percent, bucket))).toHaveLength(members);
    }
  });

  test("that is raised keeps its members", () => {
    const hundredths = fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100);
    fc.assert(
      fc.property(hundredths, hundredths, fc.integer({ min: 0, max: 9_999 }), (one, other, bucket) => {
        const [lower, higher] = [Math.min(one, other), Math.max(one, other)];
        expect(isWithin(lower, bucket) && !isWithin(higher, bucket)).toBe(false);
      }),
    );
  });
});

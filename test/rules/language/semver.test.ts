import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions, parseVersion, type Version } from "../../../src/rules/language/semver.ts";

const read = (text: string): Version => {
  const version = parseVersion(text);
  if (version === null) throw new Error(`${text} is no version`);
  return version;
};
const order = (a: string, b: string) => Math.sign(compareVersions(read(a), read(b)));

describe("section 2 and 9 to 10: what a version is", () => {
  test.each([
    "0.0.4",
    "1.2.3",
    "10.20.30",
    "1.1.2-prerelease+meta",
    "1.1.2+meta-valid",
    "1.0.0-alpha.beta.1",
    "1.0.0-alpha0.valid",
    "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay",
    "1.0.0-0A.is.legal",
    "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
    "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
    "99999999999999999999999.999999999999999999.99999999999999999",
  ])("%s", (text) => {
    expect(parseVersion(text)).not.toBeNull();
  });

  test.each([
    "",
    "1",
    "1.2",
    "v1.2.3",
    "1.2.3.4",
    "01.1.1",
    "1.01.1",
    "1.1.01",
    "1.2.3-",
    "1.2.3-0123",
    "1.2.3-a..b",
    "1.2.3+",
    "1.2.3+a+b",
    "1.2.3-ä",
    " 1.2.3",
    "1.2.3\n",
    "1.2.3-٣",
  ])("and not %j", (text) => {
    expect(parseVersion(text)).toBeNull();
  });

  test("is found in time linear in the text", () => {
    for (const text of [`1.0.0-${"0".repeat(60_000)}`, `1.0.0-${"1".repeat(60_000)}!`, "1.".repeat(30_000)]) {
      expect(parseVersion(text)).toBeNull();
    }
  });
});

describe("section 11: precedence", () => {
  const ASCENDING = [
    "0.9.9",
    "1.0.0-0",
    "1.0.0-2",
    "1.0.0-11",
    "1.0.0-99999999999999999998",
    "1.0.0-99999999999999999999",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.9.0",
    "1.10.0",
    "1.11.0",
    "2.0.0",
    "2.1.0",
    "2.1.1",
    "99999999999999999998.0.0",
    "99999999999999999999.0.0",
  ];

  test("goes by numbers, pre-releases before their release, identifiers one by one", () => {
    for (const [at, a] of ASCENDING.entries()) {
      for (const [other, b] of ASCENDING.entries())
        expect([a, b, order(a, b)]).toEqual([a, b, Math.sign(at - other)]);
    }
  });

  test("leaves build metadata out", () => {
    expect(order("1.0.0+a", "1.0.0+b.c")).toBe(0);
    expect(order("1.0.0-rc.1+a", "1.0.0-rc.1")).toBe(0);
  });

  test("is a total order", () => {
    const identifier = fc.oneof(
      fc.nat({ max: 12 }).map(String),
      fc.constantFrom("a", "A", "-", "a1", "0a", "rc"),
    );
    const version = fc
      .tuple(
        fc.array(fc.nat({ max: 11 }), { minLength: 3, maxLength: 3 }),
        fc.array(identifier, { maxLength: 3 }),
      )
      .map(
        ([core, preRelease]) => core.join(".") + (preRelease.length > 0 ? `-${preRelease.join(".")}` : ""),
      );
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(order(a, b) + order(b, a)).toBe(0);
        expect(order(a, b) === 0).toBe(a === b);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });
});

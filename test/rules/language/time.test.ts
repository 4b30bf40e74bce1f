import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDuration, parseTime } from "../../../src/rules/language/time.ts";

describe("RFC 3339 times", () => {
  test.each([
    ["1970-01-01T00:00:00Z", 0],
    // RFC 3339, section 5.8
    ["1985-04-12T23:20:50.52Z", Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
    ["1996-12-19T16:39:57-08:00", Date.UTC(1996, 11, 20, 0, 39, 57)],
    ["1990-12-31T23:59:60Z", Date.UTC(1991, 0, 1)],
    ["1990-12-31T15:59:60-08:00", Date.UTC(1991, 0, 1)],
    ["1937-01-01T12:00:27.87+00:20", Date.UTC(1937, 0, 1, 11, 40, 27, 870)],
    ["2026-11-21t10:00:00z", Date.UTC(2026, 10, 21, 10)],
    ["2026-11-21T10:00:00-00:00", Date.UTC(2026, 10, 21, 10)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    ["2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29)],
    ["0000-01-01T00:00:00Z", -62_167_219_200_000],
    ["0001-01-01T00:00:00Z", -62_135_596_800_000],
    ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
  ])("%s", (text, time) => {
    expect(parseTime(text)).toBe(time);
  });

  test("digits below a millisecond are dropped, before 1970 too", () => {
    expect(parseTime("2026-11-21T10:00:00.0009999Z")).toBe(Date.UTC(2026, 10, 21, 10));
    expect(parseTime("2026-11-21T10:00:00.1Z")).toBe(Date.UTC(2026, 10, 21, 10) + 100);
    expect(parseTime("1969-12-31T23:59:59.9999Z")).toBe(-1);
    expect(parseTime(`2026-11-21T10:00:00.${"9".repeat(60_000)}Z`)).toBe(Date.UTC(2026, 10, 21, 10) + 999);
  });

  test.each([
    "",
    "2026-11-21",
    "2026-11-21T10:00Z",
    "2026-11-21T10:00:00",
    "2026-11-21 10:00:00Z",
    "2026-11-21T10:00:00.Z",
    "2026-11-21T10:00:00,5Z",
    "2026-11-21T10:00:00Z ",
    " 2026-11-21T10:00:00Z",
    "2026-11-21T10:00:00+01",
    "2026-11-21T10:00:00+0100",
    "2026-11-21T10:00:00+24:00",
    "2026-11-21T10:00:00+01:60",
    "2026-11-21T10:00:00ZZ",
    "2026-11-21T10:00:00+01:00Z",
    "2026-00-21T10:00:00Z",
    "2026-13-21T10:00:00Z",
    "2026-11-00T10:00:00Z",
    "2026-11-31T10:00:00Z",
    "2026-02-29T10:00:00Z",
    "1900-02-29T10:00:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T10:60:00Z",
    "2026-11-21T10:00:61Z",
    "2026-11-21T10:00:60Z",
    "2026-11-21T23:59:60Z",
    "2026-11-30T23:59:60+01:00",
    "12026-11-21T10:00:00Z",
    "+2026-11-21T10:00:00Z",
    "2026-11-2１T10:00:00Z",
    "2026-W47-6T10:00:00Z",
    "1795255200000",
    "2026\u221211-21T10:00:00Z",
  ])("%j is none", (text) => {
    expect(parseTime(text)).toBeNaN();
  });

  test("agrees with Date on every instant it can print", () => {
    const instants = fc.date({
      min: new Date("0001-01-01"),
      max: new Date("9999-12-31"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  test("an offset moves the instant and nothing else", () => {
    const offsets = fc.tuple(fc.constantFrom("+", "-"), fc.nat({ max: 23 }), fc.nat({ max: 59 }));
    fc.assert(
      fc.property(offsets, ([sign, hours, minutes]) => {
        const offset = `${sign}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
        const ahead = (hours * 60 + minutes) * 60_000 * (sign === "+" ? 1 : -1);
        expect(parseTime(`2026-11-21T10:00:00${offset}`)).toBe(Date.UTC(2026, 10, 21, 10) - ahead);
      }),
    );
  });
});

describe("durations", () => {
  test.each([
    ["0s", 0],
    ["90s", 90_000],
    ["15m", 900_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
    ["36525d", 3_155_760_000_000],
    ["3155760000s", 3_155_760_000_000],
  ])("%s", (text, duration) => {
    expect(parseDuration(text)).toBe(duration);
  });

  test.each([
    "",
    "s",
    "90",
    "1.5h",
    "-1s",
    "+1s",
    " 1s",
    "1 s",
    "1S",
    "1w",
    "1ms",
    "1h30m",
    "36526d",
    "99999999999s",
    "1constructor",
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNaN();
  });
});

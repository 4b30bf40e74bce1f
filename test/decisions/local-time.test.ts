import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLocalClock, isZone } from "../../src/decisions/local-time.ts";
import { LOCAL_OFFSETS_KEPT } from "../../src/limits.ts";

const DAY = 86_400_000;
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Asia/Kathmandu",
  "Africa/Monrovia",
  "America/Caracas",
];

/** As the platform writes it, field by field, with no offset in between. */
function written(zone: string, instant: number): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
  }).formatToParts(instant);
  const part = (type: string) => parts.find((one) => one.type === type)?.value;
  return `${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")}:${part("second")}`;
}

function told({ day, clock }: { day: number; clock: number }): string {
  return new Date(day * DAY + clock).toISOString().slice(0, 19).replace("T", " ");
}

describe("local time", () => {
  test("is what the platform writes, at any instant of four-digit years, in any zone", () => {
    const clocks = new Map(ZONES.map((zone) => [zone, createLocalClock(zone)]));
    const instant = fc.integer({ min: Date.UTC(1001, 0), max: Date.UTC(9999, 0) });
    const lately = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.oneof(instant, lately), (zone, time) => {
        // Read through UTC's calendar on both sides: Intl writes Julian dates before 1582.
        fc.pre(time > Date.UTC(1600, 0));
        expect(told(clocks.get(zone)?.(time) ?? { day: 0, clock: 0 })).toBe(written(zone, time));
      }),
      { numRuns: 2_000 },
    );
  });

  test("changes at the very instant at which clocks are moved", () => {
    const berlin = createLocalClock("Europe/Berlin");
    const moved = Date.UTC(2026, 2, 29, 1);
    expect(told(berlin(moved - 1))).toBe("2026-03-29 01:59:59");
    expect(told(berlin(moved))).toBe("2026-03-29 03:00:00");
    const lordHowe = createLocalClock("Australia/Lord_Howe"); // by half an hour
    const back = Date.UTC(2026, 3, 4, 15);
    expect(told(lordHowe(back - 1))).toBe("2026-04-05 01:59:59");
    expect(told(lordHowe(back))).toBe("2026-04-05 01:30:00");
    const apia = createLocalClock("Pacific/Apia"); // which left out 30 December 2011
    expect(told(apia(Date.UTC(2011, 11, 30, 10) - 1))).toBe("2011-12-29 23:59:59");
    expect(told(apia(Date.UTC(2011, 11, 30, 10)))).toBe("2011-12-31 00:00:00");
  });

  test("is right when more quarters of an hour were asked for than are kept", () => {
    const clock = createLocalClock("Europe/Berlin");
    const from = Date.UTC(2026, 0);
    for (let n = 0; n < LOCAL_OFFSETS_KEPT + 10; n++) {
      const time = from + n * 15 * 60_000;
      expect(told(clock(time))).toBe(new Date(time + 3_600_000).toISOString().slice(0, 19).replace("T", " "));
    }
    expect(told(clock(Date.UTC(2026, 6, 1)))).toBe("2026-07-01 02:00:00");
  });

  test("is not told of a zone that is none", () => {
    expect(() => createLocalClock("Europe/Atlantis")).toThrow(RangeError);
  });
});

test.each([
  ["Europe/Berlin", true],
  ["UTC", true],
  ["europe/berlin", true],
  ["Europe/Atlantis", false],
  ["+01:00", false],
  ["", false],
  ["Europe/Berlin\0", false],
  ["__proto__", false],
])("the name %j of a zone is known: %s", (name, known) => {
  expect(isZone(name)).toBe(known);
});

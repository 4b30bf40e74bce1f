import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileSchedule,
  dayOf,
  parseTimeOfDay,
  type Schedule,
  WEEKDAYS,
  type Weekday,
} from "../../src/decisions/schedule.ts";

const FRIDAY_NIGHT: Schedule = {
  zone: "Europe/Berlin",
  weekly: [{ days: ["fri"], from: "22:00", to: "02:00" }],
};

/** [what it shows, schedule, instant, whether it is inside] */
const cases: [string, Schedule, string, boolean][] = [
  ["the start is inside", FRIDAY_NIGHT, "2026-11-27T22:00:00+01:00", true],
  ["before the start is not", FRIDAY_NIGHT, "2026-11-27T21:59:59.999+01:00", false],
  ["after midnight belongs to the day before", FRIDAY_NIGHT, "2026-11-28T01:59:59.999+01:00", true],
  ["the end is outside", FRIDAY_NIGHT, "2026-11-28T02:00:00+01:00", false],
  ["the night to Friday is not Friday's", FRIDAY_NIGHT, "2026-11-27T01:00:00+01:00", false],
  ["local time counts, not UTC", FRIDAY_NIGHT, "2026-11-27T21:30:00Z", true],
  [
    "Sunday's night goes into Monday",
    { zone: "UTC", weekly: [{ days: ["sun"], from: "23:00", to: "01:00" }] },
    "2026-11-30T00:30:00Z",
    true,
  ],
  [
    "a whole day",
    { zone: "UTC", weekly: [{ days: ["mon"], from: "00:00", to: "24:00" }] },
    "2026-11-30T23:59:59.999Z",
    true,
  ],
  [
    "a whole day ends with it",
    { zone: "UTC", weekly: [{ days: ["mon"], from: "00:00", to: "24:00" }] },
    "2026-12-01T00:00:00Z",
    false,
  ],
  [
    "on an excluded date no window starts",
    { ...FRIDAY_NIGHT, exclude: ["2026-11-27"] },
    "2026-11-28T01:00:00+01:00",
    false,
  ],
  [
    "a window that started before an excluded date goes on",
    { ...FRIDAY_NIGHT, exclude: ["2026-11-28"] },
    "2026-11-28T01:00:00+01:00",
    true,
  ],
  [
    "an included date is open besides",
    { ...FRIDAY_NIGHT, include: [{ date: "2026-12-24", from: "10:00", to: "14:00" }] },
    "2026-12-24T12:00:00+01:00",
    true,
  ],
  [
    "an included date without times is open from midnight to midnight",
    { zone: "Europe/Berlin", include: [{ date: "2026-12-24" }] },
    "2026-12-23T23:30:00Z",
    true,
  ],
  [
    "an included date is over at its end",
    { zone: "Europe/Berlin", include: [{ date: "2026-12-24" }] },
    "2026-12-24T23:00:00Z",
    false,
  ],
  ["a schedule of nothing is never open", { zone: "UTC" }, "2026-12-24T12:00:00Z", false],
];

test.each(cases)("%s", (_, schedule, time, inside) => {
  expect(compileSchedule(schedule)(Date.parse(time))).toBe(inside);
});

describe("daylight saving", () => {
  const minutesOpen = (schedule: Schedule, from: string, to: string): number => {
    const isIn = compileSchedule(schedule);
    let minutes = 0;
    for (let at = Date.parse(from); at < Date.parse(to); at += 60_000) if (isIn(at)) minutes++;
    return minutes;
  };
  const night: Schedule = {
    zone: "Europe/Berlin",
    weekly: [{ days: ["sat", "sun"], from: "01:00", to: "04:00" }],
  };

  test("a gap shortens a window", () => {
    expect(minutesOpen(night, "2026-03-28T20:00:00Z", "2026-03-29T20:00:00Z")).toBe(120);
  });
  test("an overlap lengthens it", () => {
    expect(minutesOpen(night, "2026-10-24T20:00:00Z", "2026-10-25T20:00:00Z")).toBe(240);
  });
  test("on other days it is as long as it says", () => {
    expect(minutesOpen(night, "2026-11-27T20:00:00Z", "2026-11-28T20:00:00Z")).toBe(180);
  });
});

test("a schedule is open when the clock on the wall says so", () => {
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia");
  const minute = fc.integer({ min: 0, max: 1_439 });
  const windows = fc.array(
    fc.record({ days: fc.subarray([...WEEKDAYS], { minLength: 1 }), from: minute, to: minute }),
    { minLength: 1, maxLength: 3 },
  );
  const instant = fc.integer({ min: Date.UTC(2011, 11, 20), max: Date.UTC(2030, 0) });
  const clock = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  fc.assert(
    fc.property(zone, windows, instant, (zone, windows, time) => {
      fc.pre(windows.every(({ from, to }) => from !== to));
      const weekly = windows.map(({ days, from, to }) => ({ days, from: clock(from), to: clock(to) }));
      const show = (options: Intl.DateTimeFormatOptions, at: number) =>
        new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options }).format(at);
      const now = show({ hour: "2-digit", minute: "2-digit" }, time);
      const today = show({ weekday: "short" }, time).toLowerCase();
      // The date before on the calendar: in Apia 30 December 2011 never was, and still Friday's nights were its.
      const yesterday = WEEKDAYS.at(WEEKDAYS.indexOf(today as Weekday) - 1);
      const isOpen = weekly.some(({ days, from, to }) =>
        from < to
          ? days.some((day) => day === today) && from <= now && now < to
          : (days.some((day) => day === today) && from <= now) ||
            (days.some((day) => day === yesterday) && now < to),
      );
      expect(compileSchedule({ zone, weekly })(time)).toBe(isOpen);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["00:00", 0],
  ["09:30", 34_200_000],
  ["23:59", 86_340_000],
  ["24:00", 86_400_000],
  ["24:01", Number.NaN],
  ["9:30", Number.NaN],
  ["09:60", Number.NaN],
  ["09:30:00", Number.NaN],
  ["", Number.NaN],
])("the time of day %j is %d", (text, milliseconds) => {
  expect(parseTimeOfDay(text)).toBe(milliseconds);
});

test.each([
  ["1970-01-01", 0],
  ["2026-11-27", 20_784],
  ["2024-02-29", 19_782],
  ["2026-02-29", Number.NaN],
  ["2026-13-01", Number.NaN],
  ["2026-1-1", Number.NaN],
  ["0000-01-01", Number.NaN],
  ["0001-01-01", -719_162],
  ["+02026-01-01", Number.NaN],
])("the date %j is day %d", (text, day) => {
  expect(dayOf(text)).toBe(day);
});

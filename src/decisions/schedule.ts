import { createLocalClock } from "./local-time.ts";

/** In the order of the week; 1970-01-01 was a Thursday. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];
const WEEKDAY_OF_DAY_0 = WEEKDAYS.indexOf("thu");

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** From included, to excluded, as `hh:mm`; it ends on the next day when `to` is not after `from`. */
export interface TimeOfDay {
  readonly from: string;
  readonly to: string;
}

export interface WeeklyWindow extends TimeOfDay {
  /** On which it starts. */
  readonly days: readonly Weekday[];
}

/** A date besides; the whole of it without times. */
export interface DateWindow extends Partial<TimeOfDay> {
  /** `yyyy-mm-dd`, on which it starts. */
  readonly date: string;
}

/** When a campaign may match, by the clocks of a zone. */
export interface Schedule {
  /** A name of the IANA time zone database. */
  readonly zone: string;
  readonly weekly?: readonly WeeklyWindow[] | undefined;
  readonly include?: readonly DateWindow[] | undefined;
  /** Dates, `yyyy-mm-dd`, on which no weekly window starts. */
  readonly exclude?: readonly string[] | undefined;
}

/** Whether an instant, in milliseconds since 1970-01-01T00:00:00Z, is in a schedule. */
export type IsInSchedule = (instant: number) => boolean;

/** Milliseconds since midnight of the day it starts on. */
interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * Windows are tested on local time, with no list of occurrences: a gap of daylight saving shortens one, an overlap
 * lengthens it.
 *
 * @throws RangeError for a zone that the platform does not know
 */
export function compileSchedule({ zone, weekly = [], include = [], exclude = [] }: Schedule): IsInSchedule {
  const localTime = createLocalClock(zone);
  const byWeekday = WEEKDAYS.map((name) => weekly.filter(({ days }) => days.includes(name)).map(windowOf));
  const byDate = new Map<number, Window[]>();
  for (const { date, from = "00:00", to = "24:00" } of include) {
    const day = dayOf(date);
    byDate.set(day, [...(byDate.get(day) ?? []), windowOf({ from, to })]);
  }
  const excluded = new Set(exclude.map(dayOf));

  /** Whether a window that starts on a day is open so long after that day's midnight. */
  const isOpen = (day: number, elapsed: number): boolean => {
    const isInside = ({ from, to }: Window) => from <= elapsed && elapsed < to;
    if (byDate.get(day)?.some(isInside)) return true;
    return !excluded.has(day) && (byWeekday[weekdayOf(day)]?.some(isInside) ?? false);
  };

  return (instant) => {
    const { day, clock } = localTime(instant);
    return isOpen(day, clock) || isOpen(day - 1, clock + DAY);
  };
}

/** Milliseconds since midnight of `hh:mm`, up to `24:00`; NaN when it is no such time. */
export function parseTimeOfDay(text: string): number {
  const [, hours, minutes] = text.match(/^(\d\d):([0-5]\d)$/) ?? [];
  const time = (Number(hours) * 60 + Number(minutes)) * MINUTE;
  return time <= DAY ? time : Number.NaN;
}

/** Days since 1970-01-01 of `yyyy-mm-dd`; NaN when it is no date of the years 1 to 9999. */
export function dayOf(date: string): number {
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || date.startsWith("0000")) return Number.NaN;
  const midnight = new Date(`${date}T00:00:00Z`);
  const isDate = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
  return isDate ? midnight.getTime() / DAY : Number.NaN;
}

function windowOf({ from, to }: TimeOfDay): Window {
  const [start, end] = [parseTimeOfDay(from), parseTimeOfDay(to)];
  return { from: start, to: end > start ? end : end + DAY };
}

/** Index into `WEEKDAYS`. */
function weekdayOf(day: number): number {
  return (((day + WEEKDAY_OF_DAY_0) % 7) + 7) % 7;
}

import { DURATION_DAYS_MAX } from "../../limits.ts";
import { formatTime } from "../../time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Milliseconds since 1970-01-01T00:00:00Z of an RFC 3339 date-time, or NaN when it is not one.
 *
 * Strict: the calendar's own dates only, an offset is required (`Z`, `±hh:mm`; `t` and `z` may be lower case,
 * section 5.6). The resolution is one millisecond: further digits are read and dropped, so an instant never
 * moves forward. A leap second (`23:59:60` UTC on the last day of a month) is the first second of the next
 * day, as in POSIX.
 */
export function parseTime(text: string): number {
  // Positions are fixed up to the seconds: 2026-11-21T10:00:00
  if (text.length < 20) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (
    !(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)) ||
    !(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60) ||
    text[4] !== "-" ||
    text[7] !== "-" ||
    (text[10] !== "T" && text[10] !== "t") ||
    text[13] !== ":" ||
    text[16] !== ":"
  ) {
    return Number.NaN;
  }
  let at = 19;
  let fraction = 0;
  if (text[at] === ".") {
    const start = ++at;
    for (let unit = 100; isDigit(text.charCodeAt(at)); unit = Math.floor(unit / 10)) {
      fraction += (text.charCodeAt(at++) - 48) * unit;
    }
    if (at === start) return Number.NaN;
  }
  const offset = parseOffset(text, at);
  const time =
    daysSinceEpoch(year, month, day) * DAY +
    hour * HOUR +
    minute * MINUTE +
    second * SECOND +
    fraction -
    offset;
  return second === 60 && !followsLeapSecond(time) ? Number.NaN : time;
}

const YEAR_1 = parseTime("0001-01-01T00:00:00Z");
const YEAR_10000 = Date.UTC(10_000, 0, 1);

/** As `parseTime`, of the years 1 to 9999 UTC that events may lie in; NaN otherwise. */
export function parseEventTime(text: string): number {
  const parsed = parseTime(text);
  return parsed >= YEAR_1 && parsed < YEAR_10000 ? parsed : Number.NaN;
}

/** Whether a text is a time as events are stored with it: what `formatTime` makes of it, so one that Postgres reads. */
export function isStoredTime(text: string): boolean {
  const parsed = parseEventTime(text);
  return !Number.isNaN(parsed) && formatTime(parsed) === text;
}

/** The instant a value of any type names, in milliseconds, NaN when it names none. */
export function instantOf(value: unknown): number {
  return typeof value === "string" ? parseTime(value) : Number.NaN;
}

/** Milliseconds of `90s`, `15m`, `24h` or `7d`, or NaN when it is not a duration or is over the limit. */
export function parseDuration(text: string): number {
  const unit = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }[text.slice(-1)];
  if (unit === undefined || !/^\d{1,10}$/.test(text.slice(0, -1))) return Number.NaN;
  const duration = Number(text.slice(0, -1)) * unit;
  return duration <= DURATION_DAYS_MAX * DAY ? duration : Number.NaN;
}

/** Milliseconds that local time is ahead of UTC; NaN when what stands at `at` is not an offset up to the end. */
function parseOffset(text: string, at: number): number {
  const sign = text[at];
  if (sign === "Z" || sign === "z") return text.length === at + 1 ? 0 : Number.NaN;
  if ((sign !== "+" && sign !== "-") || text[at + 3] !== ":" || text.length !== at + 6) return Number.NaN;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (!(hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59)) return Number.NaN;
  const offset = hours * HOUR + minutes * MINUTE;
  return sign === "+" ? offset : -offset;
}

/** Whether the second that starts here, as POSIX counts, is where a leap second may have been. */
function followsLeapSecond(time: number): boolean {
  const start = Math.floor(time / SECOND) * SECOND;
  return start % DAY === 0 && new Date(start).getUTCDate() === 1;
}

function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + code - 48;
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar; `Date.UTC` would move the years 0 to 99. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1; // a year that starts in March ends with the leap day
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

import { LOCAL_OFFSETS_KEPT } from "../limits.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** Since this instant clocks everywhere have moved only at quarters of an hour of UTC. */
const QUARTERS_SINCE = Date.UTC(1980, 0, 1);
const QUARTER = 15 * MINUTE;

/** What calendars and clocks of a zone show at an instant. */
export interface LocalTime {
  /** The date, as days since 1970-01-01. */
  readonly day: number;
  /** Milliseconds that the clock shows since midnight. */
  readonly clock: number;
}

/** Tells what a zone's clocks show at an instant, in milliseconds since 1970-01-01T00:00:00Z. */
export type LocalClock = (instant: number) => LocalTime;

/** Whether the platform knows a zone by this name of the IANA time zone database; an offset is not a zone. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** @throws RangeError for a zone that the platform does not know */
export function createLocalClock(zone: string): LocalClock {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  // Formatting takes microseconds, and events come close together in time.
  const offsets = new Map<number, number>();

  const offsetAt = (instant: number): number => {
    if (instant < QUARTERS_SINCE) return readOffset(format, instant);
    const quarter = Math.floor(instant / QUARTER);
    const kept = offsets.get(quarter);
    if (kept !== undefined) return kept;
    const offset = readOffset(format, instant);
    if (offsets.size >= LOCAL_OFFSETS_KEPT) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  };

  return (instant) => {
    const shown = instant + offsetAt(instant);
    const day = Math.floor(shown / DAY);
    return { day, clock: shown - day * DAY };
  };
}

/** Milliseconds that a zone's clocks are ahead of UTC. */
function readOffset(format: Intl.DateTimeFormat, instant: number): number {
  const name = format.formatToParts(instant).find(({ type }) => type === "timeZoneName")?.value;
  const [, sign, hours, minutes, seconds = "0"] =
    name?.match(/^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/) ?? [];
  if (sign === undefined) return 0;
  const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE + Number(seconds) * SECOND;
  return sign === "+" ? offset : -offset;
}

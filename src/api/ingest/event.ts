import { allowsSource } from "../../auth/api-keys.ts";
import type { Faults, FieldError } from "../../errors.ts";
import { EVENT_AHEAD_MS_MAX, EVENT_BYTES_MAX, EVENT_FAULTS_MAX } from "../../limits.ts";
import type { AcceptedEvent } from "../../messages.ts";
import { isExactNumber, NOT_EXACT } from "../../rules/language/exact-numbers.ts";
import { isStorable, utf8Bytes } from "../../text.ts";
import { faultsOf, pointer } from "../http/schemas.ts";
import { type EventInput, eventSchema } from "./event-input.ts";
import { needsNoSchema } from "./fast-path.ts";

export type Checked =
  | { readonly ok: true; readonly event: EventInput }
  | {
      readonly ok: false;
      readonly reason: "invalid" | "source_not_allowed";
      readonly faults: Faults;
    };

/** What an event without a source comes from, and the sources that its sender may write in. */
export interface SourceRule {
  readonly defaultSource: string;
  /** As `allowsSource` takes them. */
  readonly sources: readonly string[];
}

/**
 * Checks one event, whatever it is. Pointers are relative to it.
 * @param now milliseconds since 1970
 */
export function checkEvent(input: unknown, now: number): Checked {
  const read = needsNoSchema(input) ? { success: true as const, data: input } : eventSchema.safeParse(input);
  if (!read.success) return { ok: false, reason: "invalid", faults: faultsOf(read.error, EVENT_FAULTS_MAX) };
  const event = read.data;
  const errors = [...checkTime(event.time, now), ...checkData(event.data), ...checkSize(event)];
  return errors.length === 0
    ? { ok: true, event }
    : { ok: false, reason: "invalid", faults: { errors, more: 0 } };
}

/** The same event, or why whoever sent it may not: it would be taken for another system's. */
export function checkSource(checked: Checked, { defaultSource, sources }: SourceRule): Checked {
  if (!checked.ok || allowsSource(sources, checked.event.source ?? defaultSource)) return checked;
  const reason = "source_not_allowed";
  const message = "is not among the sources of this API key, or is left out and the key's name is not";
  return { ok: false, reason, faults: { errors: [{ pointer: "/source", code: reason, message }], more: 0 } };
}

/**
 * Makes of a checked event what the queue carries.
 * @param receivedAt as `formatTime` writes it
 */
export function acceptEvent(event: EventInput, defaultSource: string, receivedAt: string): AcceptedEvent {
  const { id, type, source = defaultSource, subject = null, time = null, data = {} } = event;
  return {
    source,
    id,
    type,
    subject,
    time: time ?? receivedAt,
    received_at: receivedAt,
    data,
  };
}

function checkTime(time: string | undefined, now: number): FieldError[] {
  if (time === undefined || Date.parse(time) <= now + EVENT_AHEAD_MS_MAX) return [];
  return [{ pointer: "/time", code: "too_far_ahead", message: "is more than 5 minutes ahead" }];
}

/** The first fault in the data that Postgres or a double cannot carry unchanged. Depth is limited before. */
function checkData(data: Record<string, unknown> | undefined): FieldError[] {
  const fault = findFault(data ?? {});
  if (fault === undefined) return [];
  const { path, code, message } = fault;
  return [{ pointer: pointer(["data", ...path.reverse()]), code, message }];
}

interface Fault {
  /** Keys from the innermost outwards. They are added on the way back from a fault: valid data costs no path. */
  readonly path: PropertyKey[];
  readonly code: string;
  readonly message: string;
}

function findFault(value: unknown): Fault | undefined {
  if (typeof value === "number") return faultInNumber(value);
  if (typeof value === "string") {
    return isStorable(value) ? undefined : fault("unstorable_text", "holds NUL or a lone surrogate");
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = findFault(value[i]);
      if (found !== undefined) return within(found, i);
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (!isStorable(key)) return fault("unstorable_text", "has a key with NUL or a lone surrogate");
    const found = findFault((value as Record<string, unknown>)[key]);
    if (found !== undefined) return within(found, key);
  }
  return undefined;
}

/** Of two events that differ only in a number that is not exact, the second would be taken for the first. */
function faultInNumber(value: number): Fault | undefined {
  if (!Number.isFinite(value)) return fault("number_out_of_range", "is beyond the range of a double");
  return isExactNumber(value) ? undefined : fault("number_not_exact", NOT_EXACT);
}

const fault = (code: string, message: string): Fault => ({ path: [], code, message });

function within(found: Fault, key: PropertyKey): Fault {
  found.path.push(key);
  return found;
}

function checkSize(event: EventInput): FieldError[] {
  if (bytesAtMost(event) <= EVENT_BYTES_MAX) return [];
  if (utf8Bytes(JSON.stringify(event)) <= EVENT_BYTES_MAX) return [];
  return [
    { pointer: "", code: "event_too_large", message: `is larger than ${EVENT_BYTES_MAX} bytes as JSON` },
  ];
}

/** An upper bound of the bytes that a value takes as JSON, without writing it: one character may become six. */
function bytesAtMost(value: unknown): number {
  if (typeof value === "string") return 2 + 6 * value.length;
  if (typeof value !== "object" || value === null) return 25;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) bytes += 1 + bytesAtMost(value[i]);
    return bytes;
  }
  for (const key of Object.keys(value)) {
    bytes += 4 + 6 * key.length + bytesAtMost((value as Record<string, unknown>)[key]);
  }
  return bytes;
}

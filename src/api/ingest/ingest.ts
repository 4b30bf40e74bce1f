import { type Faults, type FieldError, HttpProblem, namedFaults } from "../../errors.ts";
import { EVENT_FAULTS_MAX, EVENTS_PER_REQUEST_MAX, FAULTS_MAX } from "../../limits.ts";
import type { AcceptedEvent } from "../../messages.ts";
import type { MetricBuffer } from "../../telemetry/metric-buffer.ts";
import { formatTime } from "../../time.ts";
import { faultsOf } from "../http/schemas.ts";
import { type Envelope, type EventsQueue, enqueue, queueUnavailable } from "../queues/enqueue.ts";
import { unwrapCloudEvent } from "./cloudevents.ts";
import { acceptEvent, type Checked, checkEvent, checkSource, type SourceRule } from "./event.ts";

/** What the content type says that the body is: our own event or an array of them, one CloudEvent, or an array. */
export type Format = "events" | "cloudevent" | "cloudevents";

/** By media type. */
export const FORMATS: Readonly<Record<string, Format>> = {
  "application/json": "events",
  "application/cloudevents+json": "cloudevent",
  "application/cloudevents-batch+json": "cloudevents",
};

/** Of events without one, where no API key sent them. */
export const DEFAULT_SOURCE = "api";

export interface IngestRequest extends SourceRule {
  /** The parsed body. */
  readonly json: unknown;
  readonly format: Format;
  readonly envelope: Envelope;
}

interface Result {
  readonly index: number;
  readonly id: string | null;
  readonly status: "accepted" | "rejected";
  readonly error?: { readonly code: string; readonly errors: FieldError[]; readonly more_errors?: number };
}

export interface Receipt {
  readonly accepted: number;
  readonly rejected: number;
  readonly results: Result[];
}

/**
 * Puts every acceptable event of a request into the queue, and says for each what became of it. `accepted`
 * means that the queue holds it.
 * @param metricBuffer counts what became of the events
 * @throws HttpProblem `invalid` when no event is acceptable, `queue_unavailable` when the queue takes none
 */
export async function ingest(
  request: IngestRequest,
  queue: EventsQueue,
  now: number,
  metricBuffer: Pick<MetricBuffer, "count">,
): Promise<Receipt> {
  const items = itemsOf(request);
  const check = request.format === "events" ? checkEvent : checkCloudEvent;
  const checked = items.map((item) => checkSource(check(item, now), request));
  const receivedAt = formatTime(now);
  const events: AcceptedEvent[] = [];
  for (const item of checked) {
    if (item.ok) events.push(acceptEvent(item.event, request.defaultSource, receivedAt));
  }
  for (const reason of ["invalid", "source_not_allowed"] as const) {
    const refused = checked.filter((item) => !item.ok && item.reason === reason).length;
    metricBuffer.count("events_rejected_total", { reason }, refused);
  }
  if (events.length === 0) throw noneAcceptable(checked, Array.isArray(request.json));

  const queued = await enqueue(events, request.envelope, queue, metricBuffer);
  metricBuffer.count("events_accepted_total", {}, queued.size);
  metricBuffer.count("events_rejected_total", { reason: "queue_unavailable" }, events.length - queued.size);
  if (queued.size === 0) throw queueUnavailable();
  const named = budgetOf(FAULTS_MAX);
  let position = 0; // in `events`
  const results = checked.map((item, index): Result => {
    const id = idOf(items[index]);
    if (!item.ok) {
      return {
        index,
        id,
        status: "rejected",
        error: { code: item.reason, ...namedFaults(named(item.faults)) },
      };
    }
    if (queued.has(position++)) return { index, id, status: "accepted" };
    return { index, id, status: "rejected", error: { code: "queue_unavailable", errors: [] } };
  });
  return { accepted: queued.size, rejected: items.length - queued.size, results };
}

function itemsOf({ json, format }: IngestRequest): readonly unknown[] {
  if (format !== "events" && Array.isArray(json) !== (format === "cloudevents")) {
    const message = `must be ${format === "cloudevents" ? "an array" : "one event"}`;
    throw new HttpProblem("invalid", { errors: [{ pointer: "", code: "invalid_type", message }] });
  }
  if (!Array.isArray(json)) return [json];
  if (json.length >= 1 && json.length <= EVENTS_PER_REQUEST_MAX) return json;
  throw new HttpProblem("invalid", {
    errors: [
      { pointer: "", code: "wrong_count", message: `must hold 1 to ${EVENTS_PER_REQUEST_MAX} events` },
    ],
  });
}

function checkCloudEvent(item: unknown, now: number): Checked {
  const unwrapped = unwrapCloudEvent(item);
  return unwrapped.ok
    ? checkEvent(unwrapped.event, now)
    : { ok: false, reason: "invalid", faults: faultsOf(unwrapped.error, EVENT_FAULTS_MAX) };
}

function noneAcceptable(checked: readonly Checked[], isArray: boolean): HttpProblem {
  const named = budgetOf(FAULTS_MAX);
  const errors: FieldError[] = [];
  let more = 0;
  checked.forEach((item, index) => {
    if (item.ok) return;
    const faults = named(item.faults);
    for (const error of faults.errors) {
      errors.push(isArray ? { ...error, pointer: `/${index}${error.pointer}` } : error);
    }
    more += faults.more;
  });
  return new HttpProblem("invalid", { errors, more });
}

/** Of the faults that it is given, one event's after the other's, names the first `max` in all, and counts the rest. */
function budgetOf(max: number): (faults: Faults) => Faults {
  let left = max;
  return ({ errors, more }) => {
    const named = errors.slice(0, left);
    left -= named.length;
    return { errors: named, more: more + errors.length - named.length };
  };
}

function idOf(item: unknown): string | null {
  if (typeof item !== "object" || item === null || !("id" in item)) return null;
  return typeof item.id === "string" && item.id.isWellFormed() ? item.id : null;
}

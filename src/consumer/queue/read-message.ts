import { type AcceptedEvent, isMessage, parseBody, readEvent } from "../../messages.ts";

/** A queue message with its events read one by one: one that is malformed does not condemn its neighbours. */
export interface ReadMessage {
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly events: readonly AcceptedEvent[];
  /** What stood in the place of events. */
  readonly malformed: readonly unknown[];
}

/** Undefined when the body is not a message of a version known here. */
export function readMessage(body: unknown): ReadMessage | undefined {
  const message = parseBody(body);
  if (!isMessage(message)) return undefined;
  const events: AcceptedEvent[] = [];
  const malformed: unknown[] = [];
  for (const candidate of message.events) {
    const event = readEvent(candidate, message.version);
    if (event === undefined) malformed.push(candidate);
    else events.push(event);
  }
  return { requestId: message.request_id, traceparent: message.traceparent, events, malformed };
}

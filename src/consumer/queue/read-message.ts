import { isMessage, parseBody, readEvent, type Sender, type SentEvent } from "../../messages.ts";

/** A queue message with its events read one by one: one that is malformed does not condemn its neighbours. */
export interface ReadMessage {
  readonly requestId: string;
  readonly traceparent: string | undefined;
  /** Of all of its events, those that are malformed too. */
  readonly sender: Sender | undefined;
  readonly events: readonly SentEvent[];
  /** What stood in the place of events. */
  readonly malformed: readonly unknown[];
}

/** Undefined when the body is not a message of a version known here. */
export function readMessage(body: unknown): ReadMessage | undefined {
  const message = parseBody(body);
  if (!isMessage(message)) return undefined;
  const { request_id: requestId, traceparent, sender } = message;
  const events: SentEvent[] = [];
  const malformed: unknown[] = [];
  for (const candidate of message.events) {
    const event = readEvent(candidate, message.version);
    if (event === undefined) malformed.push(candidate);
    else events.push({ ...event, sender });
  }
  return { requestId, traceparent, sender, events, malformed };
}

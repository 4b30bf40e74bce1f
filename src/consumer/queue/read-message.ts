import * as z from "zod";
import { type AcceptedEvent, acceptedEventSchema, parseBody, queueMessageSchema } from "../../messages.ts";

/** A queue message with its events read one by one: one that is malformed does not condemn its neighbours. */
export interface ReadMessage {
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly events: readonly AcceptedEvent[];
  /** What stood in the place of events. */
  readonly malformed: readonly unknown[];
}

const envelopeSchema = queueMessageSchema.extend({ events: z.array(z.unknown()).min(1) });

/** Undefined when the body is not a message of a version known here. */
export function readMessage(body: unknown): ReadMessage | undefined {
  const envelope = envelopeSchema.safeParse(parseBody(body));
  if (!envelope.success) return undefined;
  const events: AcceptedEvent[] = [];
  const malformed: unknown[] = [];
  for (const candidate of envelope.data.events) {
    const event = acceptedEventSchema.safeParse(candidate);
    if (event.success) events.push(event.data);
    else malformed.push(candidate);
  }
  return {
    requestId: envelope.data.request_id,
    traceparent: envelope.data.traceparent,
    events,
    malformed,
  };
}

import type { AcceptedEvent, QueueMessage } from "../../src/messages.ts";

/** An event as the API puts it into the queue. */
export function acceptedEvent(fields: Partial<AcceptedEvent> & { readonly id: string }): AcceptedEvent {
  return {
    source: "shop",
    type: "purchase",
    subject: "customer-1",
    time: "2026-11-21T10:00:00Z",
    received_at: "2026-11-21T10:00:01Z",
    data: {},
    ...fields,
  };
}

export function queueMessage(events: readonly AcceptedEvent[], requestId = "request-1"): QueueMessage {
  return { version: 2, request_id: requestId, events: [...events] };
}

/** The same as version 1 of messages had it. */
export const messageOfVersion1 = (events: readonly AcceptedEvent[]) => ({
  version: 1,
  request_id: "request-1",
  events: events.map(eventOfVersion1),
});

export const eventOfVersion1 = (event: AcceptedEvent) => ({ ...event, hash: "5e".repeat(32) });

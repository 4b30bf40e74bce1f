import type { AcceptedEvent, QueueMessage, Sender } from "../../src/messages.ts";

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

/** Who sent it. */
export const SENDER: Sender = { kind: "api_key", id: "01900000-0000-7000-8000-00000000000a" };

export function queueMessage(events: readonly AcceptedEvent[], requestId = "request-1"): QueueMessage {
  return { version: 3, request_id: requestId, sender: SENDER, events: [...events] };
}

/** The same as version 2 of messages had it, which did not say who sent it. */
export const messageOfVersion2 = (events: readonly AcceptedEvent[]) => ({
  version: 2,
  request_id: "request-1",
  events: [...events],
});

/** The same as version 1 of messages had it. */
export const messageOfVersion1 = (events: readonly AcceptedEvent[]) => ({
  version: 1,
  request_id: "request-1",
  events: events.map(eventOfVersion1),
});

export const eventOfVersion1 = (event: AcceptedEvent) => ({ ...event, hash: "5e".repeat(32) });

import { createHash } from "node:crypto";
import type { AcceptedEvent, QueueMessage } from "../../src/messages.ts";

/** An event as the API puts it into the queue; the hash is of its content unless given. */
export function acceptedEvent(fields: Partial<AcceptedEvent> & { readonly id: string }): AcceptedEvent {
  const { id, source = "shop", ...others } = fields;
  const event = {
    source,
    id,
    type: "purchase",
    subject: "customer-1",
    time: "2026-11-21T10:00:00Z",
    received_at: "2026-11-21T10:00:01Z",
    data: {},
    ...others,
  };
  const { type, subject, time, data } = event;
  const hash = createHash("sha256")
    .update(JSON.stringify([type, subject, time, data]))
    .digest("hex");
  return { ...event, hash: fields.hash ?? hash };
}

export function queueMessage(events: readonly AcceptedEvent[], requestId = "request-1"): QueueMessage {
  return { version: 1, request_id: requestId, events: [...events] };
}

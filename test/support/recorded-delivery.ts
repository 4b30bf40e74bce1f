import type { Delivery } from "../../src/consumer/queue/delivery.ts";

export interface RecordedDelivery extends Delivery {
  /** What was said of it, in order; the platform keeps to the first. */
  readonly said: readonly ("ack" | { readonly retryAfter: number })[];
}

/** A queue message that remembers whether it was acknowledged or sent back. */
export function deliver(body: unknown, attempts = 1): RecordedDelivery {
  const said: ("ack" | { retryAfter: number })[] = [];
  return {
    body,
    attempts,
    timestamp: new Date("2026-11-21T10:00:02Z"),
    said,
    ack: () => void said.push("ack"),
    retry: ({ delaySeconds }) => void said.push({ retryAfter: delaySeconds }),
  };
}

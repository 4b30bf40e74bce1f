import { QUEUE_ATTEMPTS_MAX } from "../../src/limits.ts";
import type { AcceptedEvent } from "../../src/messages.ts";
import { parseBody } from "../../src/messages.ts";
import type { Catalogue } from "./check/catalogue.ts";
import type { Injector } from "./faults.ts";
import type { QueuedMessage } from "./history.ts";
import type { Queue } from "./queue.ts";

/** Where messages enter the queue: each is recorded, and faults of the queue are injected here. */
export type Intake = (body: unknown) => void;

const ATTEMPTS_MAX_EARLY = 2;

export function createIntake(
  queue: Queue,
  injector: Injector,
  catalogue: Catalogue,
  record: (message: QueuedMessage) => void,
): Intake {
  let messages = 0;

  function enqueue(body: unknown, attemptsMax: number, entry: Omit<QueuedMessage, "message">): string {
    messages += 1;
    const message = `m${messages}`;
    record({ message, ...entry });
    queue.put({ id: message, body, sentAt: new Date(), attempts: 0, attemptsMax });
    return message;
  }

  return (body) => {
    const { request_id: request, events } = parseBody(body) as {
      request_id: string;
      events: AcceptedEvent[];
    };
    const contents = events.flatMap((event) => catalogue.find(event) ?? []);
    const entry = {
      request,
      contents,
      unknown: events.length - contents.length,
      copyOf: null,
      foreign: null,
    };

    const fault = injector.draw("message");
    if (fault !== undefined) injector.struck(fault);
    const runsOutEarly = fault === "retries run out early";
    const message = enqueue(body, runsOutEarly ? ATTEMPTS_MAX_EARLY : QUEUE_ATTEMPTS_MAX, entry);
    if (fault === "message doubled") enqueue(body, QUEUE_ATTEMPTS_MAX, { ...entry, copyOf: message });
    if (fault === "foreign message") {
      const stranger = { version: 99, sender: "another producer", number: messages };
      const foreign = JSON.stringify(stranger);
      enqueue(stranger, QUEUE_ATTEMPTS_MAX, {
        request: null,
        contents: [],
        unknown: 0,
        copyOf: null,
        foreign,
      });
    }
  };
}

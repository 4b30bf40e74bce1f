import type { AcceptedEvent } from "../../../src/messages.ts";
import type { Content } from "../history.ts";

/** Finds which content an event in a message or a table has, by comparing it with what clients sent. */
export interface Catalogue {
  /** The content's number, or undefined when no client sent it. */
  find(event: AcceptedEvent): number | undefined;
}

/** Whether one is a copy of the other: a time that a client left to the server equals any. */
export function isCopy(a: Content, b: Content): boolean {
  const untimed = (content: Content) => fingerprint({ ...content, time: null });
  return (
    untimed(a) === untimed(b) && (a.time === null || b.time === null || fingerprint(a) === fingerprint(b))
  );
}

export function catalogueOf(contents: readonly Content[]): Catalogue {
  const numbers = new Map(contents.map((content, number) => [fingerprint(content), number]));
  return {
    find(event) {
      const given = numbers.get(fingerprint(event));
      if (given !== undefined) return given;
      // An event that was sent without a time must have the time of receipt.
      const isReceipt = Date.parse(event.time) === Date.parse(event.received_at);
      return isReceipt ? numbers.get(fingerprint({ ...event, time: null })) : undefined;
    },
  };
}

/** Times as instants: the product drops milliseconds that are zero, the database adds them. */
function fingerprint({ source, id, type, subject, time, data }: Content): string {
  const instant = time === null ? null : Date.parse(time);
  return JSON.stringify({ source, id, type, subject, time: instant, data }, withSortedKeys);
}

/** The database keeps keys in an order of its own. */
function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { v7 as uuidv7 } from "uuid";
import { sha256 } from "../../digest.ts";
import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../limits.ts";
import { parseBody, type Sender, type SentEvent } from "../../messages.ts";
import type { DeadLetterCause, DeadLetterInput } from "../../storage/dead-letters.ts";
import { hasAtMost, isStorable } from "../../text.ts";
import type { Delivery } from "../queue/delivery.ts";

export function letterOfEvent(
  { sender, ...event }: SentEvent,
  cause: DeadLetterCause,
  errorCode: string | null,
  attempts: number,
  campaign: DeadLetterInput["campaign"] = null,
): Promise<DeadLetterInput> {
  return letter(event, { sender, cause, campaign, errorCode, attempts, firstAt: event.received_at });
}

/** What stands in the place of an event, with those attributes that can be read. */
export function letterOfMalformed(
  value: unknown,
  message: Delivery,
  sender?: Sender,
): Promise<DeadLetterInput> {
  return letter(value, { ...malformed(message), sender });
}

/**
 * Letters of a message that is none of ours, or of a version unknown here. What may be its events get a letter
 * each, a message of its own: each can then be found, erased and replayed without telling of the others.
 */
export function lettersOfUnreadable(message: Delivery): Promise<DeadLetterInput[]> {
  const body = parseBody(message.body) as { readonly events?: unknown } | null | undefined;
  if (!Array.isArray(body?.events) || body.events.length === 0) {
    return Promise.all([letter(body, malformed(message))]);
  }
  return Promise.all(
    body.events.map((event: unknown) => letter({ ...body, events: [event] }, malformed(message), event)),
  );
}

type Circumstances = Pick<
  DeadLetterInput,
  "sender" | "cause" | "campaign" | "errorCode" | "attempts" | "firstAt"
>;

const malformed = (message: Delivery): Circumstances => ({
  sender: undefined,
  cause: "malformed_message",
  campaign: null,
  errorCode: null,
  attempts: message.attempts,
  firstAt: message.timestamp.toISOString(),
});

async function letter(
  value: unknown,
  circumstances: Circumstances,
  event: unknown = value,
): Promise<DeadLetterInput> {
  const { body, strings } = textOf(value);
  const subject = attribute(event, "subject");
  return {
    ...circumstances,
    id: uuidv7(),
    source: attribute(event, "source"),
    eventId: attribute(event, "id"),
    type: attribute(event, "type"),
    subject,
    possibleSubjects: subject === null ? [...strings].filter(couldBeSubject) : [subject],
    body,
    bodyHash: await sha256(body),
  };
}

/** JSON text, and every string and key in it; of what has no JSON (it was not ours) at least its kind. */
function textOf(value: unknown): { readonly body: string; readonly strings: ReadonlySet<string> } {
  const strings = new Set<string>();
  try {
    const body = JSON.stringify(value, (key, member: unknown) => {
      strings.add(key);
      if (typeof member === "string") strings.add(member);
      return member;
    });
    return { body: body ?? typeof value, strings };
  } catch {
    return { body: Object.prototype.toString.call(value), strings: new Set() };
  }
}

const couldBeSubject = (text: string): boolean =>
  text !== "" && hasAtMost(EVENT_ATTRIBUTE_CHARS_MAX, text) && isStorable(text);

/** What a column to search by takes of an attribute; the body keeps it whole and exactly, escaped. */
function attribute(value: unknown, name: string): string | null {
  const found = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  if (typeof found !== "string") return null;
  const characters = [...found].slice(0, EVENT_ATTRIBUTE_CHARS_MAX);
  return characters.join("").toWellFormed().replaceAll("\0", "\ufffd");
}

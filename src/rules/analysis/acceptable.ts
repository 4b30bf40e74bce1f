import { EVENT_ATTRIBUTE_CHARS_MAX, EVENT_BYTES_MAX, JSON_DEPTH_MAX } from "../../limits.ts";
import { utf8Bytes } from "../../text.ts";
import type { EventDocument } from "../evaluation/event.ts";
import { isExactNumber } from "../language/exact-numbers.ts";
import { isStoredTime } from "../language/time.ts";

/** Whether a proposal is an event that the API accepts, once its time has come. */
export function isAcceptable(document: unknown): document is EventDocument {
  if (document === null) return false;
  const { type, source, subject, time, data } = document as { readonly [attribute: string]: unknown };
  return (
    [type, source, subject ?? "~"].every(isAttribute) &&
    typeof time === "string" &&
    isStoredTime(time) &&
    (data === undefined || (typeof data === "object" && !Array.isArray(data))) &&
    depthOf(document) <= JSON_DEPTH_MAX &&
    hasExactNumbers(document) &&
    utf8Bytes(JSON.stringify(document)) <= EVENT_BYTES_MAX
  );
}

/** Whether it is text that an event may have as its type, source or subject. */
export function isAttribute(value: unknown): boolean {
  return (
    typeof value === "string" &&
    value.length >= 1 &&
    value.length <= EVENT_ATTRIBUTE_CHARS_MAX &&
    !/\p{Cc}/u.test(value)
  );
}

function hasExactNumbers(value: unknown): boolean {
  if (typeof value === "number") return isExactNumber(value);
  return typeof value !== "object" || value === null || Object.values(value).every(hasExactNumbers);
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, inner) => Math.max(deepest, depthOf(inner)), 0);
}

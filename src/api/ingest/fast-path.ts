import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../limits.ts";
import { isStoredTime } from "../../rules/language/time.ts";
import type { EventInput } from "./event-input.ts";

const ATTRIBUTE = new RegExp(`^[ -~]{1,${EVENT_ATTRIBUTE_CHARS_MAX}}$`);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

/**
 * Whether a value is plainly an event that the schema accepts unchanged. False does not mean invalid: the schema then
 * decides. Nearly every event is plain, and skips the schema, which costs more than all the rest of the check.
 */
export function needsNoSchema(input: unknown): input is EventInput {
  if (typeof input !== "object" || input === null) return false;
  for (const key in input)
    if (!isPlainMember(key, (input as Readonly<Record<string, unknown>>)[key])) return false;
  return "id" in input && "type" in input;
}

function isPlainMember(key: string, value: unknown): boolean {
  switch (key) {
    case "id":
    case "type":
    case "source":
    case "subject":
      return typeof value === "string" && ATTRIBUTE.test(value);
    case "time":
      // Only in the form that the schema would turn it into.
      return typeof value === "string" && TIME.test(value) && isStoredTime(value);
    case "data":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return false;
  }
}

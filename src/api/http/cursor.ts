import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";
import { HttpProblem } from "../../errors.ts";
import { isStoredTime } from "../../rules/language/time.ts";
import type { Position } from "../../storage/core/page.ts";
import { isStorable } from "../../text.ts";

/** An opaque cursor that stands for a position in the list `list`. */
export function encodeCursor(list: string, position: Position | null): string | null {
  if (position === null) return null;
  const { buffer } = new TextEncoder().encode(JSON.stringify([list, ...position]));
  return encodeBase64Url(buffer).replaceAll("=", "");
}

/** The types of what may follow the time in a list's sort key, with the form that their columns accept. */
const IDS = {
  uuid: (id: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id),
  integer: (id: string) => /^\d{1,9}$/.test(id),
  text: (id: string) => id.length > 0 && isStorable(id),
};

/**
 * The position that a cursor of `list` stands for.
 * @param ids what follows the time in its sort key
 * @throws HttpProblem `invalid` when it is not a cursor of this list
 */
export function decodeCursor(
  list: string,
  ids: readonly (keyof typeof IDS)[],
  cursor: string | undefined,
): Position | undefined {
  if (cursor === undefined) return undefined;
  const parts = parse(cursor);
  const [name, time, ...rest] = parts;
  const fits =
    name === list &&
    time !== undefined &&
    isStoredTime(time) &&
    rest.length === ids.length &&
    ids.every((kind, i) => IDS[kind](rest[i] ?? ""));
  if (!fits) {
    throw new HttpProblem("invalid", {
      errors: [{ pointer: "/cursor", code: "invalid_cursor", message: "is not a cursor of this list" }],
    });
  }
  return [time, ...rest];
}

function parse(cursor: string): string[] {
  try {
    const bytes = decodeBase64Url(cursor);
    const parts: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    );
    return Array.isArray(parts) && parts.every((part) => typeof part === "string") ? parts : [];
  } catch {
    return [];
  }
}

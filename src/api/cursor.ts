import { Problem } from "../errors.ts";
import type { Position } from "../storage/page.ts";

/** An opaque cursor that stands for a position in the list `list`. */
export function encodeCursor(list: string, position: Position | null): string | null {
  if (position === null) return null;
  const bytes = new TextEncoder().encode(JSON.stringify([list, ...position]));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

const TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The position that a cursor of `list` stands for.
 * @param ids what follows the time in its sort key
 * @throws Problem `invalid` when it is not a cursor of this list
 */
export function decodeCursor(
  list: string,
  ids: readonly ("uuid" | "text")[],
  cursor: string | undefined,
): Position | undefined {
  if (cursor === undefined) return undefined;
  const parts = parse(cursor);
  const [name, time, ...rest] = parts;
  const fits =
    name === list &&
    time !== undefined &&
    TIME.test(time) &&
    !Number.isNaN(Date.parse(time)) &&
    rest.length === ids.length &&
    rest.every((id, i) =>
      ids[i] === "uuid" ? UUID.test(id) : id.length > 0 && !id.includes("\0") && id.isWellFormed(),
    );
  if (!fits) {
    throw new Problem("invalid", {
      errors: [{ pointer: "/cursor", code: "invalid_cursor", message: "is not a cursor of this list" }],
    });
  }
  return [time, ...rest];
}

function parse(cursor: string): string[] {
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    const parts: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    );
    return Array.isArray(parts) && parts.every((part) => typeof part === "string") ? parts : [];
  } catch {
    return [];
  }
}

import { JSON_DEPTH_MAX } from "../../limits.ts";

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: "malformed" | "too_deep" }
  /** `path` leads to the second of two members of one name. */
  | { readonly ok: false; readonly reason: "duplicate_key"; readonly path: readonly PropertyKey[] };

/**
 * Parses JSON text (RFC 8259) that nests at most `JSON_DEPTH_MAX` deep, in which no object has two members of one name:
 * readers disagree about which of them counts. The depth is checked before parsing.
 */
export function parseJson(text: string): ParsedJson {
  const { depth, members } = measure(text);
  if (depth > JSON_DEPTH_MAX) return { ok: false, reason: "too_deep" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: "malformed" };
  }
  // JSON.parse keeps the last member of a name, and loses the others with all that is in them: they are missed here.
  if (membersOf(value) < members) return { ok: false, reason: "duplicate_key", path: pathToRepeated(text) };
  return { ok: true, value };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The deepest nesting of brackets and the number of colons outside strings: exact for JSON, harmless for what is not. */
function measure(text: string): { readonly depth: number; readonly members: number } {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) {
          if (text.charCodeAt(i) === BACKSLASH) i++;
        }
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > deepest) deepest = depth;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
  return { depth: deepest, members };
}

/** The members of all objects in a parsed value. */
function membersOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) members += membersOf(value[i]);
    return members;
  }
  for (const key in value) members += 1 + membersOf((value as Readonly<Record<string, unknown>>)[key]);
  return members;
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

/** An array or object that is open, with the index or name at which the text is in it. */
interface Open {
  at: number | string;
  readonly names: Set<string>;
}

/** Leads to the first member whose name its object has already. `text` is JSON, and has one. */
function pathToRepeated(text: string): PropertyKey[] {
  const open: Open[] = [];
  let lastString = "";
  for (const [token] of text.matchAll(TOKENS)) {
    const inner = open.at(-1);
    if (token === "{" || token === "[") open.push({ at: token === "{" ? "" : 0, names: new Set() });
    else if (token === "}" || token === "]") open.pop();
    else if (inner === undefined) continue;
    else if (token === ",") {
      if (typeof inner.at === "number") inner.at++;
    } else if (token === ":") {
      // Escapes count: "\u0069d" is "id".
      inner.at = JSON.parse(lastString) as string;
      if (inner.names.has(inner.at)) break;
      inner.names.add(inner.at);
    } else lastString = token;
  }
  return open.map(({ at }) => at);
}

import { PATH_CHARS_MAX, PATH_SEGMENTS_MAX } from "../../limits.ts";

/** The keys to follow, one after the other. `["."]`'s meaning, "the element itself", is the empty list. */
export type Path = readonly string[];

export type PathResult =
  | { readonly ok: true; readonly path: Path }
  | { readonly ok: false; readonly code: "invalid_path" | "too_long" | "too_many"; readonly message: string };

const ELEMENT_ITSELF = ".";
const EVENT_ATTRIBUTES: ReadonlySet<string> = new Set(["type", "source", "subject", "time", "data"]);

/**
 * Reads a path such as `data.user.home\.page` into its keys. `\.` is a dot inside a key and `\\` a backslash;
 * any other backslash, and an empty key, is refused, so that a path has one spelling and one meaning.
 *
 * @param inside whether the path stands inside `some`, where it starts at the element.
 */
export function parsePath(text: string, inside: boolean): PathResult {
  if (text.length > PATH_CHARS_MAX) {
    return { ok: false, code: "too_long", message: `a path has at most ${PATH_CHARS_MAX} characters` };
  }
  if (inside && text === ELEMENT_ITSELF) return { ok: true, path: [] };
  const path = split(text);
  if (typeof path === "string") return { ok: false, code: "invalid_path", message: path };
  if (path.length > PATH_SEGMENTS_MAX) {
    return { ok: false, code: "too_many", message: `a path has at most ${PATH_SEGMENTS_MAX} segments` };
  }
  if (!inside) {
    const [first = ""] = path;
    if (!EVENT_ATTRIBUTES.has(first)) {
      const message = 'a path starts with "type", "source", "subject", "time" or "data"';
      return { ok: false, code: "invalid_path", message };
    }
    if (first !== "data" && path.length > 1) {
      const message = `"${first}" is text: only "data" has segments below it`;
      return { ok: false, code: "invalid_path", message };
    }
  }
  return { ok: true, path };
}

/** The path of a rule that has passed `parseRule`. Throws on anything else: that is a bug, not input. */
export function pathOf(text: string): Path {
  if (text === ELEMENT_ITSELF) return [];
  const path = split(text);
  if (typeof path === "string") throw new TypeError(`not a path: ${path}`);
  return path;
}

/** The one spelling of a path; `pathOf(formatPath(p))` is `p` for every list of non-empty keys. */
export function formatPath(path: Path): string {
  if (path.length === 0) return ELEMENT_ITSELF;
  return path.map((segment) => segment.replace(/[\\.]/g, "\\$&")).join(".");
}

/** The segments, or what is wrong. */
function split(text: string): string[] | string {
  const segments: string[] = [];
  let segment = "";
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === undefined || char === ".") {
      if (segment === "") return "a path has no empty segment";
      segments.push(segment);
      segment = "";
    } else if (char === "\\") {
      at++;
      const escaped = text[at];
      if (escaped !== "." && escaped !== "\\") {
        return "a backslash stands only before a dot or another backslash";
      }
      segment += escaped;
    } else {
      segment += char;
    }
  }
  return segments;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/gs;

/**
 * The JSON object in `bytes`, or undefined where readers could disagree about what it says: invalid UTF-8, a
 * byte order mark, anything before or after it, a member given twice, a member `__proto__`, or nesting deeper
 * than `depthMax`. `JSON.parse` alone lets a repeated member silently win over the first (RFC 8259, section 4).
 */
export function parseStrictObject(bytes: Uint8Array, depthMax: number): Record<string, unknown> | undefined {
  try {
    const text = UTF8.decode(bytes);
    const value: unknown = JSON.parse(text);
    return isObject(value) && isUnambiguous(text, depthMax) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `text` is valid JSON, so a string before a colon is a member's name. */
function isUnambiguous(text: string, depthMax: number): boolean {
  const namesPerLevel: Set<string>[] = [];
  let lastString = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") {
      if (namesPerLevel.push(new Set()) > depthMax) return false;
    } else if (token === "}" || token === "]") {
      namesPerLevel.pop();
    } else if (token === ":") {
      // Escapes count: "\u0061lg" is "alg".
      const name: string = JSON.parse(lastString);
      const names = namesPerLevel.at(-1);
      if (name === "__proto__" || names?.has(name)) return false;
      names?.add(name);
    } else {
      lastString = token;
    }
  }
  return true;
}

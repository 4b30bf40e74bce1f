import { RE2JS } from "re2js";

/**
 * A pattern in RE2's syntax, matched in time linear in the text (Cox, "Regular Expression Matching in the
 * Wild"). Backreferences and lookarounds do not exist in it, so no pattern can blow up.
 */
export interface Pattern {
  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean;
}

/** The compiled pattern, or a sentence that says why it is none. */
export function compilePattern(source: string): Pattern | string {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    return error instanceof Error ? error.message : "not a pattern";
  }
}

/** The pattern of a rule that has passed `parseRule`. Throws on anything else: that is a bug, not input. */
export function patternOf(source: string): Pattern {
  return RE2JS.compile(source);
}

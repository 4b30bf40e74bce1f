import {
  BCRYPT_BYTES_MAX,
  PASSWORD_CHARS_BEYOND_WORDS_MIN,
  PASSWORD_CHARS_MAX,
  PASSWORD_CHARS_MIN,
  PASSWORD_WORD_CHARS_MIN,
} from "../limits.ts";
import { isStorable, utf8Bytes } from "../text.ts";
import { COMMON_PASSWORDS } from "./common-passwords.ts";
import { normalise, type PasswordScheme } from "./passwords.ts";

/** Why a new password is refused. Stable names. */
export type PasswordProblem =
  | "not_text"
  | "too_short"
  | "too_long"
  | "is_username"
  | "too_common"
  /** Little more than the username and words that anybody would try here. */
  | "context_words";

/** The product's own name; whoever deploys it adds theirs in PASSWORD_WORDS. */
const OWN_WORDS: readonly string[] = ["campaign", "manager"];

/** The longest unit whose mere repetition is refused: `abcabcabcabc`. */
const REPEATED_UNIT_CHARS = 4;

/**
 * What is wrong with a new password, or undefined. There are no composition rules (NIST SP 800-63B): length
 * counts, in characters (code points) after normalisation. For new passwords only: a login does not ask.
 * @param words of the context, beside the username and the product's name: whoever guesses tries them first
 */
export function passwordProblem(
  password: string,
  username: string,
  scheme: PasswordScheme,
  words: readonly string[] = [],
): PasswordProblem | undefined {
  // Every lone surrogate becomes the same replacement character in UTF-8, so they would be interchangeable. Some
  // implementations of bcrypt stop reading at NUL.
  if (!isStorable(password)) return "not_text";
  const text = normalise(password);
  const characters = [...text];
  if (characters.length < PASSWORD_CHARS_MIN) return "too_short";
  if (characters.length > PASSWORD_CHARS_MAX) return "too_long";
  if (scheme.algorithm === "bcrypt" && utf8Bytes(text) > BCRYPT_BYTES_MAX) {
    return "too_long";
  }
  const folded = text.toLowerCase();
  if (folded === normalise(username).toLowerCase()) return "is_username";
  if (COMMON_PASSWORDS.has(folded) || isRepetition(folded) || isRun(folded)) return "too_common";
  const beyond = without(folded, [username, ...OWN_WORDS, ...words]);
  return [...beyond].length < PASSWORD_CHARS_BEYOND_WORDS_MIN ? "context_words" : undefined;
}

/** The text without the words, the longest removed first. Words under the least length are left: they occur anywhere. */
function without(text: string, words: readonly string[]): string {
  return words
    .map((word) => normalise(word).toLowerCase())
    .filter((word) => [...word].length >= PASSWORD_WORD_CHARS_MIN)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, word) => rest.replaceAll(word, ""), text);
}

/** A unit of up to four characters over and over: `aaaaaaaaaaaa`, `123412341234`. */
function isRepetition(text: string): boolean {
  return Array.from({ length: REPEATED_UNIT_CHARS }, (_, index) => index + 1).some((unit) =>
    text.startsWith(text.slice(0, -unit), unit),
  );
}

/** Neighbours of the alphabet or of the digits, up or down: `abcdefghijkl`, `123456789012`, `987654321098`. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return [1, -1].some((step) =>
    codes.every((code, index) => {
      const previous = codes[index - 1];
      if (previous === undefined) return true;
      const wraps = step === 1 ? previous === 0x39 && code === 0x30 : previous === 0x30 && code === 0x39;
      return wraps || code - previous === step;
    }),
  );
}

/**
 * Names of users by RFC 8265, UsernameCaseMapped: letters and digits of any script and printable ASCII, in parts with
 * a space between them. Left out of it are the few code points that only their context makes acceptable (RFC 8264, CONTEXTJ and
 * CONTEXTO), invisible joiners among them. Letter case is kept as it was written, and ignored in comparing.
 */
import { USERNAME_CHARS_MAX } from "../limits.ts";

export type UsernameProblem = "empty" | "too_long" | "not_a_name" | "mixed_directions";

/** What is wrong, as the end of a sentence about the name. */
export const USERNAME_PROBLEMS: Readonly<Record<UsernameProblem, string>> = {
  empty: "must not be empty",
  too_long: `must have at most ${USERNAME_CHARS_MAX} characters`,
  not_a_name: "must hold letters, digits, printable ASCII and single spaces between them, nothing invisible",
  mixed_directions: "must not mix letters that are written from right to left with others",
};

export type PreparedUsername =
  | { readonly ok: true; readonly username: string }
  | { readonly ok: false; readonly problem: UsernameProblem };

/** The form in which a new user's name is stored: full-width and half-width characters mapped, then NFC. */
export function prepareUsername(given: string): PreparedUsername {
  if (given === "") return { ok: false, problem: "empty" };
  if (!given.isWellFormed()) return { ok: false, problem: "not_a_name" };
  const username = given.replaceAll(WIDE_OR_NARROW, (char) => char.normalize("NFKC")).normalize("NFC");
  if ([...username].length > USERNAME_CHARS_MAX) return { ok: false, problem: "too_long" };
  if (!NAME.test(username) || [...username].some(isCompatibilityForm))
    return { ok: false, problem: "not_a_name" };
  if (RIGHT_TO_LEFT.test(username) && !isRightToLeft(username))
    return { ok: false, problem: "mixed_directions" };
  return { ok: true, username };
}

const WIDE_OR_NARROW = /[\uff01-\uffee]/g;

/** RFC 8264, IdentifierClass: LetterDigits, ASCII7 and the exceptions that are valid, without what it disallows. */
const CHARACTER =
  "(?![\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\u0640\\u07fa\\u302e\\u302f\\u3031-\\u3035\\u303b" +
  "\\u0660-\\u0669\\u06f0-\\u06f9\\u30fb\\u1100-\\u11ff\\ua960-\\ua97c\\ud7b0-\\ud7fb])" +
  "[\\p{Ll}\\p{Lu}\\p{Lo}\\p{Nd}\\p{Lm}\\p{Mn}\\p{Mc}!-~\\u06fd\\u06fe\\u0f0b\\u3007]";
/** Parts with one space between them: RFC 8265 allows more, which nobody would see. */
const NAME = new RegExp(`^(?:${CHARACTER})+(?: (?:${CHARACTER})+)*$`, "u");

/** HasCompat of RFC 8264: looks like another character, and is not it. */
const isCompatibilityForm = (char: string): boolean => char.normalize("NFKC") !== char;

const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;

/** The bidi rule of RFC 5893 for a name in a script that is written from right to left. */
function isRightToLeft(username: string): boolean {
  const [first = ""] = username;
  const last = [...username].findLast((char) => !/\p{Mn}/u.test(char)) ?? "";
  const hasOthers = [...username].some((char) => /\p{L}/u.test(char) && !RIGHT_TO_LEFT.test(char));
  return RIGHT_TO_LEFT.test(first) && (RIGHT_TO_LEFT.test(last) || /[0-9]/.test(last)) && !hasOthers;
}

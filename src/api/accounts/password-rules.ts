import { type PasswordProblem, passwordProblem } from "../../auth/password-policy.ts";
import { hashPassword } from "../../auth/passwords.ts";
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from "../../limits.ts";
import type { Accounts } from "./dependencies.ts";
import { withinHashingBudget } from "./hashing.ts";
import type { BadPassword, Busy } from "./refusals.ts";

const MESSAGES: Record<PasswordProblem, string> = {
  too_short: `must have at least ${PASSWORD_CHARS_MIN} characters`,
  too_long: `must have at most ${PASSWORD_CHARS_MAX} characters (72 bytes with bcrypt)`,
  not_text: "must hold neither NUL nor a lone surrogate",
  is_username: "must not be the username",
  too_common: "is among the commonest passwords",
  context_words: "is little more than the username or words that anybody would try here",
};

/** Why `username` may not have this password; undefined when they may. */
export function badPassword(
  { passwords, passwordWords }: Pick<Accounts, "passwords" | "passwordWords">,
  password: string,
  username: string,
): BadPassword | undefined {
  const code = passwordProblem(password, username, passwords, passwordWords);
  return code === undefined
    ? undefined
    : { ok: false, reason: "bad_password", code, message: MESSAGES[code] };
}

export type HashedPassword = { readonly ok: true; readonly passwordHash: string } | BadPassword | Busy;

/** The hash of a password that an admin gives `username`. */
export async function hashNewPassword(
  accounts: Omit<Accounts, "db" | "pseudonym">,
  password: string,
  username: string,
): Promise<HashedPassword> {
  const bad = badPassword(accounts, password, username);
  if (bad !== undefined) return bad;
  return withinHashingBudget(accounts, accounts.passwords, async () => ({
    ok: true,
    passwordHash: await hashPassword(password, accounts.passwords),
  }));
}

import type { Context } from "hono";
import { type PasswordProblem, passwordProblem } from "../../auth/password-policy.ts";
import { HttpProblem } from "../../errors.ts";
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from "../../limits.ts";
import type { AppEnv } from "../services.ts";

const MESSAGES: Record<PasswordProblem, string> = {
  too_short: `must have at least ${PASSWORD_CHARS_MIN} characters`,
  too_long: `must have at most ${PASSWORD_CHARS_MAX} characters (72 bytes with bcrypt)`,
  not_text: "must hold neither NUL nor a lone surrogate",
  is_username: "must not be the username",
  too_common: "is among the commonest passwords",
  context_words: "is little more than the username or words that anybody would try here",
};

/** @throws HttpProblem 422 that names the fault of a new password at `pointer` */
export function requireGoodPassword(
  c: Context<AppEnv>,
  pointer: string,
  password: string,
  username: string,
): void {
  const { passwords, passwordWords } = c.env.config;
  const problem = passwordProblem(password, username, passwords, passwordWords);
  if (problem === undefined) return;
  throw new HttpProblem("invalid", { errors: [{ pointer, code: problem, message: MESSAGES[problem] }] });
}

import type { PasswordScheme } from "./passwords.ts";

/** Why a new password is refused. Stable names. */
export type PasswordProblem = "too_short" | "too_long" | "not_text" | "is_username" | "too_common";

/** What is wrong with a new password, or undefined. Only for writing: a login never asks. */
export declare function passwordProblem(
  password: string,
  username: string,
  scheme: PasswordScheme,
): PasswordProblem | undefined;

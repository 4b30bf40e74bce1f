import { hashPassword, normalise, verifyPassword } from "../../auth/passwords.ts";
import { clearLoginFailures } from "../../storage/login-throttle.ts";
import type { LiveSession } from "../../storage/sessions.ts";
import { changeOwnPassword, readCredentials } from "../../storage/users.ts";
import { type Accounts, type Origin, ownActor } from "./dependencies.ts";
import { withinHashingBudget } from "./hashing.ts";
import { openSession, recordAttempt } from "./login.ts";
import { badPassword } from "./password-rules.ts";
import type { BadPassword, Busy, Throttled } from "./refusals.ts";

export type PasswordChange =
  | { readonly ok: true; readonly session: LiveSession }
  | { readonly ok: false; readonly reason: "no_such_user" }
  | { readonly ok: false; readonly reason: "wrong_password" }
  /** Somebody changed the password, or disabled the user, while this was being done. */
  | { readonly ok: false; readonly reason: "changed_meanwhile" }
  | BadPassword
  | Throttled
  | Busy;

/**
 * Gives a user a new password, ends all their sessions, the asking one too, and begins a new one: whoever had got hold
 * of a token has lost it. Guessing the current password is throttled together with logging in.
 */
export async function changePassword(
  accounts: Accounts,
  origin: Origin,
  userId: string,
  current: string,
  next: string,
): Promise<PasswordChange> {
  const { db, passwords } = accounts;
  const user = await readCredentials(db, userId);
  if (user === undefined) return { ok: false, reason: "no_such_user" };
  const bad = badPassword(accounts, next, user.username);
  if (bad !== undefined) return bad;
  if (normalise(next) === normalise(current)) {
    const message = "must differ from the current one";
    return { ok: false, reason: "bad_password", code: "unchanged", message };
  }
  return withinHashingBudget(accounts, user.password_hash, async (): Promise<PasswordChange> => {
    const attempt = await recordAttempt(accounts, origin, user.id);
    if (!attempt.ok) return attempt;
    if (!(await verifyPassword(current, user.password_hash))) return { ok: false, reason: "wrong_password" };
    await clearLoginFailures(db, attempt.keys);
    const hash = await hashPassword(next, passwords);
    const changed = await changeOwnPassword(db, user.id, user.password_hash, hash, ownActor(user.id, origin));
    return changed.ok ? openSession(accounts, origin, user.id, hash) : changed;
  });
}

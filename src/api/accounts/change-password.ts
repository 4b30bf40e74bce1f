import type { Context } from "hono";
import { hashPassword, normalise, verifyPassword } from "../../auth/passwords.ts";
import type { UserCaller } from "../../auth/roles.ts";
import { HttpProblem } from "../../errors.ts";
import { clearLoginFailures } from "../../storage/login-throttle.ts";
import type { LiveSession } from "../../storage/sessions.ts";
import { changeOwnPassword, readCredentials } from "../../storage/users.ts";
import { actorOf } from "../route.ts";
import type { AppEnv } from "../services.ts";
import { withinHashingBudget } from "./hashing.ts";
import { openSession, recordAttempt } from "./login.ts";
import { requireGoodPassword } from "./password-rules.ts";

/**
 * Gives the caller a new password, ends all their sessions, this one too, and begins a new one: whoever had got hold
 * of a token has lost it. Guessing the current password is throttled together with logging in.
 * @throws HttpProblem `invalid` for a bad new password, `wrong_password`, `throttled`, `unavailable` while too many
 *   passwords are being hashed, `conflict` when the password was changed meanwhile
 */
export async function changePassword(
  c: Context<AppEnv>,
  caller: UserCaller,
  current: string,
  next: string,
): Promise<LiveSession> {
  const { db, config } = c.env;
  const user = await readCredentials(db, caller.id);
  if (user === undefined) throw new HttpProblem("unauthenticated");
  requireGoodPassword(c, "/new_password", next, user.username);
  if (normalise(next) === normalise(current)) {
    throw new HttpProblem("invalid", {
      errors: [{ pointer: "/new_password", code: "unchanged", message: "must differ from the current one" }],
    });
  }
  return withinHashingBudget(c, user.password_hash, async () => {
    const keys = await recordAttempt(c, user.id);
    if (!(await verifyPassword(current, user.password_hash))) throw new HttpProblem("wrong_password");
    await clearLoginFailures(db, keys);
    const hash = await hashPassword(next, config.passwords);
    const changed = await changeOwnPassword(db, user.id, user.password_hash, hash, actorOf(c));
    const session = changed ? await openSession(c, user.id, hash) : undefined;
    if (session === undefined) throw new HttpProblem("conflict");
    return session;
  });
}

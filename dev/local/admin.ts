/** Somebody who may sign in to the local stack. */
import { v7 as uuidv7 } from "uuid";
import { CannotRun } from "../../ops/command.ts";
import { OPERATOR, SCHEME } from "../../ops/users/operator.ts";
import { hashPassword, verifyPassword } from "../../src/auth/passwords.ts";
import type { Database } from "../../src/storage/core/client.ts";
import { createUser, findCredentials, readUser, updateUser } from "../../src/storage/users.ts";

/**
 * Makes sure that an admin of this name can sign in with this password.
 *
 * In a developer's own database the account is created or changed as needed. Others depend on a database elsewhere, so
 * there an account is only added, never changed.
 * @throws CannotRun when the account elsewhere is not an admin with this password
 */
export async function ensureAdmin(
  db: Database,
  { username, password, mayChange }: { username: string; password: string; mayChange: boolean },
): Promise<void> {
  const found = await findCredentials(db, username);
  if (found === undefined) {
    const passwordHash = await hashPassword(password, SCHEME);
    const created = await createUser(db, { id: uuidv7(), username, passwordHash, role: "admin" }, OPERATOR);
    if (created.ok) return;
    return ensureAdmin(db, { username, password, mayChange }); // somebody was faster
  }
  const right = await verifyPassword(password, found.password_hash);
  if (right && found.role === "admin" && !found.disabled) return;
  if (!mayChange) {
    throw new CannotRun(
      `The database is not on this machine, and its user ${username} is not an active admin with this password. ` +
        `Set DEV_ADMIN_PASSWORD to the right one.`,
    );
  }
  const user = await readUser(db, found.id);
  if (user === undefined) return ensureAdmin(db, { username, password, mayChange }); // somebody removed it
  const changes = {
    role: "admin" as const,
    disabled: false,
    ...(right ? {} : { passwordHash: await hashPassword(password, SCHEME) }),
  };
  const changed = await updateUser(db, user.id, user.revision, changes, OPERATOR);
  if (!changed.ok) return ensureAdmin(db, { username, password, mayChange });
}

import { v7 as uuidv7 } from "uuid";
import { dummyHash, hashPassword, mayRehash, verifyPassword } from "../../auth/passwords.ts";
import { SESSION_SECONDS } from "../../limits.ts";
import {
  clearLoginFailures,
  type LoginKeys,
  readLoginWait,
  recordLoginAttempt,
} from "../../storage/login-throttle.ts";
import { type LiveSession, type StartedSession, startSession } from "../../storage/sessions.ts";
import { findCredentials, rehashPassword } from "../../storage/users.ts";
import { type Accounts, type Origin, ownActor } from "./dependencies.ts";
import { withinHashingBudget } from "./hashing.ts";
import type { Busy, Throttled } from "./refusals.ts";

export type Login =
  | { readonly ok: true; readonly session: LiveSession }
  /** No such user, another password, or a disabled user: nobody is told which. */
  | { readonly ok: false; readonly reason: "wrong_credentials" }
  | Throttled
  | Busy;

/** Begins a session for whoever knows the password. */
export async function logIn(
  accounts: Accounts,
  origin: Origin,
  username: string,
  password: string,
): Promise<Login> {
  const { db, admission, passwords } = accounts;
  const user = await findCredentials(admission, username);
  // An unknown user costs what a wrong password costs, and a disabled one is told nothing more.
  const hash = user?.password_hash ?? dummyHash(passwords);
  const name = user?.id ?? username.toLowerCase();
  // Whoever has to wait anyway takes no room for hashing from others. The attempt is counted only with room at hand, and
  // before the comparison: attempts at once see each other.
  const waiting = throttled(await readLoginWait(admission, await loginKeys(accounts, origin, name)));
  if (waiting !== undefined) return waiting;
  const verified = await withinHashingBudget(accounts, hash, async () => {
    const attempt = await recordAttempt(accounts, origin, name);
    if (!attempt.ok) return attempt;
    const right = (await verifyPassword(password, hash)) && user !== undefined && !user.disabled;
    // Before there is room for the next: right passwords that come at once must not look like many wrong ones.
    if (right) await clearLoginFailures(db, attempt.keys);
    return { ok: true as const, right };
  });
  if (!verified.ok) return verified;
  if (user === undefined || !verified.right) return WRONG_CREDENTIALS;
  const started = await openSession(accounts, origin, user.id, hash);
  if (!started.ok) return logInAgain(accounts, origin, username, password, hash);
  if (mayRehash(password, hash, passwords)) await rehash(accounts, user.id, hash, password);
  return started;
}

/**
 * Of a user who was disabled, or whose stored hash is another, since the password was right: it may be the same password,
 * which another login has just hashed anew. Asked once.
 */
async function logInAgain(
  accounts: Accounts,
  origin: Origin,
  username: string,
  password: string,
  oldHash: string,
): Promise<Login> {
  const user = await findCredentials(accounts.db, username);
  if (user === undefined || user.disabled || user.password_hash === oldHash) return WRONG_CREDENTIALS;
  const hash = user.password_hash;
  const verified = await withinHashingBudget(accounts, hash, async () => ({
    ok: true as const,
    right: await verifyPassword(password, hash),
  }));
  if (!verified.ok) return verified;
  const started = verified.right ? await openSession(accounts, origin, user.id, hash) : WRONG_CREDENTIALS;
  return started.ok ? started : WRONG_CREDENTIALS;
}

/** Stores the same password as new ones are hashed. Where there is no room for that, the next login does it. */
async function rehash(accounts: Accounts, userId: string, oldHash: string, password: string): Promise<void> {
  const { db, passwords } = accounts;
  await withinHashingBudget(accounts, passwords, async () =>
    rehashPassword(db, userId, oldHash, await hashPassword(password, passwords)),
  );
}

const WRONG_CREDENTIALS = { ok: false, reason: "wrong_credentials" } as const;

/**
 * Counts an attempt at a password as failed, until `clearLoginFailures` takes it back.
 * @param user an id, or the name of nobody: attempts on a name look the same whether or not it exists
 */
export async function recordAttempt(
  accounts: Pick<Accounts, "db" | "pseudonym">,
  origin: Origin,
  user: string,
): Promise<{ readonly ok: true; readonly keys: LoginKeys } | Throttled> {
  const keys = await loginKeys(accounts, origin, user);
  return throttled(await recordLoginAttempt(accounts.db, keys)) ?? { ok: true, keys };
}

async function loginKeys(
  { pseudonym }: Pick<Accounts, "pseudonym">,
  { address }: Origin,
  user: string,
): Promise<LoginKeys> {
  const subscriber = address?.subscriber;
  return {
    pair: await pseudonym(`pair\n${user}\n${subscriber ?? ""}`),
    user: await pseudonym(`user\n${user}`),
    address: subscriber === undefined ? undefined : await pseudonym(`address\n${subscriber}`),
  };
}

const throttled = (seconds: number): Throttled | undefined =>
  seconds > 0 ? { ok: false, reason: "throttled", retryAfterSeconds: seconds } : undefined;

/** A new session of a user whose password has just been verified against `passwordHash`. */
export function openSession(
  { db }: Pick<Accounts, "db">,
  origin: Origin,
  userId: string,
  passwordHash: string,
): Promise<StartedSession> {
  const session = { id: uuidv7(), userId, passwordHash, seconds: SESSION_SECONDS };
  return startSession(db, session, ownActor(userId, origin));
}

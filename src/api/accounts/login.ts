import type { Context } from "hono";
import { v7 as uuidv7 } from "uuid";
import { dummyHash, hashPassword, needsRehash, verifyPassword } from "../../auth/passwords.ts";
import { SESSION_SECONDS } from "../../limits.ts";
import { clearLoginFailures, type LoginKeys, recordLoginAttempt } from "../../storage/login-throttle.ts";
import { type LiveSession, startSession } from "../../storage/sessions.ts";
import { findCredentials, rehashPassword } from "../../storage/users.ts";
import { clientAddress } from "../http/client-address.ts";
import { throttled } from "../http/problem.ts";
import type { AppEnv } from "../services.ts";
import { withinHashingBudget } from "./hashing.ts";

/**
 * A new session for whoever knows the password, undefined for anybody else.
 * @throws HttpProblem `throttled` after too many failures, `unavailable` while too many passwords are being hashed
 */
export async function logIn(
  c: Context<AppEnv>,
  username: string,
  password: string,
): Promise<LiveSession | undefined> {
  const { db, config } = c.env;
  const user = await findCredentials(db, username);
  // An unknown user costs what a wrong password costs, and a disabled one is told nothing more.
  const hash = user?.password_hash ?? dummyHash(config.passwords);
  return withinHashingBudget(c, hash, async () => {
    const keys = await recordAttempt(c, user?.id ?? username.toLowerCase());
    const right = await verifyPassword(password, hash);
    if (user === undefined || !right || user.disabled) return undefined;
    const session = await openSession(c, user.id, hash);
    if (session === undefined) return undefined;
    await clearLoginFailures(db, keys);
    if (needsRehash(hash, config.passwords)) {
      await rehashPassword(db, user.id, hash, await hashPassword(password, config.passwords));
    }
    return session;
  });
}

/**
 * Counts an attempt at a password as failed, until it is forgiven.
 * @param user an id, or the name of nobody: attempts on a name look the same whether or not it exists
 * @throws HttpProblem `throttled` after too many failures
 */
export async function recordAttempt(c: Context<AppEnv>, user: string): Promise<LoginKeys> {
  const keys = await throttleKeys(c, user);
  const wait = await recordLoginAttempt(c.env.db, keys);
  if (wait > 0) {
    c.set("refusal", "login");
    throw throttled(wait);
  }
  return keys;
}

/** A new session, undefined when the user has been disabled or their password changed meanwhile. */
export function openSession(
  c: Context<AppEnv>,
  userId: string,
  passwordHash: string,
): Promise<LiveSession | undefined> {
  return startSession(
    c.env.db,
    { id: uuidv7(), userId, passwordHash, seconds: SESSION_SECONDS },
    { type: "user", id: userId, requestId: c.var.requestId, addressPrefix: clientAddress(c)?.prefix },
  );
}

async function throttleKeys(c: Context<AppEnv>, user: string): Promise<LoginKeys> {
  const address = clientAddress(c)?.subscriber;
  const [pairKey, userKey, addressKey] = await Promise.all(
    [`pair\n${user}\n${address ?? ""}`, `user\n${user}`, `address\n${address ?? ""}`].map(c.env.pseudonym),
  );
  if (pairKey === undefined || userKey === undefined) throw new Error("as many pseudonyms as texts");
  return { pair: pairKey, user: userKey, address: address === undefined ? undefined : addressKey };
}

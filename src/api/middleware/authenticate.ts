import { hashApiKey, parseApiKey } from "../../auth/api-keys.ts";
import { type Access, ANONYMOUS, allows, type Caller, type UserCaller } from "../../auth/roles.ts";
import { callerOf, verifyToken } from "../../auth/tokens.ts";
import { HttpProblem, unavailable } from "../../errors.ts";
import {
  API_KEY_CACHE_MS,
  API_KEY_STALE_MS,
  AUTHENTICATION_TIMEOUT_MS,
  SESSION_CACHE_MS,
} from "../../limits.ts";
import { type LiveApiKey, useApiKey } from "../../storage/api-keys.ts";
import { failureOf } from "../../storage/core/failure.ts";
import { type LiveSession, readLiveSession } from "../../storage/sessions.ts";
import { answeredWithin, isTimeout } from "../../timeout.ts";
import { withReservation } from "../isolate/capacity.ts";
import type { Services } from "../services.ts";
import type { Check } from "./check.ts";

/**
 * How to check that a session has not ended: `now` asks the database, `recently` accepts what the database said in the
 * last 30 s, `if_possible` asks and, while the database does not answer, relies on the token alone, which lives for 30
 * minutes at most.
 */
export type SessionCheck = "now" | "recently" | "if_possible";

/**
 * Lets in who may call the route, and says who it is in the variable `caller`.
 * @throws HttpProblem `unauthenticated` or `forbidden`
 */
export function authenticate(access: Access, sessionCheck: SessionCheck): Check {
  return async function authenticate(c) {
    const identified = await identify(c.env, c.req.header("Authorization"), sessionCheck);
    if (!identified.ok) {
      c.set("refusal", identified.reason);
      // Only the log says which check failed: to the client every refusal looks the same.
      throw new HttpProblem("unauthenticated");
    }
    c.set("caller", identified.caller);
    if (!allows(access, identified.caller)) throw new HttpProblem("forbidden");
  };
}

/** Lets everybody in. */
export const anonymous: Check = (c) => c.set("caller", ANONYMOUS);

/** The caller, or why there is none, in a word for the log. */
type Identified =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly reason: string };

const refused = (reason: string): Identified => ({ ok: false, reason });

async function identify(
  services: Services,
  header: string | undefined,
  check: SessionCheck,
): Promise<Identified> {
  // Two Authorization headers arrive joined by ", " and so do not have this form.
  const credential = header === undefined ? undefined : /^bearer ([^\s,]+)$/i.exec(header)?.[1];
  if (credential === undefined) return refused(header === undefined ? "no_credentials" : "scheme");

  const secret = parseApiKey(credential);
  if (secret !== undefined) {
    const key = await findApiKey(services, secret, check);
    if (key === undefined) return refused("api_key");
    const { id, name, scopes, sources } = key;
    return { ok: true, caller: { kind: "key", id, name, scopes, sources, via: "secret" } };
  }

  const verified = await verifyToken(services.keys, services.config.token, credential, new Date());
  if (!verified.ok) return refused(`token_${verified.reason}`);
  const caller = callerOf(verified.claims);
  if (caller.kind === "key") return { ok: true, caller };
  const session = await findSession(services, caller, check);
  if (!session.ok) return refused(session.reason);
  // The token has the role of the time it was issued; the database, where it answered, the one that counts now.
  return { ok: true, caller: session.found === undefined ? caller : { ...caller, role: session.found.role } };
}

/**
 * Asks the database who somebody is. Ingestion, which goes on without an answer from a database that gives none, has
 * places of its own for this question. When they are full of callers whom the database does answer, one more is
 * refused: that is no reason to let anybody in unasked.
 * @param instead what to go by while the database does not answer; undefined when there is nothing
 * @throws HttpProblem `overloaded`, `unavailable`; what a query throws
 */
async function ask<Answer, Instead>(
  { capacity, breaker }: Services,
  check: SessionCheck,
  question: () => Promise<Answer>,
  instead: { readonly answer: Instead } | undefined,
): Promise<Answer | Instead> {
  if (instead !== undefined && !breaker.mayAsk(Date.now())) return instead.answer;
  try {
    const answer = await (check === "if_possible"
      ? withReservation(capacity.authentications, 1, () =>
          answeredWithin(question(), AUTHENTICATION_TIMEOUT_MS).catch(orUnavailable),
        )
      : question());
    breaker.answered();
    return answer;
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    breaker.failed(Date.now());
    if (instead === undefined) throw error;
    return instead.answer;
  }
}

/** @throws HttpProblem in place of a time-out, or `error` */
function orUnavailable(error: unknown): never {
  throw isTimeout(error) ? unavailable() : error;
}

const isUnanswered = (error: unknown): boolean =>
  (error instanceof HttpProblem && error.code === "unavailable") || failureOf(error).kind === "unavailable";

/** `found` is undefined where the database did not answer and nobody waits for it. */
type SessionFound =
  | { readonly ok: true; readonly found: LiveSession | undefined }
  | { readonly ok: false; readonly reason: "session_ended" };

async function findSession(
  services: Services,
  { sessionId, id }: UserCaller,
  check: SessionCheck,
): Promise<SessionFound> {
  const { db, sessions } = services;
  const now = Date.now();
  const seen = check === "recently" ? sessions.get(sessionId, SESSION_CACHE_MS, now) : undefined;
  if (seen?.user_id === id) return { ok: true, found: seen };
  const instead = check === "if_possible" ? { answer: null } : undefined;
  const session = await ask(services, check, () => readLiveSession(db, sessionId), instead);
  if (session === null) return { ok: true, found: undefined };
  if (session === undefined || session.user_id !== id) {
    sessions.delete(sessionId);
    return { ok: false, reason: "session_ended" };
  }
  sessions.set(sessionId, session, now);
  return { ok: true, found: session };
}

async function findApiKey(
  services: Services,
  secret: string,
  check: SessionCheck,
): Promise<LiveApiKey | undefined> {
  const { db, apiKeys } = services;
  const hash = await hashApiKey(secret);
  const now = Date.now();
  const seen = apiKeys.get(hash, API_KEY_CACHE_MS, now);
  if (seen !== undefined) return seen;
  const stale = apiKeys.get(hash, API_KEY_CACHE_MS + API_KEY_STALE_MS, now);
  const instead = stale && { answer: stale };
  const key = await ask(services, check, () => useApiKey(db, hash), instead);
  if (key === undefined) apiKeys.delete(hash);
  else if (key !== stale) apiKeys.set(hash, key, now);
  return key;
}

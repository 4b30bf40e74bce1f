import { type SQL, sql } from "drizzle-orm";
import type { Role } from "../auth/roles.ts";
import { SESSIONS_OF_USER_MAX } from "../limits.ts";
import { type Actor, audited } from "./audit.ts";
import type { Database } from "./core/client.ts";
import { iso, type Row, rowsOf } from "./core/sql.ts";

/** A session that is neither ended nor past its absolute end, of a user who is not disabled. */
export interface LiveSession extends Row {
  readonly id: string;
  readonly user_id: string;
  readonly username: string;
  readonly role: Role;
  /** The absolute end, RFC 3339. */
  readonly expires_at: string;
}

/** `changed_meanwhile`: the user has been disabled, or their password changed. */
export type StartedSession =
  | { readonly ok: true; readonly session: LiveSession }
  | { readonly ok: false; readonly reason: "changed_meanwhile" };

/**
 * Begins a session of a user who is not disabled and whose password still has the hash `passwordHash`. Where the user has
 * more than `SESSIONS_OF_USER_MAX` then, the oldest ends.
 */
export async function startSession(
  db: Database,
  session: {
    readonly id: string;
    readonly userId: string;
    readonly passwordHash: string;
    readonly seconds: number;
  },
  actor: Actor,
): Promise<StartedSession> {
  const { userId } = session;
  const [, result] = await db.batch([
    // Logins of one user wait for each other here, so that each sees the sessions of those before.
    db.execute(sql`select from users where id = ${userId} for no key update`),
    db.execute(sql`
      with u as (
        select id, username, role from users
        where id = ${userId} and disabled_at is null and password_hash = ${session.passwordHash}
      ), s as (
        insert into sessions (id, user_id, expires_at)
        select ${session.id}::uuid, id, now() + make_interval(secs => ${session.seconds}) from u
        returning *
      ), changed as (
        select s.id, null::jsonb as before, jsonb_build_object('user_id', s.user_id) as after from s
      ), ${audited(actor, "session.start", "session", sql`changed`)}
      select s.id, s.user_id, u.username, u.role, ${iso("s.expires_at")} as expires_at from s, u`),
    db.execute(sql`
      with ${endedSessions(sql`
        select id from sessions where user_id = ${userId} and ${isLive}
        order by created_at desc, id desc offset ${SESSIONS_OF_USER_MAX}`)},
      ${audited(actor, "session.end", "session", sql`ended`)}
      select 1`),
  ]);
  const [started] = rowsOf<LiveSession>(result);
  return started === undefined ? { ok: false, reason: "changed_meanwhile" } : { ok: true, session: started };
}

/** Undefined when there is no such session, or it is over, or its user is disabled. */
export async function readLiveSession(db: Database, id: string): Promise<LiveSession | undefined> {
  return rowsOf<LiveSession>(
    await db.execute(sql`
      select s.id, s.user_id, u.username, u.role, ${iso("s.expires_at")} as expires_at
      from sessions s join users u on u.id = s.user_id
      where s.id = ${id} and s.ended_at is null and s.expires_at > now() and u.disabled_at is null`),
  )[0];
}

/** Ends a session. Ending it again changes nothing. */
export async function endSession(db: Database, id: string, actor: Actor): Promise<void> {
  await db.execute(sql`
    with ${endedSessions(sql`select id from sessions where id = ${id} and ended_at is null`)},
    ${audited(actor, "session.end", "session", sql`ended`)}
    select 1`);
}

const isLive = sql`ended_at is null and expires_at > now()`;

/** A part of a `with` that ends the sessions of these ids: `ended` has what the audit wants to know of each. */
const endedSessions = (ids: SQL): SQL => sql`
  ending as (
    update sessions set ended_at = now() where id in (${ids}) returning id, user_id
  ), ended as (
    select id, null::jsonb as before, jsonb_build_object('user_id', user_id) as after from ending
  )`;

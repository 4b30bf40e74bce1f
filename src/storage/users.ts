import { type SQL, sql } from "drizzle-orm";
import type { Role } from "../auth/roles.ts";
import { prepareUsername } from "../auth/usernames.ts";
import { type Actor, audited } from "./audit.ts";
import type { Database } from "./core/client.ts";
import { isRefusedBy } from "./core/failure.ts";
import { type Page, type Position, page } from "./core/page.ts";
import { after, iso, type Row, rowsOf } from "./core/sql.ts";

/** A user without the password hash, which only `findCredentials` reads. Times are RFC 3339 in UTC. */
export interface User extends Row {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** Grows by one with every change. */
  readonly revision: number;
}

export interface Credentials extends Row {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly password_hash: string;
  readonly disabled: boolean;
}

const columns = sql`
  u.id, u.username, u.role, u.disabled_at is not null as disabled, ${iso("u.created_at")} as created_at,
  ${iso("u.updated_at")} as updated_at, u.revision`;

/** What the audit keeps of a user: never the hash. */
const image = (row: string): SQL =>
  sql.raw(`jsonb_build_object('username', ${row}.username, 'role', ${row}.role,
    'disabled', ${row}.disabled_at is not null)`);

export interface NewUser {
  readonly id: string;
  readonly username: string;
  readonly passwordHash: string;
  readonly role: Role;
}

/** A name of a new user that somebody has, letter case ignored. */
interface UsernameTaken {
  readonly ok: false;
  readonly reason: "username_taken";
}

const USERNAME_TAKEN: UsernameTaken = { ok: false, reason: "username_taken" };

/** Adds a user, or leaves everything as it was. */
export async function createUser(
  db: Database,
  user: NewUser,
  actor: Actor,
): Promise<{ readonly ok: true; readonly user: User } | UsernameTaken> {
  try {
    const [created] = rowsOf<User>(
      await db.execute(sql`
        with u as (
          insert into users (id, username, password_hash, role)
          values (${user.id}, ${user.username}, ${user.passwordHash}, ${user.role})
          returning *
        ), changed as (
          select u.id, null::jsonb as before, ${image("u")} as after from u
        ), ${audited(actor, "user.create", "user", sql`changed`)}
        select ${columns} from u`),
    );
    if (!created) throw new Error("insert returned no row");
    return { ok: true, user: created };
  } catch (error) {
    if (isRefusedBy(error, "users_username_key")) return USERNAME_TAKEN;
    throw error;
  }
}

/** Adds all of these users, or none when one of the names is taken. */
export async function importUsers(
  db: Database,
  users: readonly NewUser[],
  actor: Actor,
): Promise<{ readonly ok: true } | UsernameTaken> {
  const rows = users.map(({ id, username, passwordHash, role }) => ({ id, username, passwordHash, role }));
  try {
    await db.execute(sql`
      with u as (
        insert into users (id, username, password_hash, role)
        select id, username, "passwordHash", role
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as r (id uuid, username text, "passwordHash" text, role text)
        returning *
      ), changed as (
        select u.id, null::jsonb as before, ${image("u")} as after from u
      ), ${audited(actor, "user.import", "user", sql`changed`)}
      select 1`);
    return { ok: true };
  } catch (error) {
    if (isRefusedBy(error, "users_username_key")) return USERNAME_TAKEN;
    throw error;
  }
}

/** Those of `usernames`, as they are written there, that somebody has; letter case does not matter. */
export async function findUsernames(db: Database, usernames: readonly string[]): Promise<string[]> {
  const rows = rowsOf<{ username: string }>(
    await db.execute(sql`
      select n.username from unnest(${sql.param([...usernames])}::text[]) as n (username)
      where exists (select 1 from users u where lower(u.username) = lower(n.username))`),
  );
  return rows.map(({ username }) => username);
}

/** Of the user with this name, letter case ignored: as it is given, or else as it would be stored. */
export async function findCredentials(db: Database, username: string): Promise<Credentials | undefined> {
  const prepared = prepareUsername(username);
  const stored = prepared.ok ? prepared.username : username;
  return rowsOf<Credentials>(
    await db.execute(sql`
      select id, username, role, password_hash, disabled_at is not null as disabled
      from users where lower(username) in (lower(${username}), lower(${stored}))
      order by lower(username) = lower(${username}) desc limit 1`),
  )[0];
}

export async function readCredentials(db: Database, id: string): Promise<Credentials | undefined> {
  return rowsOf<Credentials>(
    await db.execute(sql`
      select id, username, role, password_hash, disabled_at is not null as disabled
      from users where id = ${id}`),
  )[0];
}

export async function readUser(db: Database, id: string): Promise<User | undefined> {
  return rowsOf<User>(await db.execute(sql`select ${columns} from users u where u.id = ${id}`))[0];
}

export async function listUsers(
  db: Database,
  limit: number,
  from: Position | undefined,
): Promise<Page<User>> {
  const rows = rowsOf<User>(
    await db.execute(sql`
      select ${columns} from users u
      where ${after(sql`(u.created_at, u.id)`, from, ["timestamptz", "uuid"])}
      order by u.created_at desc, u.id desc
      limit ${limit + 1}`),
  );
  return page(rows, limit, (row) => [row.created_at, row.id]);
}

export interface UserChanges {
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
  readonly passwordHash?: string | undefined;
}

export type UserChange =
  | { readonly ok: true; readonly user: User }
  /** `stale`: the user has another revision. `last_admin`: it would leave nobody who may manage the product. */
  | { readonly ok: false; readonly reason: "not_found" | "stale" | "last_admin" };

/**
 * Changes a user and ends all their sessions.
 * @param revision the one the caller has seen
 */
export async function updateUser(
  db: Database,
  id: string,
  revision: number,
  { role, disabled, passwordHash }: UserChanges,
  actor: Actor,
): Promise<UserChange> {
  const set = [
    role === undefined ? undefined : sql`role = ${role}`,
    disabled === undefined
      ? undefined
      : sql`disabled_at = ${disabled ? sql`coalesce(u.disabled_at, now())` : null}`,
    passwordHash === undefined ? undefined : sql`password_hash = ${passwordHash}`,
    sql`revision = u.revision + 1`,
    sql`updated_at = now()`,
  ].filter((assignment) => assignment !== undefined);
  const staysAdmin = role !== "user" && disabled !== true;
  const [, result] = await db.batch([
    // Two admins who demote each other at once would otherwise both see the other one.
    db.execute(sql`select pg_advisory_xact_lock(hashtext('users'))`),
    db.execute(sql`
      with b as (
        select * from users where id = ${id}
      ), another_admin as (
        select exists (select 1 from users where role = 'admin' and disabled_at is null and id <> ${id}) as found
      ), u as (
        update users u set ${sql.join(set, sql`, `)}
        from b, another_admin a
        where u.id = b.id and u.revision = ${revision}
          and (${staysAdmin} or b.role <> 'admin' or b.disabled_at is not null or a.found)
        returning u.*
      ), ended as (
        update sessions set ended_at = now() where user_id in (select id from u) and ended_at is null
      ), changed as (
        select u.id, ${image("b")} as before,
               ${image("u")} || jsonb_build_object('password_changed', ${passwordHash !== undefined}::boolean) as after
        from b, u
      ), ${audited(actor, "user.update", "user", sql`changed`)}
      select b.revision as found_revision, ${columns} from b left join u on true`),
  ]);
  const [row] = rowsOf<User & { found_revision: number }>(result);
  if (!row) return { ok: false, reason: "not_found" };
  const { found_revision, ...user } = row;
  if (user.id !== null) return { ok: true, user };
  return { ok: false, reason: found_revision === revision ? "last_admin" : "stale" };
}

/**
 * Stores the new password of a user who proved the old one, and ends all their sessions. `changed_meanwhile`, with
 * nothing done, when the password was changed or the user disabled since.
 */
export async function changeOwnPassword(
  db: Database,
  id: string,
  oldHash: string,
  newHash: string,
  actor: Actor,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: "changed_meanwhile" }> {
  const changed = await db.execute(sql`
    with u as (
      update users set password_hash = ${newHash}, revision = revision + 1, updated_at = now()
      where id = ${id} and password_hash = ${oldHash} and disabled_at is null
      returning *
    ), ended as (
      update sessions set ended_at = now() where user_id in (select id from u) and ended_at is null
    ), changed as (
      select u.id, ${image("u")} as before, ${image("u")} || jsonb_build_object('password_changed', true) as after
      from u
    ), ${audited(actor, "user.change_password", "user", sql`changed`)}
    select id from u`);
  return changed.rows.length === 1 ? { ok: true } : { ok: false, reason: "changed_meanwhile" };
}

/** Stores the same password hashed anew; nothing that a person did, so no audit row and no session ends. */
export async function rehashPassword(
  db: Database,
  id: string,
  oldHash: string,
  newHash: string,
): Promise<void> {
  await db.execute(
    sql`update users set password_hash = ${newHash} where id = ${id} and password_hash = ${oldHash}`,
  );
}

/**
 * Failed logins are counted by user and address together, by user, and by address. More of them than are free make
 * the next attempt wait, twice as long each time, up to a cap:
 *
 * - user and address: strict. Guessing one password from one place ends at a few attempts an hour.
 * - address: against one place that tries many users.
 * - user: against many places that try one user. Loose and with a short cap, since anybody can provoke it.
 *
 * No user is ever locked out for good. Strangers cannot lock one out at all from an address where that user logged in
 * during the last 30 days: there, only that pair's own failures count. (OWASP's device cookie, with the address in the cookie's place, because we set
 * no cookies. It cannot tell people apart who share an address: there one can make another wait, 15 minutes at most.)
 * An attempt that has to wait is not counted, so that hammering does not make the wait any longer.
 *
 * Every attempt is counted as failed before its password is verified, and taken back when it was right, so that a
 * hundred attempts at once see each other.
 */
import { sql } from "drizzle-orm";
import {
  LOGIN_ADDRESS_DELAY_SECONDS_MAX,
  LOGIN_ADDRESS_FREE_MAX,
  LOGIN_CLEANUP_ROWS_MAX,
  LOGIN_DELAY_SECONDS_MIN,
  LOGIN_DOUBLINGS_MAX,
  LOGIN_MEMORY_SECONDS,
  LOGIN_PAIR_DELAY_SECONDS_MAX,
  LOGIN_PAIR_FREE_MAX,
  LOGIN_TRUST_SECONDS,
  LOGIN_USER_DELAY_SECONDS_MAX,
  LOGIN_USER_FREE_MAX,
} from "../limits.ts";
import type { Database } from "./core/client.ts";
import { rowsOf } from "./core/sql.ts";

/** Keyed hashes in hex (auth/pseudonyms.ts): neither a username nor an address can be read from the table. */
export interface LoginKeys {
  readonly pair: string;
  readonly user: string;
  /** Undefined where the address is not known. */
  readonly address: string | undefined;
  /** Of the network around the address: counted by nothing, but shows who tries many users (anomalies.ts). */
  readonly network?: string | undefined;
}

/**
 * Counts an attempt as failed, or says how long to wait instead.
 * @returns seconds to wait; 0 when the attempt may be made
 */
export async function recordLoginAttempt(db: Database, keys: LoginKeys): Promise<number> {
  const [, taken] = await db.batch([
    // Makes the rows and locks them, in one order for all. A statement of its own: the next one sees what
    // committed while this one waited.
    db.execute(sql`
      insert into login_throttle (key, network)
      select decode(key, 'hex'), case when key = ${keys.pair} then decode(${keys.network ?? null}, 'hex') end from unnest(${sql.param(hashesOf(keys))}::text[]) as k (key) order by key
      on conflict (key) do update set failures = 0 where false`),
    db.execute(sql`
      with state as (
        select t.key, r.free, r.cap, t.blocked_until, clock_timestamp() as now,
               case when t.last_at < clock_timestamp() - make_interval(secs => ${LOGIN_MEMORY_SECONDS}) then 0
                    else t.failures end + 1 as failures
        from ${rules(keys)} join login_throttle t using (key)
        where not (r.shared and ${isTrusted(keys)})
      ), verdict as (
        select coalesce(ceil(extract(epoch from max(blocked_until - now))), 0) as wait from state
      ), counted as (
        update login_throttle t
        set failures = s.failures, last_at = s.now,
            blocked_until = case when s.failures > s.free then s.now + make_interval(secs => least(
              s.cap, ${LOGIN_DELAY_SECONDS_MIN} * power(2, least(s.failures - s.free - 1, ${LOGIN_DOUBLINGS_MAX})))) end
        from state s, verdict v
        where t.key = s.key and v.wait <= 0
      )
      select wait::int from verdict`),
  ]);
  return Math.max(0, rowsOf<{ wait: number }>(taken)[0]?.wait ?? 0);
}

/**
 * How long an attempt would have to wait, without counting one.
 * @returns seconds; 0 when the attempt may be made, as far as is known before it is counted
 */
export async function readLoginWait(db: Database, keys: LoginKeys): Promise<number> {
  const read = await db.execute(sql`
    select greatest(0, coalesce(ceil(extract(epoch from max(t.blocked_until - clock_timestamp()))), 0))::int as wait
    from ${rules(keys)} join login_throttle t using (key)
    where not (r.shared and ${isTrusted(keys)})`);
  return rowsOf<{ wait: number }>(read)[0]?.wait ?? 0;
}

/** Takes the attempt back that was counted, since the password was right, and knows the address from now on. */
export async function clearLoginFailures(db: Database, keys: LoginKeys): Promise<void> {
  await db.batch([
    db.execute(sql`
      select 1 from login_throttle
      where key in (select decode(k, 'hex') from unnest(${sql.param(hashesOf(keys))}::text[]) as k)
      order by key for update`),
    db.execute(sql`
      update login_throttle t
      set failures = case when r.shared then greatest(t.failures - 1, 0) else 0 end,
          blocked_until = case when r.shared and t.failures - 1 > r.free then t.blocked_until end,
          trusted_until = case when r.shared then null
                               else now() + make_interval(secs => ${LOGIN_TRUST_SECONDS}) end
      from ${rules(keys)}
      where t.key = r.key and not (r.shared and ${isTrusted(keys)})`),
  ]);
}

/** Forgets failures that count no more: up to `LOGIN_CLEANUP_ROWS_MAX` rows. Returns how many. */
export async function forgetOldLogins(db: Database): Promise<number> {
  const forgotten = await db.execute(sql`
    delete from login_throttle where key in (
      select key from login_throttle
      where last_at < now() - make_interval(secs => ${LOGIN_MEMORY_SECONDS})
        and (trusted_until is null or trusted_until < now())
      order by last_at limit ${LOGIN_CLEANUP_ROWS_MAX}
      for update skip locked
    ) returning 1`);
  return forgotten.rows.length;
}

const hashesOf = ({ pair, user, address }: LoginKeys): string[] =>
  address === undefined ? [pair, user] : [pair, user, address];

/** How the three are counted. `shared`: others than this user at this address can drive the count. */
const rules = ({ pair, user, address }: LoginKeys) => sql`(values
  (decode(${pair}, 'hex'), ${LOGIN_PAIR_FREE_MAX}::int, ${LOGIN_PAIR_DELAY_SECONDS_MAX}::int, false),
  (decode(${user}, 'hex'), ${LOGIN_USER_FREE_MAX}::int, ${LOGIN_USER_DELAY_SECONDS_MAX}::int, true),
  (decode(${address ?? null}, 'hex'), ${LOGIN_ADDRESS_FREE_MAX}::int, ${LOGIN_ADDRESS_DELAY_SECONDS_MAX}::int, true)
) as r (key, free, cap, shared)`;

const isTrusted = ({ pair }: LoginKeys) => sql`exists (
  select 1 from login_throttle where key = decode(${pair}, 'hex') and trusted_until > now())`;

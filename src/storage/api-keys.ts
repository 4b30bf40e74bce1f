import { type SQL, sql } from "drizzle-orm";
import { ANY_SOURCE, type Scope } from "../auth/api-keys.ts";
import { type Actor, audited } from "./audit.ts";
import type { Database } from "./core/client.ts";
import { type Page, type Position, page } from "./core/page.ts";
import { after, iso, type Row, rowsOf } from "./core/sql.ts";

/** An API key without its secret. Times are RFC 3339 in UTC with milliseconds. */
export interface ApiKey extends Row {
  readonly id: string;
  readonly name: string;
  readonly scopes: Scope[];
  /** What it may write in, or `ANY_SOURCE` alone. */
  readonly sources: string[];
  /** It is from before keys had sources: nobody chose that it may write in every one. */
  readonly has_unchosen_sources: boolean;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
  /** Until when the secret before the last rotation works; null when it does not. */
  readonly previous_expires_at: string | null;
}

const sources = sql`to_jsonb(coalesce(k.sources, array[${ANY_SOURCE}])) as sources`;

const columns = sql`
  k.id, k.name, to_jsonb(k.scopes) as scopes, ${sources}, k.sources is null as has_unchosen_sources, ${iso("k.created_at")} as created_at,
  ${iso("k.expires_at")} as expires_at, ${iso("k.revoked_at")} as revoked_at,
  ${iso("k.last_used_at")} as last_used_at,
  case when k.previous_expires_at > now() then ${iso("k.previous_expires_at")} end as previous_expires_at`;

const isLive = sql`k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;

/** What the audit keeps of a key: never a hash. */
const image = (row: string): SQL =>
  sql.raw(`jsonb_build_object('name', ${row}.name, 'scopes', ${row}.scopes, 'sources', ${row}.sources,
    'expires_at', ${row}.expires_at, 'revoked_at', ${row}.revoked_at)`);

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly sources: readonly string[];
  readonly expiresAt: string | null;
  /** SHA-256 of the secret in hex. */
  readonly secretHash: string;
}

/** `name_taken`: another key that may be used now has the name. It is the default source of what a key posts. */
export type ApiKeyCreation =
  | { readonly ok: true; readonly key: ApiKey }
  | { readonly ok: false; readonly reason: "name_taken" };

/** Adds a key. Those who create keys take turns, so that of two with one name the second sees the first. */
export async function createApiKey(db: Database, key: NewApiKey, actor: Actor): Promise<ApiKeyCreation> {
  const [, created] = await db.batch([
    db.execute(sql`select pg_advisory_xact_lock(hashtext('api_keys'))`),
    db.execute(sql`
      with k as (
        insert into api_keys (id, name, scopes, sources, expires_at, secret_hash)
        select ${key.id}::uuid, ${key.name}, ${sql.param([...key.scopes])}::text[],
               ${sql.param([...key.sources])}::text[], ${key.expiresAt}::timestamptz, decode(${key.secretHash}, 'hex')
        where not exists (select from api_keys k where k.name = ${key.name} and ${isLive})
        returning *
      ), changed as (
        select k.id, null::jsonb as before, ${image("k")} as after from k
      ), ${audited(actor, "api_key.create", "api_key", sql`changed`)}
      select ${columns} from k`),
  ]);
  const [row] = rowsOf<ApiKey>(created);
  return row === undefined ? { ok: false, reason: "name_taken" } : { ok: true, key: row };
}

export async function listApiKeys(
  db: Database,
  limit: number,
  from: Position | undefined,
): Promise<Page<ApiKey>> {
  const rows = rowsOf<ApiKey>(
    await db.execute(sql`
      select ${columns} from api_keys k
      where ${after(sql`(k.created_at, k.id)`, from, ["timestamptz", "uuid"])}
      order by k.created_at desc, k.id desc
      limit ${limit + 1}`),
  );
  return page(rows, limit, (row) => [row.created_at, row.id]);
}

/** `not_found`: there is no such key, or it is revoked. */
export type ApiKeyChange =
  | { readonly ok: true; readonly key: ApiKey }
  | { readonly ok: false; readonly reason: "not_found" };

/** Gives a key a new secret; the one before works for `overlapSeconds` more. */
export function rotateApiKey(
  db: Database,
  id: string,
  secretHash: string,
  overlapSeconds: number,
  actor: Actor,
): Promise<ApiKeyChange> {
  return change(db, id, actor, "api_key.rotate", [
    sql`previous_secret_hash = k.secret_hash`,
    sql`previous_expires_at = now() + make_interval(secs => ${overlapSeconds})`,
    sql`secret_hash = decode(${secretHash}, 'hex')`,
  ]);
}

/** Ends a key and its previous secret. */
export function revokeApiKey(db: Database, id: string, actor: Actor): Promise<ApiKeyChange> {
  return change(db, id, actor, "api_key.revoke", [sql`revoked_at = now()`]);
}

async function change(
  db: Database,
  id: string,
  actor: Actor,
  action: string,
  set: readonly SQL[],
): Promise<ApiKeyChange> {
  const [key] = rowsOf<ApiKey>(
    await db.execute(sql`
      with b as (
        select * from api_keys where id = ${id} for update
      ), k as (
        update api_keys k set ${sql.join([...set], sql`, `)}
        from b where k.id = b.id and k.revoked_at is null
        returning k.*
      ), changed as (
        select k.id, ${image("b")} as before, ${image("k")} as after from b, k
      ), ${audited(actor, action, "api_key", sql`changed`)}
      select ${columns} from k`),
  );
  return key === undefined ? { ok: false, reason: "not_found" } : { ok: true, key };
}

/** A key that may be used now. */
export interface LiveApiKey extends Row {
  readonly id: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly sources: string[];
}

/** The usable key with this secret, current or in its overlap, if there is one; records its use (to the minute). */
export async function useApiKey(db: Database, secretHash: string): Promise<LiveApiKey | undefined> {
  return rowsOf<LiveApiKey>(
    await db.execute(sql`
      with k as (
        select k.* from api_keys k
        where (k.secret_hash = decode(${secretHash}, 'hex')
               or (k.previous_secret_hash = decode(${secretHash}, 'hex') and k.previous_expires_at > now()))
          and ${isLive}
      ), used as (
        update api_keys set last_used_at = now()
        where id in (select id from k)
          and (last_used_at is null or last_used_at < now() - interval '1 minute')
      )
      select k.id, k.name, to_jsonb(k.scopes) as scopes, ${sources} from k`),
  )[0];
}

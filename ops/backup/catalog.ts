/** What a backup holds, read from the database's own catalogue, so that a new table is in the next backup. */
import type pg from "pg";

export interface Table {
  readonly name: string;
  /** Without generated columns, which the database computes again. */
  readonly columns: readonly string[];
  /** In the order of the primary key, so that two backups of the same content are the same. */
  readonly orderBy: readonly string[];
}

export async function readTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table>(`
    select c.relname as name,
      (select json_agg(a.attname order by a.attnum) from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      coalesce((
        select json_agg(a.attname order by k.position)
        from pg_index i, unnest(i.indkey::int[]) with ordinality as k (attnum, position), pg_attribute a
        where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum
      ), '[]') as "orderBy"
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    order by c.relname`);
  return rows;
}

/** Hashes of the migrations applied, in order. */
export async function readMigrationHashes(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ found: boolean }>(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as found",
  );
  if (!rows[0]?.found) return [];
  const applied = await client.query<{ hash: string }>(
    "select hash from drizzle.__drizzle_migrations order by id",
  );
  return applied.rows.map(({ hash }) => hash);
}

export interface Sequence {
  readonly name: string;
  /** Null when it was never used. */
  readonly last_value: string | null;
}

export async function readSequences(client: pg.ClientBase): Promise<Sequence[]> {
  const { rows } = await client.query<Sequence>(`
    select sequencename as name, last_value::text from pg_sequences
    where schemaname = 'public' order by sequencename`);
  return rows;
}

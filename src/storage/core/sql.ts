import { type SQL, sql } from "drizzle-orm";
import type { Position } from "./page.ts";

/** What a raw query answers: columns by name. */
export type Row = Record<string, unknown>;

/** The rows of a raw query, with the shape that its select list gives them. */
export const rowsOf = <Shape extends Row>(result: { rows: Row[] }): Shape[] => result.rows as Shape[];

/** A timestamptz column as `formatTime` (src/time.ts) writes it. `column` is code, never input. */
export const iso = (column: string): SQL =>
  sql.raw(`replace(to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z')`);

/** Who sent the event in a row, as `Sender` (src/messages.ts); null where that is not known. `row` is code, never input. */
export const sender = (row: string): SQL =>
  sql.raw(`case when ${row}.sender_id is not null
    then jsonb_build_object('kind', ${row}.sender_kind, 'id', ${row}.sender_id) end as sender`);

/** Rows that come after `position` in a list whose sort key is `key`, descending; all rows without one. */
export function after(key: SQL, position: Position | undefined, types: readonly string[]): SQL {
  if (position === undefined) return sql`true`;
  const values = types.map((type, i) => sql`${position[i] ?? null}::${sql.raw(type)}`);
  return sql`${key} < (${sql.join(values, sql`, `)})`;
}

/** All of these conditions; those that are undefined do not filter. */
export function all(conditions: readonly (SQL | undefined)[]): SQL {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? sql`true` : sql.join(given, sql` and `);
}

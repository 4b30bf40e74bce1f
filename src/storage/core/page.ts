/**
 * Keyset pages: a cursor is the position of the last row handed out, so pages stay stable while rows are
 * inserted. It says nothing but a position: what a caller may read is decided without it.
 */

/** One page of a list, newest first. */
export interface Page<Row> {
  readonly rows: Row[];
  /** Where the next page begins; null on the last one. */
  readonly next: Position | null;
}

/** The sort key of a row: a time, then what makes it unique. */
export type Position = readonly [time: string, ...ids: string[]];

/** Cuts a page from up to `limit + 1` rows that were read. */
export function page<Row>(rows: Row[], limit: number, position: (row: Row) => Position): Page<Row> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { rows: kept, next: rows.length > limit && last !== undefined ? position(last) : null };
}

/** Invariant 2: at most one row an event, and one a campaign and event. */
import type { Stored } from "../history.ts";
import { doubled, keyOf, type Violation } from "./violation.ts";

export function checkUniqueness({ events, matches }: Stored): Violation[] {
  return [
    ...repeated(events, keyOf).map(([event, count]) => doubled(2, event, `has ${count} rows in events`)),
    ...repeated(matches, (row) => JSON.stringify([row.campaign_id, row.source, row.event_id])).map(
      ([{ source, event_id: id, campaign_id }, count]) =>
        doubled(2, { source, id }, `has ${count} matches with campaign ${campaign_id}`),
    ),
  ];
}

function repeated<Row>(rows: readonly Row[], key: (row: Row) => string): [row: Row, count: number][] {
  const counts = new Map<string, [Row, number]>();
  for (const row of rows) {
    const counted = counts.get(key(row));
    if (counted === undefined) counts.set(key(row), [row, 1]);
    else counted[1] += 1;
  }
  return [...counts.values()].filter(([, count]) => count > 1);
}

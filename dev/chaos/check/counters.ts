/** Invariant 4: the metrics of the pipeline agree with the tables, to the last event. */
import { OUTCOMES } from "../../../src/decisions/outcome.ts";
import type { Evidence } from "../history.ts";
import { miscounted, type Violation } from "./violation.ts";

const CAUSES = ["malformed_message", "refused_by_database", "retries_exhausted", "too_costly"];

export function checkCounters({ scraped, stored, lettersKept }: Evidence): Violation[] {
  const truth: (readonly [counter: string, rows: number])[] = [
    ["events_decided_total", stored.events.length],
    ...OUTCOMES.map((outcome) => {
      const became = stored.matches.filter((match) => match.outcome === outcome).length;
      return [`matches_total{outcome="${outcome}"}`, became] as const;
    }),
    ["event_conflicts_total", stored.conflicts.length],
    ...CAUSES.map((cause) => {
      const kept = lettersKept.filter((letter) => letter.cause === cause).length;
      return [`dead_letters_total{cause="${cause}"}`, kept] as const;
    }),
  ];
  return truth.flatMap(([counter, rows]) => {
    const shown = scraped.get(`campaign_manager_${counter}`);
    return shown === rows
      ? []
      : [miscounted(`${counter} is ${shown ?? "absent"}, the database holds ${rows}`)];
  });
}

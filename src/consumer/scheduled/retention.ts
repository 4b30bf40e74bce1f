import type { RetentionDays } from "../../config.ts";
import {
  ERASURE_RETENTION_DAYS,
  RETENTION_BATCH_ROWS,
  RETENTION_RUN_MS_MAX,
  RETENTION_STATEMENTS_MAX,
} from "../../limits.ts";
import type { Database } from "../../storage/core/client.ts";
import { failureCode, failureOf } from "../../storage/core/failure.ts";
import {
  type Deleted,
  deleteDeadLetters,
  deleteErasures,
  deleteEvents,
  deleteSessions,
} from "../../storage/retention.ts";
import { log } from "../../telemetry/log.ts";
import { formatTime } from "../../time.ts";

interface Kind {
  readonly name: string;
  readonly days: number | null;
  readonly deleteBatch: (db: Database, before: string, rows: number) => Promise<Deleted>;
}

/**
 * What is kept for a while only. The audit is not among them: each of its rows vouches for the one before, and
 * holds no data of a subject.
 */
const kindsOf = (days: RetentionDays): Kind[] => [
  { name: "erasures", days: ERASURE_RETENTION_DAYS, deleteBatch: deleteErasures },
  { name: "sessions", days: days.sessions, deleteBatch: deleteSessions },
  { name: "dead_letters", days: days.deadLetters, deleteBatch: deleteDeadLetters },
  { name: "events", days: days.events, deleteBatch: deleteEvents }, // last: the one that may fill a run
];

const DAY_MS = 24 * 60 * 60 * 1000;

export interface RunLimits {
  /** Rows in one statement. */
  readonly rows: number;
  /** Statements in one run. */
  readonly statements: number;
}

/**
 * Deletes what is past its time, as far as one run may go; the next one goes on where this one stopped, since
 * every statement stands for itself and the oldest goes first.
 * @throws once every kind has been tried, when one could not be finished because of the database
 */
export async function enforceRetention(
  db: Database,
  days: RetentionDays,
  clock: () => number,
  limits: RunLimits = { rows: RETENTION_BATCH_ROWS, statements: RETENTION_STATEMENTS_MAX },
): Promise<void> {
  const started = clock();
  const deadline = started + RETENTION_RUN_MS_MAX;
  let left = limits.statements;
  let failed = false;
  for (const kind of kindsOf(days)) {
    if (kind.days === null) continue;
    const before = formatTime(started - kind.days * DAY_MS);
    const total = { rows: 0, matches: 0, conflicts: 0 };
    let statements = 0;
    let complete = false;
    try {
      while (!complete && left > 0 && clock() < deadline) {
        left -= 1;
        statements += 1;
        const deleted = await kind.deleteBatch(db, before, limits.rows);
        total.rows += deleted.rows;
        total.matches += deleted.matches ?? 0;
        total.conflicts += deleted.conflicts ?? 0;
        complete = deleted.rows < limits.rows;
      }
    } catch (error) {
      log("error", "retention_failed", {
        kind: kind.name,
        failure: failureCode(failureOf(error)),
      });
      failed = true;
    }
    log("info", "retention", { kind: kind.name, ...total, statements, complete });
  }
  if (failed) throw new Error("retention failed");
}

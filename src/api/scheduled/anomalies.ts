import {
  ANOMALY_ACCEPTED_MIN,
  ANOMALY_ACCEPTED_SHARE,
  ANOMALY_CONFLICTS,
  ANOMALY_EXPORTS,
  ANOMALY_FORBIDDEN,
  ANOMALY_HOURS_COMPARED_MIN,
  ANOMALY_USERS_TRIED,
} from "../../limits.ts";
import { type Observed, observe } from "../../storage/anomalies.ts";
import { addMetrics } from "../../storage/metrics.ts";
import { labelText } from "../../telemetry/labels.ts";
import { log } from "../../telemetry/log.ts";
import type { Services } from "../services.ts";

/** What was found, and how many of it. */
export interface Anomaly {
  readonly kind:
    | "password_spraying"
    | "forbidden_burst"
    | "made_at_odd_hours"
    | "many_exports"
    | "many_conflicts"
    | "accepted_fell";
  readonly count: number;
}

/** Which of the figures are out of the ordinary. What is not known yet is not. */
export function anomaliesIn(observed: Observed): Anomaly[] {
  const { users_tried, forbidden, made_at_odd_hours, exports, conflicts, accepted } = observed;
  const found: [Anomaly["kind"], number | null, boolean][] = [
    ["password_spraying", users_tried, users_tried >= ANOMALY_USERS_TRIED],
    ["forbidden_burst", forbidden, forbidden !== null && forbidden >= ANOMALY_FORBIDDEN],
    ["made_at_odd_hours", made_at_odd_hours, made_at_odd_hours > 0],
    ["many_exports", exports, exports >= ANOMALY_EXPORTS],
    ["many_conflicts", conflicts, conflicts >= ANOMALY_CONFLICTS],
    ["accepted_fell", accepted.now, fell(accepted)],
  ];
  return found.flatMap(([kind, count, is]) => (is && count !== null ? [{ kind, count }] : []));
}

/**
 * Whether far fewer events were accepted than in the same hour of the days before, of which the poorest counts. A counter
 * that went back was restored, and says nothing.
 */
function fell({ now, before }: Observed["accepted"]): boolean {
  if (now === null || now < 0 || before.length < ANOMALY_HOURS_COMPARED_MIN) return false;
  const least = Math.min(...before);
  return least >= ANOMALY_ACCEPTED_MIN && now < least * ANOMALY_ACCEPTED_SHARE;
}

/** Reports and counts what is out of the ordinary. `now` is in milliseconds since 1970. */
export async function detectAnomalies({ db }: Pick<Services, "db">, now: number): Promise<void> {
  const anomalies = anomaliesIn(await observe(db, now));
  for (const { kind, count } of anomalies) log("warn", "anomaly", { kind, count });
  await addMetrics(
    db,
    anomalies.map(({ kind }) => ({ name: "anomalies_total", labels: labelText({ kind }), value: 1 })),
  );
}

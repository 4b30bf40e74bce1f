import { type ConsumerConfig, parseConsumerConfig } from "../config.ts";
import { MISCONFIGURED_RETRY_DELAY_SECONDS } from "../limits.ts";
import { type Database, openDatabase } from "../storage/core/client.ts";
import { failureCode, failureOf } from "../storage/core/failure.ts";
import { isTooPowerful } from "../storage/health.ts";
import { addMetrics } from "../storage/metrics.ts";
import { flushSoon } from "../telemetry/flush.ts";
import { log } from "../telemetry/log.ts";
import { createMetricBuffer } from "../telemetry/metric-buffer.ts";
import { type ActiveSet, createActiveSet } from "./active-set/active-set.ts";
import { bucketSnapshots } from "./active-set/snapshots.ts";
import { keepDeadLetters } from "./dead-letters/dead-letters.ts";
import { decideBatch } from "./decide/decide-batch.ts";
import { enforceRetention } from "./scheduled/retention.ts";

let config: ConsumerConfig | undefined;
/** Kept for the isolate's life, so that a batch costs no reading of campaigns. */
let activeSet: ActiveSet | undefined;
const metricBuffer = createMetricBuffer();

export default {
  async queue(batch, env, context) {
    config ??= configOf(env);
    if (config === undefined) {
      batch.retryAll({ delaySeconds: MISCONFIGURED_RETRY_DELAY_SECONDS });
      return;
    }
    const db = openDatabase(config.database);
    const count = () => flushSoon(metricBuffer, (increments) => addMetrics(db, increments), context);
    if (batch.queue.endsWith("-dlq")) {
      await keepDeadLetters(db, batch, metricBuffer);
      return count();
    }
    activeSet ??= createActiveSet({ snapshots: bucketSnapshots(env.SNAPSHOTS) });
    await decideBatch(db, activeSet, batch, {
      metricBuffer,
      analytics: (env as Partial<ConsumerBindings>).ANALYTICS,
    });
    count();
    // After the batch is acknowledged: nobody waits for it.
    context.waitUntil(Promise.resolve(activeSet).then((set) => set.compact()));
  },

  async scheduled(_controller, env) {
    config ??= configOf(env);
    if (config === undefined) throw new Error("misconfigured");
    const db = openDatabase(config.database);
    activeSet ??= createActiveSet({ snapshots: bucketSnapshots(env.SNAPSHOTS) });
    // None ends another by failing.
    const jobs = await Promise.allSettled([
      enforceRetention(db, config.retention, Date.now),
      keepSnapshot(db, activeSet),
      checkRole(db),
    ]);
    const failures = jobs.flatMap((job) => (job.status === "rejected" ? [failureOf(job.reason)] : []));
    for (const failure of failures) {
      log("error", "scheduled_job_failed", { failure: failureCode(failure) });
    }
    // Not as it was thrown: the runtime logs it, and a query's error holds the statement.
    if (failures.length > 0) throw new Error("a scheduled job failed");
  },
} satisfies ExportedHandler<ConsumerBindings>;

/** Nobody can ask this Worker for its health: it says so itself. */
async function checkRole(db: Database): Promise<void> {
  if (await isTooPowerful(db, "campaign_manager_consumer")) log("error", "database_role_too_powerful", {});
}

async function keepSnapshot(db: Database, set: ActiveSet): Promise<void> {
  await set.refresh(db);
  await set.store();
}

/** Undefined when the environment is wrong: the log then says what, by binding name. */
function configOf(env: ConsumerBindings): ConsumerConfig | undefined {
  const parsed = parseConsumerConfig(env);
  if (parsed.ok) return parsed.config;
  log("error", "misconfigured", { problems: parsed.problems });
  return undefined;
}

import { LOGIN_CLEANUP_ROWS_MAX, LOGIN_CLEANUP_STATEMENTS_MAX } from "../../limits.ts";
import { forgetOldLogins } from "../../storage/login-throttle.ts";
import { describeError, log } from "../../telemetry/log.ts";
import type { Services } from "../services.ts";
import { detectAnomalies } from "./anomalies.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { measureCampaigns } from "./measure.ts";
import { sweepLetters, sweepQueues } from "./sweep.ts";

/** What the cron trigger does. A job that fails does not stop the others; it is logged, and the next run does its work. */
export async function runSchedule(services: Services, now: number): Promise<void> {
  const { db } = services;
  // First, and without the database: this job reports a database that is down.
  await attempt("queue_sweep_failed", () => sweepQueues(services, now));
  await attempt("letter_sweep_failed", () => sweepLetters(services, now));
  await attempt("audit_checkpoint_failed", () => writeCheckpoint(services, now));
  await attempt("anomaly_detection_failed", () => detectAnomalies(services, now));
  await attempt("measuring_failed", () => measureCampaigns(db));
  await attempt("login_cleanup_failed", async () => {
    for (let statements = 0; statements < LOGIN_CLEANUP_STATEMENTS_MAX; statements++) {
      if ((await forgetOldLogins(db)) < LOGIN_CLEANUP_ROWS_MAX) return;
    }
  });
}

async function attempt(failure: string, job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } catch (error) {
    log("error", failure, describeError(error));
  }
}

import { LOGIN_CLEANUP_ROWS_MAX, LOGIN_CLEANUP_STATEMENTS_MAX } from "../../limits.ts";
import { forgetOldLogins } from "../../storage/login-throttle.ts";
import { describeError, log } from "../../telemetry/log.ts";
import type { Services } from "../services.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { sweepLetters, sweepQueues } from "./sweep.ts";

/** What the cron trigger does. Jobs fail alone, are logged, and are done by the next run. */
export async function runSchedule(services: Services, now: number): Promise<void> {
  const { db, keys } = services;
  // First, and apart from the database: this is what tells of a database that is down.
  await attempt("queue_sweep_failed", () => sweepQueues(services, now));
  await attempt("letter_sweep_failed", () => sweepLetters(services, now));
  await attempt("audit_checkpoint_failed", () => writeCheckpoint(db, keys, now));
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

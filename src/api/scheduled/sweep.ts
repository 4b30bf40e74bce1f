/**
 * Finds accepted events that are neither decided nor discarded after too long, and reports them in the log. It runs in
 * the API Worker, because it has to notice a consumer that does not run. The API already has the queue's binding, so
 * that it gains no right by this.
 */
import {
  RESOLVE_LETTERS,
  RESOLVE_STATEMENTS_MAX,
  STUCK_MESSAGE_SECONDS,
  STUCK_REPLAY_SECONDS,
} from "../../limits.ts";
import type { Database } from "../../storage/core/client.ts";
import { readStuck, type SettledReplays, settleReplays } from "../../storage/stuck.ts";
import { log } from "../../telemetry/log.ts";
import { formatTime } from "../../time.ts";
import { ageOf, type Backlog, backlogOf, queuesOf } from "../queues/backlog.ts";
import type { Services } from "../services.ts";

/** Reports a queue whose oldest message has waited too long. `now` is in milliseconds since 1970. */
export async function sweepQueues(
  services: Pick<Services, "queue" | "deadLetterQueue">,
  now: number,
): Promise<void> {
  for (const [name, queue] of queuesOf(services)) {
    const backlog = await backlogOf(queue);
    if (backlog === undefined || ageOf(backlog, now) <= STUCK_MESSAGE_SECONDS) continue;
    log("error", "queue_stuck", {
      queue: name,
      messages: backlog.messages,
      bytes: backlog.bytes,
      age_seconds: Math.floor(ageOf(backlog, now)),
    });
  }
}

/** Opens letters again whose replayed event was lost, and reports letters that have been open for too long. */
export async function sweepLetters(
  { db, queue }: Pick<Services, "db" | "queue">,
  now: number,
): Promise<void> {
  const { resolved, reopened } = await settleAll(db, formatTime(lostBefore(await backlogOf(queue), now)));
  const stuck = await readStuck(db, now);
  const { open: letters, overdue } = stuck;
  log("info", "letters_swept", {
    dead_letters: letters,
    overdue,
    replayed: stuck.replayed,
    resolved,
    reopened,
  });
  if (reopened > 0) log("error", "replays_lost", { reopened });
  if (secondsSince(stuck.oldest_replayed_at, now) > STUCK_REPLAY_SECONDS) {
    log("warn", "replays_waiting", {
      replayed: stuck.replayed,
      age_seconds: secondsSince(stuck.oldest_replayed_at, now),
    });
  }
  if (overdue > 0) {
    log("warn", "dead_letters_waiting", { overdue, age_seconds: secondsSince(stuck.oldest_open_at, now) });
  }
}

/**
 * The time before which a replayed event that is not decided must have been lost: long enough ago, and earlier than
 * anything still in the queue. While the queue does not report its backlog, no replay counts as lost.
 */
export function lostBefore(backlog: Backlog | undefined, now: number): number {
  if (backlog === undefined) return 0;
  return Math.min(now - STUCK_REPLAY_SECONDS * 1_000, backlog.oldestAt ?? now);
}

async function settleAll(db: Database, before: string): Promise<{ resolved: number; reopened: number }> {
  let [resolved, reopened] = [0, 0];
  let from: SettledReplays["next"] = null;
  for (let statements = 0; statements < RESOLVE_STATEMENTS_MAX; statements++) {
    const settled: SettledReplays = await settleReplays(db, before, RESOLVE_LETTERS, from);
    resolved += settled.resolved;
    reopened += settled.reopened;
    from = settled.next;
    if (from === null) break;
  }
  return { resolved, reopened };
}

const secondsSince = (time: string | null, now: number): number =>
  time === null ? 0 : Math.floor((now - Date.parse(time)) / 1_000);

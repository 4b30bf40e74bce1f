/**
 * Finds what was accepted and has not come to an end, and says so in the log. It runs in the API Worker and not in the
 * consumer, because a consumer that does not run is the first thing it is to notice; and the API holds the queue's
 * binding already, so nobody is given a right for it.
 */
import {
  SETTLE_LETTERS,
  SETTLE_STATEMENTS_MAX,
  STUCK_MESSAGE_SECONDS,
  STUCK_REPLAY_SECONDS,
} from "../../limits.ts";
import type { Database } from "../../storage/core/client.ts";
import { readStuck, type SettledReplays, settleReplays } from "../../storage/stuck.ts";
import { log } from "../../telemetry/log.ts";
import { formatTime } from "../../time.ts";
import { ageOf, type Backlog, backlogOf, queuesOf } from "../queues/backlog.ts";
import type { Services } from "../services.ts";

/** A queue whose oldest message has waited too long. `now` is in milliseconds since 1970. */
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

/** Dead letters whose replay came to nothing, which are opened again, and those that nobody sees to. */
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
 * Up to when a replay that is not decided must be lost: long enough ago, and before anything that is still in the
 * queue. While the queue does not say what is in it, none is.
 */
export function lostBefore(backlog: Backlog | undefined, now: number): number {
  if (backlog === undefined) return 0;
  return Math.min(now - STUCK_REPLAY_SECONDS * 1_000, backlog.oldestAt ?? now);
}

async function settleAll(db: Database, before: string): Promise<{ resolved: number; reopened: number }> {
  let [resolved, reopened] = [0, 0];
  let from: SettledReplays["next"] = null;
  for (let statements = 0; statements < SETTLE_STATEMENTS_MAX; statements++) {
    const settled: SettledReplays = await settleReplays(db, before, SETTLE_LETTERS, from);
    resolved += settled.resolved;
    reopened += settled.reopened;
    from = settled.next;
    if (from === null) break;
  }
  return { resolved, reopened };
}

const secondsSince = (time: string | null, now: number): number =>
  time === null ? 0 : Math.floor((now - Date.parse(time)) / 1_000);

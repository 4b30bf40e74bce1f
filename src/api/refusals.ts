import { REFUSALS_FLUSH_MS } from "../limits.ts";
import type { RefusalCount, RefusalName } from "../storage/security-counters.ts";

/** Refusals that this isolate has yet to count in the database. Data only: no request waits for another's I/O. */
export interface Refusals {
  add(name: RefusalName, reason: string, count?: number): void;
  /** Whether the caller is to `take` them soon: true for one caller until somebody takes, or is long overdue. */
  claimFlush(now: number): boolean;
  /** Hands out everything gathered, and forgets it. */
  take(): RefusalCount[];
}

export function createRefusals(): Refusals {
  const counts = new Map<string, RefusalCount>();
  let claimedUntil = 0;
  return {
    add(name, reason, count = 1) {
      const key = `${name} ${reason}`;
      counts.set(key, { name, reason, count: (counts.get(key)?.count ?? 0) + count });
    },
    claimFlush(now) {
      if (now < claimedUntil) return false;
      // A claim ends by itself: whoever made it may have been cancelled.
      claimedUntil = now + 10 * REFUSALS_FLUSH_MS;
      return true;
    },
    take() {
      const taken = [...counts.values()];
      counts.clear();
      claimedUntil = 0;
      return taken;
    },
  };
}

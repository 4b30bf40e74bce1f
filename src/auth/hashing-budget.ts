import { createBulkhead } from "../bulkhead.ts";
import { HASHING_GONE_MS, HASHING_HOLD_MS_MAX, HASHING_KIB_MAX } from "../limits.ts";

/**
 * How much password hashing one isolate takes on at once, in KiB of the hashes' memory; who finds no room waits in a
 * queue, first come, first served.
 *
 * argon2id hashes share one memory (argon2id.ts) and run one after another: each holds the isolate for about two
 * milliseconds a MiB (docs/security/measurements.md). The budget bounds how many can follow each other while all other
 * requests of the isolate wait: 64 MiB, three of today's cost or one of the dearest that is imported, are about a tenth
 * of a second.
 *
 * Whoever waits looks again after a while on a timer of its own (api/accounts/hashing.ts): a promise that one request
 * awaits and another resolves is what workerd forbids.
 */
export interface HashingBudget {
  enqueue(): QueuePlace;
}

export interface QueuePlace {
  /** Reserves `kib` and returns what gives it back; undefined when there is no room, or others came first. */
  enter(kib: number, now: number): (() => void) | undefined;
  /** For whoever waits no longer. */
  leave(): void;
}

export function createHashingBudget(): HashingBudget {
  const running = createBulkhead({ max: HASHING_KIB_MAX, holdMs: HASHING_HOLD_MS_MAX });
  /** When each of those who wait last looked, in the order in which they came. */
  const waiting = new Map<QueuePlace, number>();
  return {
    enqueue() {
      const place: QueuePlace = {
        enter(kib, now) {
          waiting.set(place, now);
          for (const [other, lookedAt] of waiting) {
            if (other === place) break;
            if (now - lookedAt <= HASHING_GONE_MS) return undefined;
            waiting.delete(other); // its request was cancelled
          }
          const release = running.reserve(kib, now);
          if (release !== undefined) waiting.delete(place);
          return release;
        },
        leave: () => void waiting.delete(place),
      };
      return place;
    },
  };
}

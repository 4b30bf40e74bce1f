/**
 * Limits how much of something an isolate takes on at once. When it is full, the next one is refused immediately, so
 * that those already admitted are served.
 *
 * It counts and does not queue: workerd forbids one request to await a promise that another one resolves.
 */
export interface Bulkhead {
  /**
   * Reserves `amount` and returns a function that releases it; undefined when there is no room. `now` in
   * milliseconds.
   */
  reserve(amount: number, now: number): (() => void) | undefined;
}

interface Hold {
  readonly amount: number;
  readonly until: number;
}

/** @param holdMs after which a reservation ends by itself: a request that is cancelled never releases it */
export function createBulkhead({ max, holdMs }: { max: number; holdMs: number }): Bulkhead {
  const holds = new Set<Hold>(); // in the order of their ends
  let total = 0;
  const release = (hold: Hold) => {
    if (holds.delete(hold)) total -= hold.amount;
  };
  return {
    reserve(amount, now) {
      for (const hold of holds) {
        if (hold.until >= now) break;
        release(hold);
      }
      if (total + amount > max) return undefined;
      const hold = { amount, until: now + holdMs };
      holds.add(hold);
      total += amount;
      return () => release(hold);
    },
  };
}

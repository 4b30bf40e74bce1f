/**
 * How much of something an isolate takes on at once: what is full sends the next one away at once, so that those
 * inside are served.
 *
 * A count, not a queue: a promise that one request awaits and another resolves is what workerd forbids.
 */
export interface Bulkhead {
  /** Reserves `amount` and returns what gives it back, or undefined when there is no room. `now` in milliseconds. */
  reserve(amount: number, now: number): (() => void) | undefined;
}

interface Hold {
  readonly amount: number;
  readonly until: number;
}

/** @param holdMs after which a reservation ends by itself: a request that is cancelled gives nothing back */
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

import { HASHING_HOLD_MS_MAX, HASHING_KIB_MAX } from "../limits.ts";

/**
 * How much memory the password hashes of one isolate may take at once. A login's argon2id holds 19 MiB while it
 * runs, an imported hash up to 64 MiB, and an isolate has 128 MB for everything: without a bound, a dozen logins at
 * the same moment end the isolate, and with it every other request in it.
 *
 * That several run at once cannot be left to chance. noble's async variant yields when 10 ms have passed by
 * `Date.now()`; in production that clock stands still between I/O, so a hash mostly runs through, but it moves
 * whenever another request's I/O completes, and then hashes interleave.
 *
 * A count, not a queue: a promise that one request awaits and another resolves is what workerd forbids. Whoever finds
 * no room looks again after a while on a timer of its own (api/hashing.ts).
 */
export interface HashingBudget {
  /** Reserves `kib` of memory and returns what gives it back, or undefined when there is no room. */
  reserve(kib: number, now: number): (() => void) | undefined;
}

export function createHashingBudget(): HashingBudget {
  const held = new Set<{ readonly kib: number; readonly until: number }>();
  return {
    reserve(kib, now) {
      let total = 0;
      for (const hold of held) {
        // A request whose client hangs up is cancelled where it stands, and gives nothing back.
        if (hold.until < now) held.delete(hold);
        else total += hold.kib;
      }
      if (total + kib > HASHING_KIB_MAX) return undefined;
      const hold = { kib, until: now + HASHING_HOLD_MS_MAX };
      held.add(hold);
      return () => void held.delete(hold);
    },
  };
}

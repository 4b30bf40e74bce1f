import { type Bulkhead, createBulkhead } from "../bulkhead.ts";
import { HASHING_HOLD_MS_MAX, HASHING_KIB_MAX } from "../limits.ts";

/**
 * How much memory, in KiB, the password hashes of one isolate may take at once. A login's argon2id holds 19 MiB while
 * it runs, an imported hash up to 64 MiB, and an isolate has 128 MB for everything: without a bound, a dozen logins at
 * the same moment end the isolate, and with it every other request in it.
 *
 * Several do run at once: a hash pauses every millisecond or so (argon2id.ts), and then others begin.
 *
 * Whoever finds no room looks again after a while on a timer of its own (api/hashing.ts).
 */
export type HashingBudget = Bulkhead;

export const createHashingBudget = (): HashingBudget =>
  createBulkhead({ max: HASHING_KIB_MAX, holdMs: HASHING_HOLD_MS_MAX });

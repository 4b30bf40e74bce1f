import { BREAKER_PROBE_MS } from "../../limits.ts";

/**
 * What an isolate has seen of a dependency that may fail: whoever can do without an answer does not wait for one while
 * the last that was asked for did not come.
 */
export interface Breaker {
  /** Whether to ask. After a failure, one in `BREAKER_PROBE_MS` may, and the others do without. */
  mayAsk(now: number): boolean;
  /** It answered. */
  answered(): void;
  /** It did not, or not in time. */
  failed(now: number): void;
}

/** Times are in milliseconds. */
export function createBreaker(): Breaker {
  let nextProbeAt: number | undefined; // undefined while it answers
  return {
    mayAsk(now) {
      if (nextProbeAt === undefined) return true;
      if (now < nextProbeAt) return false;
      nextProbeAt = now + BREAKER_PROBE_MS;
      return true;
    },
    answered() {
      nextProbeAt = undefined;
    },
    failed(now) {
      nextProbeAt = now + BREAKER_PROBE_MS;
    },
  };
}

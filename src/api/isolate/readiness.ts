import { READINESS_CACHE_MS, READINESS_TIMEOUT_MS } from "../../limits.ts";
import { answeredWithin } from "../../timeout.ts";

/** What the Worker needs, by name, and whether it answers. */
export interface Dependencies {
  readonly database: boolean;
  readonly queue: boolean;
  /** Whether the Worker may do more in the database than it should; undefined while that does not answer. */
  readonly tooPowerful: boolean | undefined;
}

/** Each asks one dependency; rejecting or not resolving means that it does not answer. */
export interface Probes {
  /** Answers whether we may do too much there. */
  readonly database: () => Promise<boolean>;
  readonly queue: () => Promise<unknown>;
}

/** What an isolate knows of its dependencies. It keeps data and no promise, so no request waits for another's I/O. */
export interface Readiness {
  /**
   * What was found within the last second, or else what is found now, within `READINESS_TIMEOUT_MS`. While one
   * caller looks, others get what was found last, if it is not older than a look may take. So a flood of probes costs
   * one query a second.
   */
  check(probes: Probes, clock: () => number): Promise<Dependencies>;
}

export function createReadiness(): Readiness {
  let found: { readonly at: number; readonly dependencies: Dependencies } | undefined;
  let lookingUntil = 0;
  return {
    async check(probes, clock) {
      const asked = clock();
      const trusted = READINESS_CACHE_MS + (asked < lookingUntil ? READINESS_TIMEOUT_MS : 0);
      if (found !== undefined && asked - found.at < trusted) return found.dependencies;
      // It expires by itself, because the request that looks may be cancelled and never come back.
      lookingUntil = asked + READINESS_TIMEOUT_MS;
      const [database, queue] = await Promise.all([answer(probes.database), answer(probes.queue)]);
      found = {
        at: clock(),
        dependencies: { database: database.came, queue: queue.came, tooPowerful: database.value },
      };
      lookingUntil = 0;
      return found.dependencies;
    },
  };
}

/** What it answers within `READINESS_TIMEOUT_MS`, if anything. Never rejects, not even for a probe that throws. */
async function answer<Value>(
  probe: () => Promise<Value>,
): Promise<{ readonly came: boolean; readonly value?: Value }> {
  try {
    return { came: true, value: await answeredWithin(probe(), READINESS_TIMEOUT_MS) };
  } catch {
    return { came: false };
  }
}

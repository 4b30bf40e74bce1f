import { READINESS_CACHE_MS, READINESS_TIMEOUT_MS } from "../../limits.ts";
import { answeredWithin } from "../../timeout.ts";

/** What the Worker needs, by name, and whether it answers. */
export interface Dependencies {
  readonly database: boolean;
  readonly queue: boolean;
}

/** Asks one dependency; rejecting or not resolving means that it does not answer. */
type Probe = () => Promise<unknown>;

/** What an isolate knows of its dependencies. It keeps data and no promise, so no request waits for another's I/O. */
export interface Readiness {
  /**
   * What was found within the last second, or else what is found now, within `READINESS_TIMEOUT_MS`. While one
   * caller looks, others get what was found last, if it is not older than a look may take. So a flood of probes costs
   * one query a second.
   */
  check(probes: Readonly<Record<keyof Dependencies, Probe>>, clock: () => number): Promise<Dependencies>;
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
      const [database, queue] = await Promise.all([answers(probes.database), answers(probes.queue)]);
      found = { at: clock(), dependencies: { database, queue } };
      lookingUntil = 0;
      return found.dependencies;
    },
  };
}

/** Whether it does within `READINESS_TIMEOUT_MS`. Never rejects, not even for a probe that throws. */
async function answers(probe: Probe): Promise<boolean> {
  try {
    await answeredWithin(probe(), READINESS_TIMEOUT_MS);
    return true;
  } catch {
    return false;
  }
}

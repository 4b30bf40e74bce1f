import { READINESS_CACHE_MS, READINESS_TIMEOUT_MS } from "../../limits.ts";
import type { DatabaseState } from "../../storage/health.ts";
import { answeredWithin } from "../../timeout.ts";

/** What the Worker needs, by name, and whether it answers. */
export interface Dependencies {
  readonly database: boolean;
  readonly queue: boolean;
  /** What the database answered; null while it does not. */
  readonly found: DatabaseState | null;
}

/** Each asks one dependency; rejecting or not resolving means that it does not answer. */
export interface Probes {
  readonly database: () => Promise<DatabaseState>;
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
      const [database, queue] = await Promise.all([answerOf(probes.database), answerOf(probes.queue)]);
      found = {
        at: clock(),
        dependencies: {
          database: database !== null,
          queue: queue !== null,
          found: database?.answer ?? null,
        },
      };
      lookingUntil = 0;
      return found.dependencies;
    },
  };
}

/** What it answers within `READINESS_TIMEOUT_MS`, or null. Never rejects, not even for a probe that throws. */
async function answerOf<Answer>(probe: () => Promise<Answer>): Promise<{ readonly answer: Answer } | null> {
  try {
    return { answer: await answeredWithin(probe(), READINESS_TIMEOUT_MS) };
  } catch {
    return null;
  }
}

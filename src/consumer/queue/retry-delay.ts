import { RETRY_DELAY_SECONDS_MAX, RETRY_DELAY_SECONDS_MIN } from "../../limits.ts";

/**
 * Seconds to wait before the next delivery: doubling with every attempt, up to `max`, and spread by up to half,
 * so that messages that failed together do not come back together.
 *
 * @param attempts deliveries so far, from 1
 * @param random uniform in [0, 1)
 */
export function retryDelay(attempts: number, random: number, max = RETRY_DELAY_SECONDS_MAX): number {
  const ceiling = Math.min(max, RETRY_DELAY_SECONDS_MIN * 2 ** (attempts - 1));
  return Math.ceil(ceiling * (0.5 + random / 2));
}

import { hashingKib, type PasswordScheme } from "../../auth/passwords.ts";
import { HASHING_WAIT_MS_MAX, HASHING_WAIT_STEP_MS } from "../../limits.ts";
import type { Accounts } from "./dependencies.ts";
import type { Busy } from "./refusals.ts";

/**
 * Does `work`, which verifies `hash` or makes a hash of that scheme, within the isolate's budget. `busy`, with nothing
 * done, when there is no room for it within `HASHING_WAIT_MS_MAX`.
 */
export async function withinHashingBudget<Result>(
  accounts: Pick<Accounts, "hashing" | "clock">,
  hash: string | PasswordScheme,
  work: () => Promise<Result>,
): Promise<Result | Busy> {
  const release = await reserve(accounts, hashingKib(hash));
  if (release === undefined) return { ok: false, reason: "busy" };
  try {
    return await work();
  } finally {
    release();
  }
}

async function reserve(
  { hashing, clock }: Pick<Accounts, "hashing" | "clock">,
  kib: number,
): Promise<(() => void) | undefined> {
  const place = hashing.enqueue();
  for (let waited = 0; ; waited += HASHING_WAIT_STEP_MS) {
    const release = place.enter(kib, clock.now());
    if (release !== undefined) return release;
    if (waited >= HASHING_WAIT_MS_MAX) break;
    await clock.sleep(HASHING_WAIT_STEP_MS);
  }
  place.leave();
  return undefined;
}

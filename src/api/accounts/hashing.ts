import type { Context } from "hono";
import type { HashingBudget } from "../../auth/hashing-budget.ts";
import { type PasswordScheme, workingMemoryKib } from "../../auth/passwords.ts";
import { HttpProblem } from "../../errors.ts";
import { HASHING_RETRY_SECONDS, HASHING_WAIT_MS_MAX, HASHING_WAIT_STEP_MS } from "../../limits.ts";
import type { AppEnv } from "../services.ts";

/**
 * Does `work`, which verifies `hash` or makes a hash of that scheme, within the isolate's budget.
 * @throws HttpProblem `unavailable` with Retry-After when there is no room for it within `HASHING_WAIT_MS_MAX`
 */
export async function withinHashingBudget<Result>(
  c: Context<AppEnv>,
  hash: string | PasswordScheme,
  work: () => Promise<Result>,
): Promise<Result> {
  const release = await reserve(c.env.hashing, workingMemoryKib(hash));
  if (release === undefined) {
    throw new HttpProblem("unavailable", { headers: { "Retry-After": String(HASHING_RETRY_SECONDS) } });
  }
  try {
    return await work();
  } finally {
    release();
  }
}

async function reserve(hashing: HashingBudget, kib: number): Promise<(() => void) | undefined> {
  for (let waited = 0; ; waited += HASHING_WAIT_STEP_MS) {
    const release = hashing.reserve(kib, Date.now());
    if (release !== undefined || waited >= HASHING_WAIT_MS_MAX) return release;
    await new Promise((resolve) => setTimeout(resolve, HASHING_WAIT_STEP_MS));
  }
}

import type { Context } from "hono";
import type { Accounts, Clock, Origin } from "../accounts/dependencies.ts";
import { clientAddress } from "../http/client-address.ts";
import { limitedDatabase } from "../isolate/limited-database.ts";
import type { AppEnv } from "../services.ts";

const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** What src/api/accounts works with, of this isolate. */
export function accountsOf({ env }: Context<AppEnv>): Accounts {
  const { db, hashing, pseudonym, config, capacity } = env;
  const { passwords, passwordWords } = config;
  const admission = limitedDatabase(db, capacity.logins);
  return { db, admission, hashing, pseudonym, passwords, passwordWords, clock: CLOCK };
}

export const originOf = (c: Context<AppEnv>): Origin => ({
  requestId: c.var.requestId,
  address: clientAddress(c),
});

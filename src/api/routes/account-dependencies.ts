import type { Context } from "hono";
import type { Accounts, Clock, Origin } from "../accounts/dependencies.ts";
import { clientAddress } from "../http/client-address.ts";
import type { AppEnv } from "../services.ts";

const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** What src/api/accounts works with, of this isolate. */
export function accountsOf(c: Context<AppEnv>): Accounts {
  const { db, hashing, pseudonym, config } = c.env;
  const { passwords, passwordWords } = config;
  return { db, hashing, pseudonym, passwords, passwordWords, clock: CLOCK };
}

export const originOf = (c: Context<AppEnv>): Origin => ({
  requestId: c.var.requestId,
  address: clientAddress(c),
});

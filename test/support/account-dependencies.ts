import { v7 as uuidv7 } from "uuid";
import type { Accounts, Origin } from "../../src/api/accounts/dependencies.ts";
import { createHashingBudget } from "../../src/auth/hashing-budget.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import type { Database } from "../../src/storage/core/client.ts";
import { createUser } from "../../src/storage/users.ts";

export const PASSWORD = "correct horse battery staple";

/** What src/api/accounts works with: a clock that moves only while somebody sleeps, and pseudonyms that hide nothing. */
export function accountsOn(db: Database): Accounts & { readonly slept: () => number } {
  let now = 0;
  return {
    db,
    admission: db,
    passwords: { algorithm: "argon2id" },
    passwordWords: ["acme"],
    hashing: createHashingBudget(),
    pseudonym: async (text) => Buffer.from(text.padEnd(32, ".")).toString("hex"),
    clock: {
      now: () => now,
      async sleep(milliseconds) {
        now += milliseconds;
      },
    },
    slept: () => now,
  };
}

let origins = 0;

/** Another request from an address that nobody came from before. */
export function newOrigin(): Origin {
  origins += 1;
  return {
    requestId: `request-${origins}`,
    address: { subscriber: `198.51.100.${origins}`, prefix: "198.51.100.0/24" },
  };
}

let hash: Promise<string> | undefined;

/** A new user whose password is `PASSWORD`. */
export async function newAccount(db: Database, username: string): Promise<string> {
  hash ??= hashPassword(PASSWORD, { algorithm: "argon2id" });
  const id = uuidv7();
  const created = await createUser(
    db,
    { id, username, passwordHash: await hash, role: "user" },
    { type: "operator", id: null, requestId: null },
  );
  if (!created.ok) throw new Error(created.reason);
  return id;
}

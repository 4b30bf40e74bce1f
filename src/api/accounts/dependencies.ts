import type { HashingBudget } from "../../auth/hashing-budget.ts";
import type { PasswordScheme } from "../../auth/passwords.ts";
import type { Pseudonym } from "../../auth/pseudonyms.ts";
import type { Actor } from "../../storage/audit.ts";
import type { Database } from "../../storage/core/client.ts";
import type { ClientAddress } from "../http/client-address.ts";

/** What logging in and changing passwords need. */
export interface Accounts {
  readonly db: Database;
  /** The same for what is asked before there is room to hash: of strangers only so much at once. */
  readonly admission: Database;
  /** How new passwords are hashed. */
  readonly passwords: PasswordScheme;
  /** What is refused when a new password is little else, beside the username and the product's name. */
  readonly passwordWords: readonly string[];
  readonly hashing: HashingBudget;
  readonly pseudonym: Pseudonym;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** The request that asks. */
export interface Origin {
  readonly requestId: string;
  /** Undefined where it is not known. */
  readonly address: ClientAddress | undefined;
}

/** A user who changes something of their own, as the audit names them. */
export const ownActor = (userId: string, { requestId, address }: Origin): Actor => ({
  type: "user",
  id: userId,
  requestId,
  addressPrefix: address?.prefix,
});

/** The database users that the Workers log in as (docs/security/database-roles.md). */
import { quoted } from "./connect.ts";

/** By Worker, the role whose rights its user has. */
export const ROLES = { api: "campaign_manager_api", consumer: "campaign_manager_consumer" } as const;

/**
 * Creates a user of a Worker. Settings of a role count for its own logins only, not for those of its members, so that
 * each user is given them: a statement ends after 15 s, five more than a Worker waits for it, and a wait for a lock
 * sooner, and so many sessions do not take the server from everybody else.
 * @param password free of quotes
 */
export const workerUserStatements = (
  worker: keyof typeof ROLES,
  name: string,
  password: string,
): string[] => [
  `CREATE ROLE ${quoted(name)} LOGIN PASSWORD '${password}' CONNECTION LIMIT 100 IN ROLE ${ROLES[worker]}`,
  `ALTER ROLE ${quoted(name)} SET statement_timeout = '15s'`,
  `ALTER ROLE ${quoted(name)} SET lock_timeout = '9s'`,
  `ALTER ROLE ${quoted(name)} SET idle_in_transaction_session_timeout = '15s'`,
];

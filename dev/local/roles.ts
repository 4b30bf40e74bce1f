import { addressOf, type OpenedDatabase, openThrough } from "../../ops/database/open.ts";
import { ROLES } from "../../ops/database/worker-users.ts";
import { failureCode, failureOf } from "../../src/storage/core/failure.ts";
import { isTooPowerful } from "../../src/storage/health.ts";

/** SQLSTATEs: there is no such role, and it is not this user's to take. */
const NOT_TO_TAKE = ["22023", "42501"];

/**
 * Whether requests to this database may have the rights of either Worker's role. Behind the local endpoint they may
 * when the user who opened it may become both; at Neon a request's user is who its password says.
 */
export async function mayTakeRoles({ fetchEndpoint }: OpenedDatabase): Promise<boolean> {
  if (fetchEndpoint === undefined) return false;
  const port = Number(new URL(fetchEndpoint).port);
  for (const role of Object.values(ROLES)) {
    try {
      await isTooPowerful(openThrough(addressOf(undefined, port, role)), role);
    } catch (error) {
      if (NOT_TO_TAKE.includes(failureCode(failureOf(error)))) return false;
      throw error;
    }
  }
  return true;
}

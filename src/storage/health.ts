import { sql } from "drizzle-orm";
import { READINESS_TIMEOUT_MS } from "../limits.ts";
import type { Database } from "./client.ts";

/** Whether the database answers within `READINESS_TIMEOUT_MS`. Never throws. */
export async function isReachable(db: Database): Promise<boolean> {
  const answer = db.execute(sql`select 1`).then(
    () => true,
    () => false,
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READINESS_TIMEOUT_MS);
  });
  return Promise.race([answer, tooLate]).finally(() => {
    if (timer !== undefined) clearTimeout(timer);
  });
}

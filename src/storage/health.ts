import { sql } from "drizzle-orm";
import type { Database } from "./core/client.ts";

/** Resolves when the database answers, and throws what a query throws when it does not. */
export async function ping(db: Database): Promise<void> {
  await db.execute(sql`select 1`);
}

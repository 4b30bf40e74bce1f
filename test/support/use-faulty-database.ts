import { afterAll } from "vitest";
import { type FaultyDatabase, openFaultyDatabase } from "#faulty-database";

/** Opens a database for the tests of a file, and closes it when they are done. */
export async function useFaultyDatabase(): Promise<FaultyDatabase> {
  const opened = await openFaultyDatabase();
  afterAll(opened.close);
  return opened;
}

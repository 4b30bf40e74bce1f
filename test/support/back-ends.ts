import { describe } from "vitest";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "./database.ts";

/** `describe`, once on the embedded database and once on a real Postgres where there is one. */
export function describeOnBothBackEnds(
  name: string,
  body: (open: () => Promise<TestDatabase>) => void,
): void {
  describe(`${name}, embedded`, () => body(() => openTestDatabase()));
  describeWithPostgres(`${name}, on Postgres`, () => body(() => openTestDatabase({ real: true })));
}

import { sql } from "drizzle-orm";
import { expect, inject, test } from "vitest";
import { openDatabase } from "../../../src/storage/core/client.ts";
import { failureOf } from "../../../src/storage/core/failure.ts";
import { PATIENCE_MS } from "../../support/patience.ts";

/** How many requests followed a redirect so far, this one not counted. */
const followed = async (): Promise<number> =>
  (await fetch(`${inject("nodeSide")}/redirects/307`)).json() as Promise<number>;

test.each([301, 302, 303, 307, 308])(
  "a database that answers %i is not followed elsewhere with the connection string",
  async (status) => {
    const before = await followed();
    const db = openDatabase({
      url: "postgres://user:secret@database.example/name",
      fetchEndpoint: `${inject("nodeSide")}/redirects/${status}`,
      timeoutMs: PATIENCE_MS,
    });
    const error: unknown = await db.execute(sql`select 1`).catch((thrown: unknown) => thrown);
    expect(failureOf(error)).toMatchObject({ kind: "unavailable" });
    expect(await followed()).toBe(before + 1);
  },
);

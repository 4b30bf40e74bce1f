import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { limitedDatabase } from "../../../src/api/isolate/limited-database.ts";
import { createBulkhead } from "../../../src/bulkhead.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const { faults, db } = await useFaultyDatabase();
const ONE = sql`select 1 as one`;
const overloaded = expect.objectContaining({ code: "overloaded" });

test("a query holds a place while it is answered, alone or in a batch, and no longer", async () => {
  const limited = limitedDatabase(db, createBulkhead({ max: 1, holdMs: 60_000 }));
  expect((await limited.execute(ONE)).rows).toEqual([{ one: 1 }]);
  const [first, second] = await limited.batch([limited.execute(ONE), limited.execute(ONE)]);
  expect([first.rows, second.rows]).toEqual([[{ one: 1 }], [{ one: 1 }]]);

  const held = faults.fail({ kind: "hold" }, { times: 1 });
  const waiting = limited.execute(ONE).then(({ rows }) => rows);
  await held.struck;
  await expect(limited.execute(ONE)).rejects.toEqual(overloaded);
  await expect(limited.batch([limited.execute(ONE)])).rejects.toEqual(overloaded);
  held.release();
  expect(await waiting).toEqual([{ one: 1 }]);
  expect((await limited.execute(ONE)).rows).toEqual([{ one: 1 }]);
});

test("a query that fails gives its place back", async () => {
  const limited = limitedDatabase(db, createBulkhead({ max: 1, holdMs: 60_000 }));
  for (let n = 0; n < 3; n++) await expect(limited.execute(sql`select nothing`)).rejects.toThrow();
  expect((await limited.execute(ONE)).rows).toEqual([{ one: 1 }]);
});

test("a query that nobody awaits takes no place", async () => {
  const limited = limitedDatabase(db, createBulkhead({ max: 1, holdMs: 60_000 }));
  limited.execute(ONE);
  expect((await limited.execute(ONE)).rows).toEqual([{ one: 1 }]);
});

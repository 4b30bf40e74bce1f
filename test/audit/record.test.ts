/** The text that hashes are taken over: ours must be the database's, byte for byte. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuditEntry, hashOf, jsonbText, recordOf } from "../../src/audit/record.ts";
import { listAudit } from "../../src/storage/audit.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { jsonValue } from "../support/arbitrary-rules.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
});
afterAll(() => database?.close());

/** Values as an export carries them, drawn to hit what could differ: key order, escapes, exponents. */
const exported = fc
  .oneof(
    jsonValue,
    fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }),
    fc.dictionary(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  )
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => !/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(value)));

test("any JSON value is written as Postgres writes jsonb", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(exported, { minLength: 20, maxLength: 40 }), async (values) => {
      const [row] = await database.sql`select ${JSON.stringify(values)}::jsonb::text as text`;
      expect(jsonbText(values)).toBe(row?.["text"]);
    }),
    { numRuns: 60 },
  );
});

test.each([
  [1e21, "1000000000000000000000"],
  [1.5e300, `15${"0".repeat(299)}`],
  [-1e-7, "-0.0000001"],
  [5e-324, `0.${"0".repeat(323)}5`],
  [0.1, "0.1"],
  [-0, "0"],
])("%d is written without an exponent", (value, text) => {
  expect(jsonbText(value)).toBe(text);
});

test("an entry that was exported and parsed again has the record and the hash of the database", async () => {
  const image = { rule: { b: [1e21, 5e-324, 'é\u0001"\\'], aa: null, é: {} }, name: "x" };
  await database.sql`
    insert into audit_log (id, actor_type, actor_id, actor_address, action, target_type, target_id, before, after,
                           request_id)
    values (gen_random_uuid(), 'user', 'u', '203.0.113.0/24', 'campaign.update', 'campaign', 'c',
            ${JSON.stringify(image)}, ${JSON.stringify({ ...image, name: "y" })}, 'r'),
           (gen_random_uuid(), 'operator', null, null, 'user.create', 'user', 'v', null, '{}', null)`;
  const { rows } = await listAudit(db, {}, 100, undefined);
  const records = await database.sql`select audit_record(a) as record from audit_log a order by seq desc`;
  const entries = rows.map((row): AuditEntry => JSON.parse(JSON.stringify(row)));
  expect(entries).toHaveLength(2);
  expect(entries.map(recordOf)).toEqual(records.map(({ record }) => record));
  expect(await Promise.all(entries.map(hashOf))).toEqual(entries.map(({ hash }) => hash));
});

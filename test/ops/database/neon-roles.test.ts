/** Every request has the rights of the role that its connection string names, and none of the request before. */
import { NeonDbError, type NeonQueryFunction, neon } from "@neondatabase/serverless";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migratePostgres } from "../../../ops/database/migrations.ts";
import type { Backend } from "../../../ops/database/neon-endpoint/backend.ts";
import { type NeonEndpoint, startNeonEndpoint } from "../../../ops/database/neon-endpoint/endpoint.ts";
import { openPostgres } from "../../../ops/database/neon-endpoint/postgres.ts";
import { OPENER } from "../../../ops/database/neon-endpoint/request.ts";
import { ROLES } from "../../../ops/database/worker-users.ts";
import { createPostgresDatabase, describeWithPostgres } from "../../support/database.ts";
import { databaseUrlOf, useDriverAsItIs, useEndpointAtAddress } from "../../support/endpoint-address.ts";
import { openMigratedPglite } from "../../support/migrated-pglite.ts";

beforeAll(useDriverAsItIs);

type Sql = NeonQueryFunction<false, false>;
type Who = keyof typeof ROLES | "opener";

const USERS: Readonly<Record<Who, string>> = { ...ROLES, opener: OPENER };

/** What each may do, as Postgres sees it; the whole of it is in test/storage/database-roles.test.ts. */
const STATEMENTS: readonly (readonly [statement: string, may: Readonly<Record<Who, boolean>>])[] = [
  ["SELECT count(*) FROM users", { api: true, consumer: false, opener: true }],
  ["SELECT count(*) FROM audit_log", { api: true, consumer: false, opener: true }],
  ["SELECT count(*) FROM campaigns", { api: true, consumer: true, opener: true }],
  ["SELECT assert_campaign_epoch(0)", { api: false, consumer: true, opener: true }],
  ["SELECT count(*) FROM drizzle.__drizzle_migrations", { api: false, consumer: false, opener: true }],
  ["DELETE FROM audit_log WHERE false", { api: false, consumer: false, opener: true }],
  ["CREATE TABLE mine ()", { api: false, consumer: false, opener: true }],
];

function describeRoles(
  name: string,
  describeIt: (name: string, body: () => void) => void,
  open: () => Promise<{ readonly backend: Backend; readonly drop: () => Promise<void> }>,
) {
  describeIt(`roles over ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let endpoint: NeonEndpoint;
    let as: Record<Who, Sql>;
    let opener: string;

    beforeAll(async () => {
      opened = await open();
      endpoint = await startNeonEndpoint({ backend: opened.backend });
      useEndpointAtAddress();
      const sqlOf = (who: Who) => neon(databaseUrlOf(endpoint.url, USERS[who]));
      as = { api: sqlOf("api"), consumer: sqlOf("consumer"), opener: sqlOf("opener") };
      const [row] = await as.opener`SELECT current_user AS name`;
      opener = row?.["name"];
    });
    afterAll(async () => {
      await endpoint.close();
      await opened.backend.close();
      await opened.drop();
    });

    const current = async (who: Who) => (await as[who]`SELECT current_user AS name`)[0]?.["name"];
    const nameOf = (who: Who) => (who === "opener" ? opener : ROLES[who]);

    describe.each(STATEMENTS)("%s", (statement, may) => {
      test.each(Object.keys(USERS) as Who[])("as %s", async (who) => {
        // Undone, whoever may do it.
        const batch = as[who].transaction([as[who].query(statement), as[who]`SELECT 1 / 0`]);
        await expect(batch).rejects.toMatchObject({ code: may[who] ? "22012" : "42501" });
      });
    });

    test("has a batch's rights in each of its statements", async () => {
      const batch = await as.consumer.transaction([
        as.consumer`SELECT current_user AS name`,
        as.consumer`SELECT current_user AS name`,
      ]);
      expect(batch).toEqual([[{ name: ROLES.consumer }], [{ name: ROLES.consumer }]]);
    });

    test("refuses a role that there is not, and serves the next", async () => {
      const nobody = neon(databaseUrlOf(endpoint.url, "nobody_of_this_name"));
      await expect(nobody`SELECT 1`).rejects.toMatchObject({
        message: 'role "nobody_of_this_name" does not exist',
        code: "22023",
      });
      expect(await current("opener")).toBe(opener);
    });

    test("takes a role's name as a name, whatever is in it", async () => {
      const hostile = neon(databaseUrlOf(endpoint.url, encodeURIComponent('none"; RESET ROLE; --')));
      await expect(hostile`SELECT 1`).rejects.toMatchObject({ code: "22023" });
    });

    /** Ways in which a request ends, with the code of its error, if it has one. */
    const endings: readonly {
      readonly name: string;
      readonly code?: string;
      readonly run: (sql: Sql) => Promise<unknown>;
    }[] = [
      { name: "a statement", run: (sql) => sql`SELECT 1` },
      { name: "a batch", run: (sql) => sql.transaction([sql`SELECT 1`, sql`SELECT 2`]) },
      { name: "an error", code: "22012", run: (sql) => sql`SELECT 1 / 0` },
      { name: "a syntax error", code: "42601", run: (sql) => sql`SELEKT` },
      {
        name: "an error in a batch",
        code: "22012",
        run: (sql) => sql.transaction([sql`SELECT 1`, sql`SELECT 1 / 0`, sql`SELECT 2`]),
      },
      { name: "a transaction left open", run: (sql) => sql`BEGIN` },
      {
        name: "an open transaction that failed",
        code: "22012",
        run: async (sql) => {
          await sql`BEGIN`;
          return sql`SELECT 1 / 0`;
        },
      },
      { name: "another role, taken by the statement", run: (sql) => sql`SET ROLE NONE` },
    ];

    test("gives nobody the rights of the request before, however that ended", async () => {
      const request = fc.record({
        who: fc.constantFrom<Who>("api", "consumer", "opener"),
        ending: fc.constantFrom(...endings),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (requests) => {
          for (const { who, ending } of requests) {
            const outcome = await ending.run(as[who]).then(
              () => undefined,
              (error: unknown) => (error instanceof NeonDbError ? error.code : error),
            );
            expect(outcome, ending.name).toBe(ending.code);
            expect(await current("opener")).toBe(opener);
          }
        }),
        { numRuns: 30 },
      );
    });

    test("keeps requests apart that come at once", async () => {
      const asked = Array.from(
        { length: 60 },
        (_, index) => (["api", "consumer", "opener"] as const)[index % 3] ?? "api",
      );
      expect(await Promise.all(asked.map(current))).toEqual(asked.map(nameOf));
    });
  });
}

describeRoles("embedded Postgres", describe, async () => ({
  backend: await openMigratedPglite(),
  drop: async () => {},
}));

describeRoles("a real Postgres", describeWithPostgres, async () => {
  const { url, drop } = await createPostgresDatabase();
  await migratePostgres(url);
  return { backend: await openPostgres(url), drop };
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import type { TestDatabase } from "../support/database.ts";

const CHANGES = {
  "the name": "name = 'Other'",
  "the description": "description = 'Other'",
  "the version": "version = 2",
  "the start": "starts_at = '2026-01-01T00:00:00Z'",
  "the end": "ends_at = '2027-01-01T00:00:00Z'",
  "nothing at all": "revision = revision + 1",
};

/** Status, what changes, and whether the active set is then another one. */
const TABLE: readonly (readonly [string, keyof typeof CHANGES, boolean])[] = (
  ["draft", "active", "paused", "archived"] as const
).flatMap((status) =>
  (Object.keys(CHANGES) as (keyof typeof CHANGES)[]).map(
    (what) =>
      [
        status,
        what,
        status === "active" && /version|start|end$/.test(what) && what !== "nothing at all",
      ] as const,
  ),
);

/** From, to, whether the active set is then another one. */
const TRANSITIONS = [
  ["draft", "active", true],
  ["active", "paused", true],
  ["paused", "active", true],
  ["active", "archived", true],
  ["paused", "archived", false],
  ["draft", "paused", false],
  ["active", "active", false],
] as const;

describeOnBothBackEnds("the epoch", (open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  async function insert(status: string): Promise<string> {
    const [row] = await database.sql`
      with c as (
        insert into campaigns (id, name, status) values (gen_random_uuid(), 'Campaign', ${status}) returning id
      ), v as (
        insert into campaign_versions (campaign_id, version, rule, created_by)
        select id, n, '{}', 'test' from c, generate_series(1, 2) n
      )
      select id from c`;
    return String(row?.["id"]);
  }

  const epoch = async () => Number((await database.sql`select epoch from campaign_epoch`)[0]?.["epoch"]);
  const epochOf = async (id: string) =>
    Number((await database.sql`select epoch from campaigns where id = ${id}`)[0]?.["epoch"]);

  async function expectMoved(moves: boolean, id: string, change: string): Promise<void> {
    const [before, own] = [await epoch(), await epochOf(id)];
    await database.sql.query(`update campaigns set ${change} where id = $1`, [id]);
    expect(await epoch()).toBe(moves ? before + 1 : before);
    expect(await epochOf(id)).toBe(moves ? before + 1 : own);
  }

  test.each(TABLE)("a campaign that is %s, a change of %s: moves %s", async (status, what, moves) => {
    await expectMoved(moves, await insert(status), CHANGES[what]);
  });

  test.each(TRANSITIONS)("from %s to %s: moves %s", async (from, to, moves) => {
    await expectMoved(moves, await insert(from), `status = '${to}'`);
  });

  test.each([
    ["draft", false],
    ["active", true],
  ] as const)("a new campaign that is %s: moves %s", async (status, moves) => {
    const before = await epoch();
    const id = await insert(status);
    expect(await epoch()).toBe(moves ? before + 1 : before);
    expect(await epochOf(id)).toBe(moves ? before + 1 : 0);
  });

  test("several campaigns in one statement: each has an epoch of its own", async () => {
    const ids = [await insert("draft"), await insert("draft"), await insert("draft")];
    const before = await epoch();
    await database.sql`update campaigns set status = 'active' where id = any(${ids})`;
    const epochs = await Promise.all(ids.map(epochOf));
    expect(epochs.toSorted((a, b) => a - b)).toEqual([before + 1, before + 2, before + 3]);
  });

  test("a change that is rolled back leaves it", async () => {
    const id = await insert("draft");
    const before = await epoch();
    const { sql } = database;
    await expect(
      sql.transaction([sql`update campaigns set status = 'active' where id = ${id}`, sql`select 1 / 0`]),
    ).rejects.toMatchObject({ code: "22012" });
    expect(await epoch()).toBe(before);
  });
});

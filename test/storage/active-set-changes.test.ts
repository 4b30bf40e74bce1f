import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readActiveSetChanges, transitionCampaign, updateCampaign } from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import { ANY_TYPE, activeCampaign, changed, draftCampaign, OPERATOR } from "../support/campaigns.ts";
import type { TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { forgetAll } from "../support/recorded.ts";

describeOnBothBackEnds("the changes of the active set", (open) => {
  let database: TestDatabase;
  let db: Database;
  let start: number;

  beforeAll(async () => {
    database = await open();
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await forgetAll(database);
    start = (await readActiveSetChanges(db, 0, Number.MAX_SAFE_INTEGER)).epoch;
  });

  const pause = async (id: string) => changed(await transitionCampaign(db, id, "pause", undefined, OPERATOR));

  test("hold a campaign's rule, version, gates and window, in order of epoch", async () => {
    const window = { starts_at: "2026-01-01T00:00:00Z", ends_at: "2026-01-01T00:00:00.500Z" };
    const gates = { group: "checkout", priority: 2 };
    const [a, b] = [await activeCampaign(db), await activeCampaign(db, { ...window, gates })];
    await draftCampaign(db);
    const common = { version: 1, rule: ANY_TYPE };
    expect(await readActiveSetChanges(db, start, start)).toEqual({
      epoch: start + 2,
      changes: [
        { ...common, gates: {}, id: a.id, starts_at: null, ends_at: null, epoch: start + 1 },
        { ...common, gates, id: b.id, ...window, epoch: start + 2 },
      ],
      more: false,
    });
    const rule = { field: "type", operator: "equals", value: "a" } as const;
    changed(await updateCampaign(db, a.id, a.revision, { rule }, OPERATOR));
    expect(await readActiveSetChanges(db, start + 2, start + 2)).toMatchObject({
      epoch: start + 3,
      changes: [{ id: a.id, version: 2, rule, epoch: start + 3 }],
    });
  });

  test("hold who left only for somebody who knew them", async () => {
    const [stays, leaves] = [await activeCampaign(db), await activeCampaign(db)];
    await pause(leaves.id);
    const idsAndRules = async (known: number) =>
      (await readActiveSetChanges(db, start, known)).changes.map(({ id, rule }) => [id, rule]);
    expect(await idsAndRules(Number.MAX_SAFE_INTEGER)).toEqual([[stays.id, ANY_TYPE]]);
    expect(await idsAndRules(start + 2)).toEqual([
      [stays.id, ANY_TYPE],
      [leaves.id, null],
    ]);
  });

  test("are none when nothing changed, and tell the epoch all the same", async () => {
    await draftCampaign(db);
    expect(await readActiveSetChanges(db, start, start)).toEqual({ epoch: start, changes: [], more: false });
  });

  test.each([
    ["campaigns", { campaigns: 2, bytes: 1_000_000 }, [2, 2, 1]],
    // A rule has some forty bytes: a page ends with the one that fills it.
    ["bytes", { campaigns: 100, bytes: 50 }, [2, 2, 1]],
    ["fewer bytes than one rule has", { campaigns: 100, bytes: 1 }, [1, 1, 1, 1, 1, 0]],
    ["exactly as many campaigns as there are", { campaigns: 5, bytes: 1_000_000 }, [5, 0]],
  ])("come in pages of %s", async (_, page, sizes) => {
    const ids = [];
    for (let n = 0; n < 5; n++) ids.push((await activeCampaign(db)).id);
    const found: string[] = [];
    const foundSizes: number[] = [];
    for (let since = start, more = true; more; ) {
      const read = await readActiveSetChanges(db, since, start, page);
      found.push(...read.changes.map(({ id }) => id));
      foundSizes.push(read.changes.length);
      expect(read.epoch).toBe(start + 5);
      more = read.more;
      since = read.changes.at(-1)?.epoch ?? since;
    }
    expect(found).toEqual(ids);
    expect(foundSizes).toEqual(sizes);
  });
});

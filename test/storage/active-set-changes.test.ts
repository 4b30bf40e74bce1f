import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  listVersions,
  readActiveSetChanges,
  transitionCampaign,
  updateCampaign,
} from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import {
  ANY_TYPE,
  activeCampaign,
  campaignFromBefore,
  changed,
  draftCampaign,
  OPERATOR,
} from "../support/campaigns.ts";
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

  describe("hold a rule from before Unicode's case folding", () => {
    const street = { field: "data.x", operator: "contains", value: "ΟΔΟΣ" } as const;
    const read = async () => (await readActiveSetChanges(db, start, start)).changes.map(({ rule }) => rule);
    const semanticsOf = async (id: string) =>
      (await listVersions(db, id, 10, undefined))?.map(({ version, semantics }) => [version, semantics]);

    test("by the semantics it was written under, until it is edited", async () => {
      const id = await campaignFromBefore(database.sql, street);
      const kept = [{ ...street, case: "lowered" }];
      expect(await read()).toEqual(kept);
      expect(await semanticsOf(id)).toEqual([[1, 1]]);

      changed(
        await updateCampaign(db, id, 1, { name: "Renamed", ends_at: "2030-01-01T00:00:00Z" }, OPERATOR),
      );
      changed(await updateCampaign(db, id, 2, { rule: street }, OPERATOR));
      changed(await transitionCampaign(db, id, "pause", undefined, OPERATOR));
      changed(await transitionCampaign(db, id, "activate", undefined, OPERATOR));
      expect(await read()).toEqual(kept);
      expect(await semanticsOf(id)).toEqual([[1, 1]]);

      const edited = { ...street, case: "ignored" } as const;
      changed(await updateCampaign(db, id, 5, { rule: edited }, OPERATOR));
      expect(await read()).toEqual([edited]);
      expect(await semanticsOf(id)).toEqual([
        [2, 2],
        [1, 1],
      ]);
    });

    test("beside one that is new", async () => {
      await campaignFromBefore(database.sql, street);
      const { id } = await activeCampaign(db, { rule: street });
      expect(await read()).toEqual([{ ...street, case: "lowered" }, street]);
      expect(await semanticsOf(id)).toEqual([[1, 2]]);
    });

    test("and refuse what newer code has written", async () => {
      const { id } = await activeCampaign(db);
      await database.sql`
        insert into campaign_versions (campaign_id, version, rule, semantics, created_by)
        values (${id}, 2, ${JSON.stringify(street)}::jsonb, 3, 'operator')`;
      await database.sql`update campaigns set version = 2 where id = ${id}`;
      await expect(read()).rejects.toThrow("rules of semantics 3 are not known here");
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

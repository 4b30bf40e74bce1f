import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createActiveSet } from "../../src/consumer/active-set/active-set.ts";
import { decide } from "../../src/consumer/decide/decide.ts";
import { transitionCampaign } from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { acceptedEvent } from "../support/accepted-events.ts";
import { activeCampaign, changed, OPERATOR } from "../support/campaigns.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { forgetAll, recorded } from "../support/recorded.ts";
import { eventually } from "../support/system.ts";

describeWithPostgres("the epoch's lock", () => {
  let database: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database.close());
  beforeEach(() => forgetAll(database));

  const pause = async (id: string) => changed(await transitionCampaign(db, id, "pause", undefined, OPERATOR));
  const epoch = async () => Number((await database.sql`select epoch from campaign_epoch`)[0]?.["epoch"]);

  /** Waits until so many transactions of this database wait for an advisory lock. */
  const waitingForLock = (count: number) =>
    eventually(async () => {
      const [row] = await database.sql`
        select count(*)::int as waiting from pg_locks
        where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`;
      return row?.["waiting"] === count ? true : undefined;
    });

  /** Commits as a consumer makes them, on one connection, with `work` in the middle of each. */
  async function committer(): Promise<{
    commit(work: () => Promise<unknown>): Promise<void>;
    end(): Promise<void>;
  }> {
    const client = new pg.Client(database.postgresUrl);
    await client.connect();
    return {
      async commit(work) {
        await client.query("begin");
        try {
          await client.query("select assert_campaign_epoch((select epoch from campaign_epoch))");
          await work();
        } finally {
          await client.query("commit");
        }
      },
      end: () => client.end(),
    };
  }

  async function commitDuring(work: () => Promise<unknown>): Promise<void> {
    const { commit, end } = await committer();
    await commit(work).finally(end);
  }

  test("a change waits for the commits in flight, and later commits wait for the change", async () => {
    const [paused, stays] = [await activeCampaign(db), await activeCampaign(db)];
    const activeSet = createActiveSet();
    await activeSet.refresh(db);
    const order: string[] = [];
    const done = (what: string) => () => void order.push(what);

    let pausing: Promise<void> | undefined;
    let deciding: Promise<void> | undefined;
    await commitDuring(async () => {
      pausing = pause(paused.id).then(done("paused"));
      await waitingForLock(1);
      deciding = decide(db, activeSet, [acceptedEvent({ id: "1" })]).then(done("decided"));
      await waitingForLock(2);
      expect(order).toEqual([]);
    });
    await Promise.all([pausing, deciding]);
    // Although it could have shared the lock with the commit in flight: that is how writers are starved.
    expect(order).toEqual(["paused", "decided"]);
    expect((await recorded(database)).matches.map(({ campaign_id }) => campaign_id)).toEqual([stays.id]);
  });

  test("commits do not wait for one another", async () => {
    await activeCampaign(db);
    await commitDuring(async () => {
      const decided = await decide(db, createActiveSet(), [acceptedEvent({ id: "1" })]);
      expect(decided.inserted).toBe(1);
    });
  });

  test("a commit with an epoch that has passed writes nothing", async () => {
    const { id } = await activeCampaign(db);
    const before = await epoch();
    await pause(id);
    await expect(database.sql`select assert_campaign_epoch(${before})`).rejects.toMatchObject({
      code: "CM001",
    });
  });

  test("commits that overlap without a gap do not keep a change waiting", async () => {
    const COMMIT_MS = 200;
    const COMMITTERS = 6;
    /** So many commits, and no more, so that a change that they keep waiting for ever is told. */
    const COMMITS_MAX = 300;
    const campaign = await activeCampaign(db);
    let stopped = false;
    let commits = 0;
    const committing = Array.from({ length: COMMITTERS }, async (_, n) => {
      const { commit, end } = await committer();
      await sleep((n * COMMIT_MS) / COMMITTERS);
      while (!stopped && commits < COMMITS_MAX) {
        await commit(() => sleep(COMMIT_MS)).catch((error) => {
          if (error.code !== "CM001") throw error; // the change came between
        });
        commits += 1;
      }
      await end();
    });
    await eventually(async () => (commits >= 2 * COMMITTERS ? true : undefined));
    await pause(campaign.id).finally(() => {
      stopped = true;
    });
    await Promise.all(committing);
    expect(commits).toBeLessThan(COMMITS_MAX);
  });
});

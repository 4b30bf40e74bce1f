/** What all active campaigns may take of an ordinary event, and how what they take is known. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { measureCampaigns } from "../../src/api/scheduled/measure.ts";
import { ACTIVE_SET_STEPS_MAX, RULE_STEPS_MAX } from "../../src/limits.ts";
import { costOf } from "../../src/rules/cost/rule-cost.ts";
import {
  type CampaignChange,
  listCampaigns,
  transitionCampaign,
  updateCampaign,
} from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { readDatabaseState } from "../../src/storage/health.ts";
import { readMetrics } from "../../src/storage/metrics.ts";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import { activeCampaign, changed, draftCampaign, OPERATOR } from "../support/campaigns.ts";
import { campaignOfBefore } from "../support/costly-campaigns.ts";
import type { TestDatabase } from "../support/database.ts";
import { matches } from "../support/hostile-rules.ts";
import { PATIENCE_MS } from "../support/patience.ts";

const COSTLY = matches("x.{1,100}y");
const { ordinary } = costOf(COSTLY);
const FITTING = Math.floor(ACTIVE_SET_STEPS_MAX / ordinary);
const FREE = { field: "data.n", operator: "at_least", value: 1 } as const;
const OVER_LIMIT = matches("(?i)refund.{1,900}word");

describeOnBothBackEnds("the budget of the active set", (open) => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await open();
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.sql`update campaigns set status = 'paused' where status = 'active'`;
    vi.spyOn(console, "info").mockImplementation(() => {});
    return () => vi.restoreAllMocks();
  });

  const move = (id: string, transition: "activate" | "pause") =>
    transitionCampaign(db, id, transition, undefined, OPERATOR);
  const edit = (id: string, revision: number, rule: typeof COSTLY) =>
    updateCampaign(db, id, revision, { rule }, OPERATOR);
  const refusal = (change: CampaignChange) => (change.ok ? null : change);
  const fill = async () => {
    const campaigns = [];
    for (let n = 0; n < FITTING; n++) campaigns.push(await activeCampaign(db, { rule: COSTLY }));
    return campaigns;
  };
  const sumOfActive = async () => {
    const [row] = await database.sql`
      select coalesce(sum(ordinary_event_steps), 0) as steps from campaigns where status = 'active'`;
    return Number(row?.["steps"]);
  };
  const epoch = async () => (await database.sql`select epoch from campaign_epoch`)[0]?.["epoch"];
  const metric = async (name: string) =>
    (await readMetrics(db)).find((sample) => sample.name === name)?.value;

  test("takes campaigns until it is used up, and names those that take most", async () => {
    const active = await fill();
    expect(await metric("active_set_steps")).toBe(FITTING * ordinary);
    const { id, revision } = await draftCampaign(db, { rule: COSTLY });
    const before = await epoch();
    const refused = refusal(await move(id, "activate"));
    expect(refused).toEqual({
      ok: false,
      reason: "active_set_too_costly",
      added: ordinary,
      others: FITTING * ordinary,
      costliest: active
        .map(({ id, name }) => ({ id, name, ordinary_event_steps: ordinary }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, 10),
    });
    expect(await epoch()).toBe(before);
    // Nothing of it was written.
    expect(refusal(await edit(id, revision, COSTLY))).toBeNull();
    changed(await move(active[0]?.id ?? "", "pause"));
    changed(await move(id, "activate"));
  });

  test("never refuses what adds nothing", async () => {
    await fill();
    const { id, revision } = await activeCampaign(db, { rule: FREE });
    changed(await updateCampaign(db, id, revision, { name: "Other" }, OPERATOR));
  });

  test("refuses a change of an active rule that adds to it, not one that makes a campaign cheaper", async () => {
    await fill();
    const { id, revision } = await activeCampaign(db, { rule: FREE });
    expect(refusal(await edit(id, revision, COSTLY))).toMatchObject({ reason: "active_set_too_costly" });
    await campaignOfBefore(database, OVER_LIMIT);
    await measureCampaigns(db);
    expect(await sumOfActive()).toBeGreaterThan(ACTIVE_SET_STEPS_MAX);
    const [costly] = await database.sql`
      select id, revision from campaigns where status = 'active' order by ordinary_event_steps desc limit 1`;
    changed(await edit(String(costly?.["id"]), Number(costly?.["revision"]), COSTLY));
    expect(await sumOfActive()).toBe((FITTING + 1) * ordinary);
  });

  test("says first what else is wrong", async () => {
    const [active] = await fill();
    const draft = await draftCampaign(db, { rule: COSTLY });
    expect(
      refusal(await transitionCampaign(db, draft.id, "activate", draft.revision + 1, OPERATOR)),
    ).toMatchObject({ reason: "stale" });
    expect(refusal(await move(active?.id ?? "", "activate"))).toMatchObject({ reason: "not_allowed" });
  });

  test("holds for many who activate at once", async () => {
    const drafts = [];
    for (let n = 0; n < FITTING + 6; n++) drafts.push(await draftCampaign(db, { rule: COSTLY }));
    const free = await activeCampaign(db, { rule: FREE });
    const results = await Promise.all([
      ...drafts.map(({ id }) => move(id, "activate")),
      edit(free.id, free.revision, COSTLY),
    ]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(FITTING);
    expect(await sumOfActive()).toBe(FITTING * ordinary);
    for (const result of results) {
      if (!result.ok) expect(result.reason).toBe("active_set_too_costly");
    }
  });

  test("counts campaigns of before once they are measured, and deactivates none of them", async () => {
    const before = await campaignOfBefore(database, OVER_LIMIT);
    const draft = await draftCampaign(db, { rule: FREE });
    await database.sql`update campaigns set measured_version = null where id = ${draft.id}`;
    expect(await sumOfActive()).toBe(0);
    expect((await readDatabaseState(db, "campaign_manager_api")).campaignsOverLimit).toBe(0);
    const [epochBefore, read] = [
      await epoch(),
      () => database.sql`
      select status, revision, version, measured_version, ordinary_event_steps::int as ordinary,
             largest_event_steps::int as largest
      from campaigns where id = ${before.id}`,
    ];
    await measureCampaigns(db, { rows: 1, steps: Number.MAX_SAFE_INTEGER });
    expect(await read()).toEqual([
      { status: "active", revision: 1, version: 1, measured_version: 1, ...costOf(OVER_LIMIT) },
    ]);
    expect(costOf(OVER_LIMIT).largest).toBeGreaterThan(RULE_STEPS_MAX);
    expect(await epoch()).toBe(epochBefore);
    expect((await readDatabaseState(db, "campaign_manager_api")).campaignsOverLimit).toBe(1);
    expect(await metric("campaigns_over_limit")).toBe(1);
    const over = await listCampaigns(db, { over_limit: true, status: "active" }, 10, undefined);
    expect(over.rows.map(({ id }) => id)).toEqual([before.id]);
    const under = await listCampaigns(db, { over_limit: false }, 1_000, undefined);
    expect(under.rows.map(({ id }) => id)).toContain(draft.id);
    expect(under.rows.map(({ id }) => id)).not.toContain(before.id);
    changed(await edit(before.id, 1, COSTLY));
    expect((await readDatabaseState(db, "campaign_manager_api")).campaignsOverLimit).toBe(0);
  });

  test("measures what an API of before has changed since, and stops a run that takes too much", async () => {
    const { id } = await activeCampaign(db, { rule: FREE });
    const others = [await campaignOfBefore(database, COSTLY), await campaignOfBefore(database, COSTLY)];
    await database.sql`
      insert into campaign_versions (campaign_id, version, rule, created_by)
      values (${id}, 2, ${JSON.stringify(COSTLY)}::jsonb, 'before')`;
    await database.sql`update campaigns set version = 2 where id = ${id}`;
    const unmeasured = async () =>
      Number(
        (
          await database.sql`
          select count(*) as n from campaigns where measured_version is distinct from version`
        )[0]?.["n"],
      );
    const all = 1 + others.length;
    expect(await unmeasured()).toBe(all);
    for (let left = all - 1; left >= 0; left--) {
      await measureCampaigns(db, { rows: 10, steps: 1 });
      expect(await unmeasured()).toBe(left);
    }
    expect(await sumOfActive()).toBe(all * ordinary);
  });
});

import { beforeEach, describe, expect, test } from "vitest";
import { openFaultyDatabase } from "#faulty-database";
import { createActiveSet, type SnapshotStore } from "../../../src/consumer/active-set/active-set.ts";
import type { CompiledSet } from "../../../src/consumer/active-set/compiled-set.ts";
import { joinSnapshot } from "../../../src/consumer/active-set/snapshot-body.ts";
import { SNAPSHOT_CAMPAIGNS_MIN } from "../../../src/limits.ts";
import type { AcceptedEvent } from "../../../src/messages.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import { transitionCampaign, updateCampaign } from "../../../src/storage/campaigns.ts";
import { openDatabase } from "../../../src/storage/core/client.ts";
import { acceptedEvent } from "../../support/accepted-events.ts";
import { activeCampaign, changed, draftCampaign, OPERATOR } from "../../support/campaigns.ts";
import { PATIENCE_MS } from "../../support/patience.ts";
import { forgetAll } from "../../support/recorded.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const { database, faults, db } = await useFaultyDatabase();
beforeEach(() => forgetAll(database));

const event = acceptedEvent({ id: "1" });
const matched = (set: CompiledSet | undefined) =>
  set?.index.match(event).toSorted((a, b) => (a.id < b.id ? -1 : 1));

const decided = (set: CompiledSet, event: AcceptedEvent) => set.decide(event, set.index.match(event));

test("follows every change of the active set, reading only what changed", async () => {
  const activeSet = createActiveSet();
  expect(activeSet.current()).toBeUndefined();
  expect(matched(await activeSet.refresh(db))).toEqual([]);

  const [a, b] = [await activeCampaign(db), await activeCampaign(db)];
  await draftCampaign(db);
  expect(matched(await activeSet.refresh(db))).toEqual([a, b].map(({ id }) => ({ id, version: 1 })));

  changed(await transitionCampaign(db, a.id, "pause", undefined, OPERATOR));
  expect(matched(await activeSet.refresh(db))).toEqual([{ id: b.id, version: 1 }]);

  const rule = { field: "type", operator: "equals", value: "purchase" } as const;
  changed(await updateCampaign(db, b.id, b.revision, { rule }, OPERATOR));
  let read: unknown;
  const look = (body: string): boolean => {
    read = JSON.parse(body).params;
    return false;
  };
  const before = activeSet.current()?.epoch;
  const looking = faults.fail({ kind: "drop" }, { when: look });
  expect(matched(await activeSet.refresh(db))).toEqual([{ id: b.id, version: 2 }]);
  looking.release();
  expect(read).toEqual(expect.arrayContaining([String(before), String(before)]));

  changed(await updateCampaign(db, b.id, b.revision + 1, { ends_at: "2026-11-21T10:00:00Z" }, OPERATOR));
  expect(matched(await activeSet.refresh(db))).toEqual([]);
});

test("follows every change of gates, and decides by them", async () => {
  const activeSet = createActiveSet();
  const becomes = async () =>
    Object.fromEntries(decided(await activeSet.refresh(db), event).map(({ id, outcome }) => [id, outcome]));
  const low = await activeCampaign(db, { gates: { group: "g", priority: 1 } });
  const high = await activeCampaign(db, { gates: { group: "g", priority: 2 } });
  const free = await activeCampaign(db);
  expect(await becomes()).toEqual({ [low.id]: "outranked", [high.id]: "granted", [free.id]: "granted" });

  changed(await updateCampaign(db, high.id, high.revision, { gates: { group: null } }, OPERATOR));
  expect(await becomes()).toEqual({ [low.id]: "granted", [high.id]: "granted", [free.id]: "granted" });

  const closed = { zone: "UTC", include: [{ date: "2020-01-01" }] };
  changed(await updateCampaign(db, low.id, low.revision, { gates: { schedule: closed } }, OPERATOR));
  expect(await becomes()).toEqual({ [high.id]: "granted", [free.id]: "granted" });

  changed(await transitionCampaign(db, free.id, "pause", undefined, OPERATOR));
  expect(await becomes()).toEqual({ [high.id]: "granted" });
});

test("knows what it knew when it cannot be read", async () => {
  const { id } = await activeCampaign(db);
  const activeSet = createActiveSet();
  const known = await activeSet.refresh(db);
  faults.fail({ kind: "drop" }, { times: 1 });
  await expect(activeSet.refresh(db)).rejects.toThrow();
  expect(activeSet.current()).toBe(known);
  expect(matched(activeSet.current())).toEqual([{ id, version: 1 }]);
});

test("two batches of one isolate refresh at once: what was read earlier does not turn the set back", async () => {
  const activeSet = createActiveSet();
  const a = await activeCampaign(db);
  const slow = faults.fail({ kind: "hold-reply" }, { times: 1 });
  const earlier = activeSet.refresh(db);
  await slow.struck;
  const b = await activeCampaign(db);
  const later = await activeSet.refresh(db);
  slow.release();
  expect(await earlier).toBe(later);
  expect(matched(activeSet.current())).toEqual([a, b].map(({ id }) => ({ id, version: 1 })));
});

test("reads all anew when the database is an earlier one", async () => {
  const restored = await openFaultyDatabase();
  try {
    const earlier = restored.db;
    const { id } = await activeCampaign(earlier);
    const activeSet = createActiveSet();
    for (let n = 0; n < 3; n++) await activeCampaign(db);
    await activeSet.refresh(db);
    expect(matched(await activeSet.refresh(earlier))).toEqual([{ id, version: 1 }]);
  } finally {
    await restored.close();
  }
});

test.each([
  ["campaigns", { campaigns: 3, bytes: 1_000_000 }],
  ["bytes of rules", { campaigns: 100, bytes: 100 }],
])(
  "of more %s than one page holds, who leaves or changes between two pages is as it is at the end",
  async (_, page) => {
    const campaigns = [];
    for (let n = 0; n < 8; n++) campaigns.push(await activeCampaign(db));
    const [left, closed, ...rest] = campaigns;
    const [alsoLeft, alsoClosed, ...stay] = rest.toReversed();
    if (!left || !closed || !alsoLeft || !alsoClosed) throw new Error("eight campaigns");

    let pages = 0;
    const secondPage = faults.fail({ kind: "hold" }, { when: () => ++pages === 2 });
    const activeSet = createActiveSet({ page });
    const reading = activeSet.refresh(db);
    await secondPage.struck;
    const elsewhere = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
    for (const { id } of [left, alsoLeft]) {
      changed(await transitionCampaign(elsewhere, id, "pause", undefined, OPERATOR));
    }
    for (const { id, revision } of [closed, alsoClosed]) {
      const changes = { ends_at: "2026-01-01T00:00:00Z" };
      changed(await updateCampaign(elsewhere, id, revision, changes, OPERATOR));
    }
    secondPage.release();

    const set = await reading;
    expect(matched(set)?.map(({ id }) => id)).toEqual(stay.map(({ id }) => id).toSorted());
    expect(await database.sql`select epoch from campaign_epoch`).toEqual([{ epoch: String(set.epoch) }]);
  },
);

describe("snapshots", () => {
  /** A store in memory, as the bucket is. */
  function memory(): SnapshotStore & {
    reads: number;
    stored: { epoch: number; body: ArrayBuffer } | undefined;
  } {
    return {
      reads: 0,
      stored: undefined,
      async read() {
        this.reads++;
        return this.stored && { epoch: this.stored.epoch, body: this.stored.body.slice(0) };
      },
      async epoch() {
        return this.stored?.epoch;
      },
      async write(epoch, body) {
        this.stored = { epoch, body };
      },
    };
  }

  /** Fills the database past the size from which a snapshot is kept. */
  async function manyCampaigns(): Promise<void> {
    await database.sql`
      with n as (select gen_random_uuid() as id, i from generate_series(1, ${SNAPSHOT_CAMPAIGNS_MIN + 200}) i),
      c as (insert into campaigns (id, name) select id, 'c' || i from n),
      v as (insert into campaign_versions (campaign_id, version, rule, created_by)
            select id, 1, jsonb_build_object('field', 'data.n', 'operator', 'equals', 'value', i % 7), 'test' from n)
      select 1`;
    await database.sql`update campaigns set status = 'active'`;
  }
  const numbered = acceptedEvent({ id: "1", data: { n: 3 } });
  const matchedIds = (set: CompiledSet) =>
    set.index
      .match(numbered)
      .map(({ id }) => id)
      .sort();

  test("a cold start from one knows what a start from the database knows, and what changed since", async () => {
    await manyCampaigns();
    const snapshots = memory();
    const first = createActiveSet({ snapshots, page: { campaigns: 100, bytes: 1_000_000 } });
    const before = matchedIds(await first.refresh(db));
    expect(before.length).toBeGreaterThan(100);
    await first.store();
    expect(snapshots.stored?.epoch).toBe(first.current()?.epoch);

    const [paused] = before;
    changed(await transitionCampaign(db, paused ?? "", "pause", undefined, OPERATOR));
    const cold = createActiveSet({ snapshots });
    const after = matchedIds(await cold.refresh(db));
    expect(snapshots.reads).toBe(2);
    expect(after).toEqual(before.filter((id) => id !== paused));
    expect(after).toEqual(matchedIds(await createActiveSet().refresh(db)));

    // One change is no reason for a new snapshot, a hundredth of the set is.
    const stored = snapshots.stored;
    await cold.store();
    expect(snapshots.stored).toBe(stored);
    for (const id of after.slice(0, 20)) {
      changed(await transitionCampaign(db, id, "pause", undefined, OPERATOR));
    }
    await cold.refresh(db);
    await cold.store();
    expect(snapshots.stored?.epoch).toBe(cold.current()?.epoch);
    cold.compact();
    expect(matchedIds(await cold.refresh(db))).toEqual(after.slice(20));
  });

  test("holds the gates, and a campaign that lost them since has none", async () => {
    await manyCampaigns();
    const [kept, lost] = [
      await activeCampaign(db, { gates: { sample: { percent: 0 } } }),
      await activeCampaign(db, { gates: { sample: { percent: 0 } } }),
    ];
    const snapshots = memory();
    const first = createActiveSet({ snapshots });
    await first.refresh(db);
    await first.store();
    changed(await updateCampaign(db, lost.id, lost.revision, { gates: { sample: null } }, OPERATOR));
    const found = decided(await createActiveSet({ snapshots }).refresh(db), numbered);
    expect(found.find(({ id }) => id === kept.id)?.outcome).toBe("not_in_sample");
    expect(found.find(({ id }) => id === lost.id)?.outcome).toBe("granted");
  });

  test("one that is damaged, or of a later epoch than the database's, is not believed", async () => {
    const campaign = await activeCampaign(db);
    const expected = [{ id: campaign.id, version: 1 }];
    for (const stored of [
      { epoch: 1, body: new ArrayBuffer(64) },
      { epoch: 1_000_000, body: joinSnapshot([], createIndex([]).snapshot()) },
      { epoch: 1, body: joinSnapshot([], new ArrayBuffer(64)) },
    ]) {
      const set = createActiveSet({ snapshots: { ...memory(), read: async () => stored } });
      expect(matched(await set.refresh(db))).toEqual(expected);
    }
  });
});

import {
  COMPACTION_CHANGES_MIN,
  COMPACTION_SHARE,
  SNAPSHOT_CAMPAIGNS_MIN,
  SNAPSHOT_SHARE,
} from "../../limits.ts";
import type { Campaign } from "../../rules/evaluation/matcher.ts";
import { type CampaignIndex, createIndex, loadIndex } from "../../rules/index/campaign-index.ts";
import { type ActiveSetChange, type ActiveSetPage, readActiveSetChanges } from "../../storage/campaigns.ts";
import type { Database } from "../../storage/core/client.ts";
import { log } from "../../telemetry/log.ts";
import { type CompiledSet, compiledSet, createGates, type GatesOfCampaigns } from "./compiled-set.ts";
import { joinSnapshot, splitSnapshot } from "./snapshot-body.ts";

/** What an isolate knows of the active campaigns, brought up to date by reading only what changed since. */
export interface ActiveSet {
  /** As last read; undefined before the first `refresh`. To be matched with at once: a refresh changes it. */
  current(): CompiledSet | undefined;
  /**
   * Reads what changed; the first time everything, from the snapshot where there is one.
   * @throws what a query throws (storage/core/failure.ts), and then knows what it knew before
   */
  refresh(db: Database): Promise<CompiledSet>;
  /** Compiles what changed into the index, once that is worth it. Not while anybody waits. */
  compact(): void;
  /** Stores a snapshot when the set has moved far enough from the one stored. Not while anybody waits. */
  store(): Promise<void>;
}

interface Known {
  readonly set: CompiledSet;
  readonly index: CampaignIndex;
  readonly gates: GatesOfCampaigns;
}

const knownOf = (epoch: number, index: CampaignIndex, gates: GatesOfCampaigns): Known => ({
  set: compiledSet(epoch, index, gates),
  index,
  gates,
});

/** Where a cold isolate finds the compiled index in one step. It spares time and is never needed. */
export interface SnapshotStore {
  /** Undefined when there is none, or the store does not answer. */
  read(): Promise<{ readonly epoch: number; readonly body: ArrayBuffer } | undefined>;
  /** Of the snapshot stored. */
  epoch(): Promise<number | undefined>;
  write(epoch: number, body: ArrayBuffer): Promise<void>;
}

export interface ActiveSetOptions {
  /** Where a cold start finds the compiled index. Without it, in the database, rule by rule. */
  readonly snapshots?: SnapshotStore;
  /** How much is read in one query; by default what limits.ts says. */
  readonly page?: ActiveSetPage;
}

export function createActiveSet({ snapshots, page }: ActiveSetOptions = {}): ActiveSet {
  let known: Known | undefined;
  return {
    current: () => known?.set,
    async refresh(db) {
      const before = known;
      const start = before ?? (await loadSnapshot(snapshots)) ?? (await readWhole(db, page));
      const { epoch, changes } = await readChanges(db, page, start.set.epoch);
      // An epoch only grows: this is a database restored to an earlier time, and what is known never was there.
      const restored = epoch < start.set.epoch ? await readWhole(db, page) : undefined;
      // Another batch in this isolate may have brought the set further while this one was reading.
      if (known !== before && known !== undefined) return known.set;
      if (restored === undefined) for (const change of changes) apply(start, change);
      known = restored ?? knownOf(epoch, start.index, start.gates);
      return known.set;
    },
    compact() {
      if (known !== undefined) compactWhenDue(known.index);
    },
    async store() {
      if (known === undefined || snapshots === undefined || known.index.size < SNAPSHOT_CAMPAIGNS_MIN) return;
      const { index, gates } = known;
      const { epoch } = known.set;
      const stored = await snapshots.epoch();
      // Behind ours by little; ahead of ours only when the database was restored to an earlier time.
      if (stored !== undefined && stored <= epoch && epoch - stored < index.size * SNAPSHOT_SHARE) return;
      const body = joinSnapshot(gates.stored(), index.snapshot());
      await snapshots.write(epoch, body);
      log("info", "snapshot_stored", { epoch, campaigns: index.size, bytes: body.byteLength });
    },
  };
}

/** The index of the snapshot, or undefined when there is none that can be read: it spares time, no more. */
async function loadSnapshot(snapshots: SnapshotStore | undefined): Promise<Known | undefined> {
  const snapshot = await snapshots?.read();
  if (snapshot === undefined) return undefined;
  const parts = splitSnapshot(snapshot.body);
  const loaded = parts && loadIndex(parts.index);
  if (!loaded?.ok) {
    log("warn", "snapshot_unreadable", { epoch: snapshot.epoch, reason: loaded?.reason ?? "damaged" });
    return undefined;
  }
  const gates = createGates();
  for (const [id, stored] of parts?.gates ?? []) gates.set(id, stored);
  return knownOf(snapshot.epoch, loaded.index, gates);
}

/** Page by page into the index, so that the rules are never all in memory as JSON. */
async function readWhole(db: Database, size: ActiveSetPage | undefined): Promise<Known> {
  let read = knownOf(0, createIndex([]), createGates());
  // Removals before the first page was read are not reported: nothing was known of those campaigns. Those between two
  // pages are.
  let reportRemovalsAfterEpoch = Number.MAX_SAFE_INTEGER;
  for (let since = 0; ; ) {
    const page = await readActiveSetChanges(db, since, reportRemovalsAfterEpoch, size);
    if (since === 0) {
      const index = createIndex(page.changes.flatMap(activeOf));
      const gates = createGates();
      for (const change of page.changes) setGates(gates, change);
      read = knownOf(page.epoch, index, gates);
    } else {
      for (const change of page.changes) apply(read, change);
    }
    compactWhenDue(read.index);
    const last = page.changes.at(-1);
    if (!page.more || last === undefined) return knownOf(page.epoch, read.index, read.gates);
    since = last.epoch;
    reportRemovalsAfterEpoch = Math.min(reportRemovalsAfterEpoch, page.epoch);
  }
}

/** Every change after epoch `known`. */
async function readChanges(
  db: Database,
  size: ActiveSetPage | undefined,
  known: number,
): Promise<{ epoch: number; changes: ActiveSetChange[] }> {
  const changes: ActiveSetChange[] = [];
  for (let since = known; ; ) {
    const page = await readActiveSetChanges(db, since, known, size);
    changes.push(...page.changes);
    const last = page.changes.at(-1);
    if (!page.more || last === undefined) return { epoch: page.epoch, changes };
    since = last.epoch;
  }
}

function compactWhenDue(index: CampaignIndex): void {
  if (index.changes > Math.max(COMPACTION_CHANGES_MIN, index.size * COMPACTION_SHARE)) index.compact();
}

function apply({ index, gates }: Known, change: ActiveSetChange): void {
  const [active] = activeOf(change);
  setGates(gates, change);
  if (active === undefined) index.remove(change.id);
  else index.upsert(active);
}

function setGates(gates: GatesOfCampaigns, { id, rule, gates: own }: ActiveSetChange): void {
  if (rule === null) gates.remove(id);
  else gates.set(id, own);
}

/** The campaign that a change leaves active, if any. */
function activeOf({ id, version, rule, starts_at, ends_at }: ActiveSetChange): Campaign[] {
  return rule === null ? [] : [{ id, version, rule, startsAt: instant(starts_at), endsAt: instant(ends_at) }];
}

const instant = (time: string | null): number | null => (time === null ? null : Date.parse(time));

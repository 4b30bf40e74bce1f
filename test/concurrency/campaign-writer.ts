import type { Rule } from "../../src/rules/language/rule.ts";
import { type Campaign, transitionCampaign, updateCampaign } from "../../src/storage/campaigns.ts";
import type { Database } from "../../src/storage/core/client.ts";
import { changed, draftCampaign, OPERATOR } from "../support/campaigns.ts";
import type { TestDatabase } from "../support/database.ts";
import type { Chooser } from "../support/seeded.ts";

/** Times of events and edges of windows: often equal, so that both ends of a window are met. */
export const TIMES = [
  "2026-11-20T00:00:00Z",
  "2026-11-21T10:00:00Z",
  "2026-11-21T10:00:00.001Z",
  "2026-12-01T00:00:00Z",
] as const;

/** What decides whether an active campaign matches. */
export interface ActiveCampaign {
  readonly version: number;
  readonly rule: Rule;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
}

/** What a campaign is from an epoch on; null when it is not in the active set. */
export interface Change {
  readonly epoch: number;
  readonly id: string;
  readonly campaign: ActiveCampaign | null;
}

export interface CampaignWriter {
  /** Resolves when there are campaigns of every kind. */
  readonly warm: Promise<void>;
  /** How often it has written since then. */
  writes(): number;
  /** What each of its campaigns became, in order. */
  stop(): Promise<readonly Change[]>;
}

const WARM_WRITES = 40;

/**
 * Creates and changes campaigns of its own at random, one after the other without a pause, and writes down what
 * each became and the epoch that began with it.
 */
export function startCampaignWriter(
  db: Database,
  sql: TestDatabase["sql"],
  rules: readonly Rule[],
  choose: Chooser,
): CampaignWriter {
  const campaigns = new Map<string, Campaign>();
  const epochs = new Map<string, number>();
  const changes: Change[] = [];
  let writes = 0;
  let stopped = false;

  async function writeOne(): Promise<Campaign> {
    const known = choose.below(5) === 0 ? undefined : choose.shuffled([...campaigns.values()])[0];
    if (known === undefined) return draftCampaign(db, { rule: choose.oneOf(rules) });
    const { id, revision, status } = known;
    switch (choose.below(4)) {
      case 0:
        return changed(await updateCampaign(db, id, revision, { rule: choose.oneOf(rules) }, OPERATOR));
      case 1: {
        const [start, end] = choose
          .shuffled(TIMES)
          .slice(0, 2)
          .toSorted((a, b) => Date.parse(a) - Date.parse(b));
        const window = {
          starts_at: choose.below(2) === 0 ? null : (start ?? null),
          ends_at: choose.below(2) === 0 ? null : (end ?? null),
        };
        return changed(await updateCampaign(db, id, revision, window, OPERATOR));
      }
      case 2:
        return changed(await updateCampaign(db, id, revision, { name: "Renamed" }, OPERATOR));
      default: {
        const transition = status === "active" ? "pause" : "activate";
        return changed(await transitionCampaign(db, id, transition, revision, OPERATOR));
      }
    }
  }

  async function write(): Promise<void> {
    const campaign = await writeOne();
    const { id, status, version, rule, starts_at: startsAt, ends_at: endsAt } = campaign;
    campaigns.set(id, campaign);
    // Nobody else changes this campaign: its epoch is still that of the change.
    const epoch = Number((await sql`select epoch from campaigns where id = ${id}`)[0]?.["epoch"]);
    if (epoch === (epochs.get(id) ?? 0)) return;
    epochs.set(id, epoch);
    changes.push({ epoch, id, campaign: status === "active" ? { version, rule, startsAt, endsAt } : null });
  }

  const warm = (async () => {
    for (let n = 0; n < WARM_WRITES; n++) await write();
  })();
  const writing = warm.then(async () => {
    for (; !stopped; writes++) await write();
  });
  writing.catch(() => {}); // told by `stop`
  return {
    warm,
    writes: () => writes,
    async stop() {
      stopped = true;
      await writing;
      return changes;
    },
  };
}

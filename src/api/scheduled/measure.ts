import { MEASURED_CAMPAIGNS, MEASURED_STEPS_MAX } from "../../limits.ts";
import { costOf } from "../../rules/cost/rule-cost.ts";
import { listUnmeasured, recordCosts } from "../../storage/campaigns.ts";
import type { Database } from "../../storage/core/client.ts";
import { log } from "../../telemetry/log.ts";

/**
 * Measures the rules that were written before there were limits of work, or by an API of then. A run goes as far as
 * `steps`, since what takes many steps takes long to compile; the next one goes on. No campaign is changed by it but
 * in what it is known to cost.
 */
export async function measureCampaigns(
  db: Database,
  { rows, steps }: { readonly rows: number; readonly steps: number } = {
    rows: MEASURED_CAMPAIGNS,
    steps: MEASURED_STEPS_MAX,
  },
): Promise<void> {
  let measured = 0;
  let after: string | null = null;
  for (let left = steps; left > 0; ) {
    const campaigns = await listUnmeasured(db, rows, after);
    const costs = [];
    for (const { id, version, rule } of campaigns) {
      const cost = costOf(rule);
      costs.push({ id, version, ...cost });
      left -= cost.largest;
      if (left <= 0) break;
    }
    await recordCosts(db, costs);
    measured += costs.length;
    after = campaigns.at(-1)?.id ?? null;
    if (campaigns.length < rows) break;
  }
  if (measured > 0) log("info", "campaigns_measured", { campaigns: measured });
}

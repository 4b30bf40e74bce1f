import type { Database } from "../../src/storage/core/client.ts";
import { readCounters } from "../../src/storage/metrics.ts";

/** How often requests were refused so far: `security_refusals_total`, its labels taken apart. */
export async function readRefusals(
  db: Database,
): Promise<{ readonly name: string; readonly reason: string; readonly count: number }[]> {
  return (await readCounters(db)).flatMap(({ name: metric, labels, value: count }) => {
    const [, name, reason] = /^kind="(\w+)",reason="(\w+)"$/.exec(labels) ?? [];
    const isRefusal = metric === "security_refusals_total" && name !== undefined && reason !== undefined;
    return isRefusal ? [{ name, reason, count }] : [];
  });
}

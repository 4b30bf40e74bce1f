import { beforeAll, describe, expect, test } from "vitest";
import { FAULTS } from "../../dev/chaos/faults.ts";
import { describeRun, describeViolations } from "../../dev/chaos/report.ts";
import { type RunOptions, runChaos } from "../../dev/chaos/run.ts";
import { type Bundle, bundle } from "../../dev/workerd/bundle.ts";

const serverUrl = process.env["TEST_DATABASE_URL"] || undefined;
const real = serverUrl !== undefined;
if (!real) process.stderr.write("chaos: no TEST_DATABASE_URL: fewer events, on an embedded Postgres\n");

const RUN_MS_MAX = 300_000;

let api: Bundle;
let consumer: Bundle;
beforeAll(async () => {
  [api, consumer] = await Promise.all([bundle("wrangler.toml"), bundle("wrangler.consumer.toml")]);
}, RUN_MS_MAX);

const run = (options: Partial<RunOptions>) =>
  runChaos({ seed: 1, events: 500, api, consumer, serverUrl, ...options });

describe("the product", () => {
  test.each([1, 2, 3])(
    "loses, doubles and misjudges nothing, whatever fails around it (seed %i)",
    async (seed) => {
      const events = real ? 5_000 : 500;
      const result = await run({ seed, events });
      expect(result.violations, `${describeRun(result)}\n${describeViolations(result)}`).toEqual([]);

      // And it was really put to the test.
      const { stored, activeSetChanges } = result.evidence;
      expect(stored.events.length).toBeGreaterThan(events * 0.9);
      expect(stored.matches.length).toBeGreaterThan(0);
      expect(stored.conflicts.length).toBeGreaterThan(0);
      expect(activeSetChanges.length).toBeGreaterThan(10);
      // A run this short need not deal every card of every deck.
      expect(result.faults.size).toBeGreaterThan(real ? Object.keys(FAULTS).length - 4 : 5);
    },
    RUN_MS_MAX,
  );
});

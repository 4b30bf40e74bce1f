import { beforeAll, describe, expect, test } from "vitest";
import { FAULTS } from "../../dev/chaos/faults.ts";
import { describeRun, describeViolations } from "../../dev/chaos/report.ts";
import { type Product, readProduct, runProduct, serverUrl } from "./product.ts";

const real = serverUrl !== undefined;
if (!real) process.stderr.write("chaos: no TEST_DATABASE_URL: fewer events, on an embedded Postgres\n");

let product: Product;
beforeAll(async () => {
  product = await readProduct();
});

describe("the product", () => {
  test.each([1, 2, 3])(
    "loses, doubles and misjudges nothing, whatever fails around it (seed %i)",
    async (seed) => {
      const events = real ? 5_000 : 500;
      const result = await runProduct(product, { seed, events });
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
  );
});

import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { FAULTS, type Fault } from "../../dev/chaos/faults.ts";
import type { RunOptions } from "../../dev/chaos/run.ts";
import { bundle } from "../../dev/workerd/bundle.ts";
import { type Product, readProduct, runProduct } from "./product.ts";

const RUNS_MAX = 10;

let product: Product;
beforeAll(async () => {
  product = await readProduct();
});

describe("a deliberately broken product is caught:", () => {
  const broken = (name: string) => `test/chaos/broken/${name}.ts`;
  /** Faults and what overlaps are a matter of chance: a run may show nothing, many do not. */
  async function expectCaught(violation: string, options: Partial<RunOptions>): Promise<void> {
    const found = new Set<string>();
    for (let seed = 1; seed <= RUNS_MAX && !found.has(violation); seed++) {
      const { violations } = await runProduct(product, { seed, events: 600, ...options });
      for (const { kind, invariant } of violations) found.add(`${kind}, invariant ${invariant}`);
    }
    expect(found).toContain(violation);
  }

  test("a consumer that acknowledges before it commits loses events", async () => {
    const broke = await bundle("wrangler.consumer.toml", broken("acknowledges-first"));
    await expectCaught("lost, invariant 1", { consumer: broke });
  });

  test("a consumer that tells duplicates before it commits loses events", async () => {
    const broke = await bundle("wrangler.consumer.toml", broken("remembers-first"));
    // Only a message that comes back to the process that remembers it is lost: one run of four shows none.
    await expectCaught("lost, invariant 1", { consumer: broke });
  });

  test("a commit that does not assert the epoch decides wrongly", async () => {
    const sabotage = [
      "create or replace function assert_campaign_epoch(expected bigint) returns void language sql as ''",
    ];
    await expectCaught("wrong, invariant 3", { sabotage });
  });

  test("a commit that grants whatever matched decides wrongly", async () => {
    const sabotage = [
      `create function grant_all() returns trigger language plpgsql as $$
       begin new.outcome := 'granted'; return new; end $$`,
      "create trigger grant_all before insert on matches for each row execute function grant_all()",
    ];
    await expectCaught("wrong, invariant 3", { sabotage });
  });

  test("an API that accepts what the queue did not take loses events", async () => {
    const broke = await bundle("wrangler.toml", broken("accepts-unqueued"));
    await expectCaught("lost, invariant 1", { api: broke });
  });

  test("a database without the primary keys doubles events and matches", async () => {
    const sabotage = [
      "alter table events drop constraint events_id_source_pk cascade",
      "alter table matches drop constraint matches_event_id_source_campaign_id_pk",
    ];
    await expectCaught("doubled, invariant 2", { sabotage });
  });
});

test("the documentation names every fault as the harness realises it", async () => {
  const text = await readFile("docs/reliability.md", "utf8");
  for (const fault of Object.keys(FAULTS) as Fault[])
    expect(text).toContain(`| ${fault} | ${FAULTS[fault]} |`);
});

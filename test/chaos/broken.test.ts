import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { FAULTS, type Fault } from "../../dev/chaos/faults.ts";
import type { RunOptions } from "../../dev/chaos/run.ts";
import { bundle } from "../../dev/workerd/bundle.ts";
import { type Product, RUN_MS_MAX, readProduct, runProduct } from "./product.ts";

let product: Product;
beforeAll(async () => {
  product = await readProduct();
});

describe("a deliberately broken product is caught:", () => {
  const broken = (name: string) => `test/chaos/broken/${name}.ts`;
  const kindsOf = async (options: Partial<RunOptions>) => {
    const { violations } = await runProduct(product, { events: 600, ...options });
    return new Set(violations.map(({ kind, invariant }) => `${kind}, invariant ${invariant}`));
  };

  test(
    "a consumer that acknowledges before it commits loses events",
    async () => {
      const broke = await bundle("wrangler.consumer.toml", broken("acknowledges-first"));
      expect(await kindsOf({ consumer: broke })).toContain("lost, invariant 1");
    },
    RUN_MS_MAX,
  );

  test(
    "a consumer that tells duplicates before it commits loses events",
    async () => {
      const broke = await bundle("wrangler.consumer.toml", broken("remembers-first"));
      // Only a message that comes back to the process that remembers it is lost: 600 events show none in one run of four.
      expect(await kindsOf({ consumer: broke, events: 3_000 })).toContain("lost, invariant 1");
    },
    RUN_MS_MAX,
  );

  test(
    "a consumer that does not assert the epoch decides wrongly",
    async () => {
      const broke = await bundle("wrangler.consumer.toml", broken("ignores-epoch"));
      expect(await kindsOf({ consumer: broke })).toContain("wrong, invariant 3");
    },
    RUN_MS_MAX,
  );

  test(
    "an API that accepts what the queue did not take loses events",
    async () => {
      const broke = await bundle("wrangler.toml", broken("accepts-unqueued"));
      expect(await kindsOf({ api: broke })).toContain("lost, invariant 1");
    },
    RUN_MS_MAX,
  );

  test(
    "a database without the primary keys doubles events and matches",
    async () => {
      const sabotage = [
        "alter table events drop constraint events_source_id_pk cascade",
        "alter table matches drop constraint matches_campaign_id_source_event_id_pk",
      ];
      expect(await kindsOf({ sabotage })).toContain("doubled, invariant 2");
    },
    RUN_MS_MAX,
  );
});

test("the documentation names every fault as the harness realises it", async () => {
  const text = await readFile("docs/reliability.md", "utf8");
  for (const fault of Object.keys(FAULTS) as Fault[])
    expect(text).toContain(`| ${fault} | ${FAULTS[fault]} |`);
});

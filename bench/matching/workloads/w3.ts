import { drawData } from "./attributes.ts";
import { type Random, randomFor, zipf } from "./random.ts";
import { drawConditions } from "./w2.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 301;
const EVENTS = 302;
const CAMPAIGNS_PER_MERCHANT = 50;

// One table per number of merchants that is asked for: seven sizes, not a cache that grows.
const tables = new Map<number, (random: Random) => number>();

function merchantsOf(count: number): number {
  return Math.max(1, Math.round(count / CAMPAIGNS_PER_MERCHANT));
}

function popularMerchant(random: Random, count: number): number {
  const merchants = merchantsOf(count);
  let draw = tables.get(merchants);
  if (draw === undefined) {
    draw = zipf(merchants, 0.7);
    tables.set(merchants, draw);
  }
  return draw(random);
}

/**
 * W3: at most four conditions as in W2, and the merchant. Some merchants run many more campaigns than others
 * (Zipf 0.7). Events come from all merchants alike, so that an event meets 50 campaigns of its merchant on
 * average at every size: matches stay nearly constant, and the curve shows the engine alone.
 *
 * `skewed`: events follow the same Zipf 0.7, as traffic does. Then an event meets ever more campaigns of its own
 * merchant (about 80 of 1,000, 800 of 1,000,000), and no engine's cost can stay constant.
 */
export function w3(skewed: boolean): Workload {
  return {
    summary: `W2 cut to 4 conditions, and one of N/50 merchants; events ${skewed ? "favour the same merchants" : "from all merchants alike"}`,
    arrayFields: NO_ARRAYS,
    rule(position, count, revision = 0) {
      const random = randomFor(RULES, position, revision);
      const merchant = `merchant-${popularMerchant(random, count)}`;
      return {
        and: [
          { field: "data.merchant", operator: "equals", value: merchant },
          ...drawConditions(random).slice(0, 4),
        ],
      };
    },
    data(position, count) {
      const random = randomFor(EVENTS, position);
      const merchant = skewed ? popularMerchant(random, count) : Math.floor(random() * merchantsOf(count));
      return { merchant: `merchant-${merchant}`, ...drawData(random, 20) };
    },
  };
}

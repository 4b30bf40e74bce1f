import { distinct, integer, randomFor, zipf } from "./random.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 101;
const EVENTS = 102;

const country = zipf(50, 1);
const COUNTRIES = Array.from({ length: 50 }, (_, rank) => `country-${rank}`);
const CATEGORIES = Array.from({ length: 100 }, (_, rank) => `category-${rank}`);
const COLOURS = ["red", "green", "blue", "black", "white"];

/** W1: the small flat rule of most campaigns. Country, a minimum amount, one of three categories. */
export const w1: Workload = {
  summary: "country equals (Zipf 1 of 50), amount at_least, category in 3 of 100; events of 12 attributes",
  arrayFields: NO_ARRAYS,
  rule(position, _count, revision = 0) {
    const random = randomFor(RULES, position, revision);
    return {
      and: [
        { field: "data.country", operator: "equals", value: COUNTRIES[country(random)] ?? "" },
        { field: "data.amount", operator: "at_least", value: integer(random, 0, 1_000_000) / 100 },
        {
          field: "data.category",
          operator: "in",
          value: distinct(3, () => integer(random, 0, 99)).map((rank) => CATEGORIES[rank] ?? ""),
        },
      ],
    };
  },
  data(position) {
    const random = randomFor(EVENTS, position);
    return {
      order: `order-${position}`,
      country: COUNTRIES[country(random)],
      city: `city-${integer(random, 0, 9_999)}`,
      amount: integer(random, 0, 1_000_000) / 100,
      quantity: integer(random, 1, 9),
      category: CATEGORIES[integer(random, 0, 99)],
      colour: COLOURS[integer(random, 0, 4)],
      currency: "EUR",
      channel: "web",
      returning: random() < 0.4,
      discount: integer(random, 0, 30),
      session: `session-${integer(random, 0, 1e9)}`,
    };
  },
};

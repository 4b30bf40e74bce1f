import { chance, distinct, integer, randomFor, zipf } from "./random.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 801;
const EVENTS = 802;
const LISTS = 803;

const CUSTOMERS = 100_000;
const LIST_VALUES = 10_000;
const AUDIENCES = 64;

const country = zipf(50, 1);

// Audiences are uploaded once and used by many campaigns, so rules share them.
const audiences: (readonly string[])[] = [];

function audience(position: number): readonly string[] {
  let list = audiences[position];
  if (list === undefined) {
    const random = randomFor(LISTS, position);
    list = distinct(LIST_VALUES, () => integer(random, 0, CUSTOMERS - 1)).map((id) => `customer-${id}`);
    audiences[position] = list;
  }
  return list;
}

/** W8: the longest lists the language allows: audiences of 10,000 customers. */
export const w8: Workload = {
  summary: "in (a fifth: not_in) one of 64 lists of 10,000 customers, country equals, amount at_least",
  arrayFields: NO_ARRAYS,
  rule(position, _count, revision = 0) {
    const random = randomFor(RULES, position, revision);
    return {
      and: [
        {
          field: "data.customer",
          operator: chance(random, 0.2) ? "not_in" : "in",
          value: audience(integer(random, 0, AUDIENCES - 1)),
        },
        { field: "data.country", operator: "equals", value: `country-${country(random)}` },
        { field: "data.amount", operator: "at_least", value: integer(random, 0, 1_000_000) / 100 },
      ],
    };
  },
  data(position) {
    const random = randomFor(EVENTS, position);
    return {
      customer: `customer-${integer(random, 0, CUSTOMERS - 1)}`,
      country: `country-${country(random)}`,
      amount: integer(random, 0, 1_000_000) / 100,
      channel: "web",
    };
  },
};

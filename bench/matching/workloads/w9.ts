import type { Condition } from "../../../src/rules/language/schema.ts";
import { drawAttributes, drawCondition, drawData } from "./attributes.ts";
import { chance, integer, pick, type Random, randomFor } from "./random.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 901;
const EVENTS = 902;
const TEXT_SHARE = 0.1;

const SYLLABLES = [
  "an",
  "bel",
  "cor",
  "dan",
  "el",
  "fir",
  "gos",
  "hel",
  "in",
  "jo",
  "kal",
  "lum",
  "mar",
  "nor",
  "os",
  "pra",
];
const DOMAINS = ["example.com", "example.org", "mail.example.net", "shop.example.com"];
const SECTIONS = ["shoes", "books", "garden", "kitchen", "toys", "music", "sport", "travel"];

const drawWord = (random: Random) =>
  Array.from({ length: integer(random, 2, 3) }, () => pick(random, SYLLABLES)).join("");

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** W9: one condition in ten is on text, which no exact key narrows. All text is ASCII. */
export const w9: Workload = {
  summary:
    "W2, with 10 % of the conditions contains, starts_with or matches; 20 attributes and 3 texts an event",
  arrayFields: NO_ARRAYS,
  rule(position, _count, revision = 0) {
    const random = randomFor(RULES, position, revision);
    return {
      and: drawAttributes(random, integer(random, 2, 8)).map((attribute) =>
        chance(random, TEXT_SHARE) ? drawTextCondition(random) : drawCondition(random, attribute),
      ),
    };
  },
  data(position) {
    const random = randomFor(EVENTS, position);
    const words = Array.from({ length: integer(random, 4, 8) }, () => capitalised(drawWord(random)));
    return {
      title: words.join(" "),
      email: `${drawWord(random)}.${drawWord(random)}@${pick(random, DOMAINS)}`,
      page: `/${pick(random, SECTIONS)}/${drawWord(random)}/item-${integer(random, 1, 9_999)}`,
      ...drawData(random, 20),
    };
  },
};

function drawTextCondition(random: Random): Condition {
  const kind = integer(random, 0, 2);
  if (kind === 0) return { field: "data.title", operator: "contains", value: drawWord(random).slice(0, 5) };
  if (kind === 1)
    return {
      field: "data.page",
      operator: "starts_with",
      value: `/${pick(random, SECTIONS)}/${pick(random, SYLLABLES)}`,
    };
  return pick(random, PATTERNS)(random);
}

const PATTERNS: readonly ((random: Random) => Condition)[] = [
  (random) => ({ field: "data.email", operator: "matches", value: `^${pick(random, SYLLABLES)}[a-z]*\\.` }),
  (random) => ({
    field: "data.email",
    operator: "matches",
    value: `@(shop|mail)\\.example\\.${pick(random, ["com", "net"])}$`,
  }),
  (random) => ({
    field: "data.page",
    operator: "matches",
    value: `/item-${integer(random, 1, 9)}[0-9]{2,3}$`,
  }),
  (random) => ({
    field: "data.title",
    operator: "matches",
    value: `${capitalised(pick(random, SYLLABLES))}\\w+ ${capitalised(pick(random, SYLLABLES))}`,
  }),
];

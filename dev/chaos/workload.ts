import { chance, integer, pick, type Random, randomFor, shuffled, weighted } from "../random.ts";
import type { Content } from "./history.ts";
import { COUNTRIES, DAY_MS, FIRST_DAY, SKUS, TIERS, TYPES } from "./rules.ts";

/** A request to `POST /v1/events`. */
export interface PostPlan {
  readonly contents: readonly number[];
  readonly cloudEvents: boolean;
}

export interface Workload {
  readonly contents: readonly Content[];
  readonly posts: readonly PostPlan[];
}

/** The name of the API key that clients post with, and so the source of an event that names none. */
export const KEY_NAME = "chaos-shop";
/** What that key may write in. */
export const SOURCES = [KEY_NAME, "shop-eu", "shop-us", "crm"] as const;

const DUPLICATED = 0.1; // of the events: sent again, once to three times
const CONFLICTING = 0.03; // sent again with other content
const REFUSED_ONE_IN = 2_000; // events that the database refuses
const BULKY_ONE_IN = 2_500; // requests too big for one batch of messages
const BULKY_EVENTS = 45;

/**
 * `events` different events, some of them repeated with the same and with other content, all shuffled and cut into
 * requests of 1 to 300.
 * @param now milliseconds since 1970: some events lie just inside the few minutes ahead that the API allows
 */
export function makeWorkload(seed: number, events: number, now: number): Workload {
  const random = randomFor(seed, "workload");
  const contents: Content[] = [];
  const sent: number[] = [];
  for (let i = 0; i < events; i++) {
    const content = i % REFUSED_ONE_IN === 7 ? makeRefused(random, i, now) : makeContent(random, i, now);
    const number = contents.push(content) - 1;
    sent.push(number);
    if (chance(random, DUPLICATED)) {
      for (let copies = integer(random, 1, 3); copies > 0; copies--) sent.push(number);
    }
    if (chance(random, CONFLICTING)) sent.push(contents.push(contradict(random, content)) - 1);
  }
  const posts = inRequests(random, shuffled(random, sent));
  for (let i = 0; i < events; i += BULKY_ONE_IN) {
    const bulky = Array.from({ length: BULKY_EVENTS }, (_, j) => makeBulky(random, `bulky-${i}-${j}`, now));
    posts.push({ contents: bulky.map((content) => contents.push(content) - 1), cloudEvents: false });
  }
  return { contents, posts: shuffled(random, posts) };
}

function makeContent(random: Random, number: number, now: number): Content {
  return {
    source: pick(random, SOURCES),
    id: `${pick(random, TYPES).slice(0, 3)}-${number}`,
    type: pick(random, TYPES),
    subject: chance(random, 0.1) ? null : `customer-${integer(random, 1, 500)}`,
    time: weighted(random, [
      [80, happened(random)],
      [18, null],
      [2, new Date(now + integer(random, 120, 290) * 1_000).toISOString()],
    ]),
    data: {
      amount: integer(random, 0, 30_000) / 100,
      country: pick(random, COUNTRIES),
      user: { tier: pick(random, TIERS), tags: [pick(random, TIERS), integer(random, 1, 5)] },
      ...(chance(random, 0.3) && { coupon: `C${integer(random, 1, 50)}` }),
      ...(chance(random, 0.1) && { blocked: chance(random, 0.5) }),
      ...(chance(random, 0.3) && {
        note: pick(random, ["Hauptstraße 1", "gift wrap", "café", "日本 🎁", ""]),
      }),
      ...(chance(random, 0.3) && { last_seen: happened(random) }),
      items: Array.from({ length: integer(random, 0, 3) }, () => ({
        sku: pick(random, SKUS),
        qty: integer(random, 1, 5),
      })),
    },
  };
}

function happened(random: Random): string {
  return new Date(FIRST_DAY + integer(random, 0, 30 * DAY_MS)).toISOString();
}

/** The same event with something else in it. */
function contradict(random: Random, content: Content): Content {
  const changes: Partial<Content>[] = [
    { data: { ...content.data, amount: 777 } },
    { type: `${content.type}_corrected` },
    { subject: "customer-other" },
    { time: "2025-07-15T12:00:00.001Z" },
  ];
  return { ...content, ...pick(random, changes) };
}

/** What the API takes and the database refuses, by a constraint that the harness adds (database.ts). */
function makeRefused(random: Random, number: number, now: number): Content {
  const content = makeContent(random, number, now);
  return { ...content, data: { ...content.data, refused: true } };
}

function makeBulky(random: Random, id: string, now: number): Content {
  const { data, ...content } = makeContent(random, 0, now);
  return { ...content, id, data: { ...data, padding: "x".repeat(integer(random, 6_000, 12_000)) } };
}

function inRequests(random: Random, numbers: readonly number[]): PostPlan[] {
  const posts: PostPlan[] = [];
  for (let start = 0; start < numbers.length; ) {
    const size = weighted(random, [
      [30, 1],
      [40, integer(random, 2, 12)],
      [25, integer(random, 13, 60)],
      [5, integer(random, 100, 300)],
    ]);
    posts.push({ contents: numbers.slice(start, start + size), cloudEvents: chance(random, 0.2) });
    start += size;
  }
  return posts;
}

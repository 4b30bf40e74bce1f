import { type Random, randomFor, shuffled } from "../random.ts";

/** Every fault that a run injects, and what the harness does for it. docs/reliability.md repeats this table. */
export const FAULTS = {
  "database answers 500": "the statement never reaches the database",
  "database answers 507": "the statement never reaches the database",
  "database drops the connection": "the statement never reaches the database",
  "database hangs":
    "no answer until the Worker's timeout has passed; the statement never reaches the database",
  "database hangs, then commits": "the commit takes effect after the Worker gave up waiting for it",
  "database commits, connection breaks":
    "the statement takes effect, the connection breaks instead of a reply",
  "database commits, reply cut short":
    "the statement takes effect, the connection breaks halfway through the reply",
  "database commits, answers 500": "the statement takes effect, the reply is replaced by a 500",
  "database outage": "every statement of 300 ms is dropped",
  "consumer killed before commit": "SIGKILL when the commit leaves the Worker; it never reaches the database",
  "consumer killed during commit": "SIGKILL while the database works on the commit",
  "consumer killed after commit": "SIGKILL when the commit has taken effect, before the reply",
  "consumer killed before its acknowledgements arrive":
    "SIGKILL after the batch; the queue counts none of them",
  "consumer killed amid its acknowledgements": "SIGKILL after the batch; the queue counts some of them",
  "message doubled": "the queue delivers a second copy, at the same time or later",
  "foreign message": "something that is no message of ours enters the queue",
  "retries run out early": "the queue gives the message up after 2 deliveries instead of 101",
  "queue send refused": "the queue takes nothing and answers an error",
  "queue send dropped": "the connection breaks before the queue takes anything",
  "queue send taken, reply lost": "the queue takes the batch, the connection breaks instead of a reply",
  "queue send taken in part": "the queue takes some messages of the batch and answers an error",
  "API Worker killed": "SIGKILL while requests are in flight",
  "clock skewed": "a Worker starts with a clock that is wrong by up to 200 s",
} as const;
export type Fault = keyof typeof FAULTS;

/** The places where faults are drawn, each with its own deck of cards. The number counts cards without a fault. */
const DECKS = {
  statement: [
    90,
    "database answers 500",
    "database answers 507",
    "database drops the connection",
    "database hangs",
    "database commits, connection breaks",
    "database commits, reply cut short",
    "database commits, answers 500",
  ],
  commit: [
    80,
    "database answers 500",
    "database answers 507",
    "database drops the connection",
    "database hangs",
    "database hangs, then commits",
    "database commits, connection breaks",
    "database commits, connection breaks",
    "database commits, reply cut short",
    "database commits, answers 500",
    "database outage",
    "consumer killed before commit",
    "consumer killed during commit",
    "consumer killed after commit",
  ],
  acknowledgement: [
    18,
    "consumer killed before its acknowledgements arrive",
    "consumer killed amid its acknowledgements",
  ],
  message: [60, "message doubled", "message doubled", "retries run out early", "foreign message"],
  send: [
    24,
    "queue send refused",
    "queue send dropped",
    "queue send taken, reply lost",
    "queue send taken in part",
  ],
  request: [80, "API Worker killed"],
} as const satisfies Record<string, readonly [number, ...Fault[]]>;
export type Place = keyof typeof DECKS;

export interface Injector {
  /** The next card at this place: a fault to inject, or mostly none. Always none once faults have stopped. */
  draw(place: Place): Fault | undefined;
  /** Counts a fault that was injected. */
  struck(fault: Fault): void;
  /** How often each was injected. */
  readonly counts: ReadonlyMap<Fault, number>;
  start(): void;
  calm(): void;
}

interface Deck {
  readonly random: Random;
  cards: (Fault | undefined)[];
}

/**
 * Deals faults from shuffled decks, one card a statement, message or request. So the seed fixes the sequence of
 * faults at each place, and every fault comes up once in each deck.
 */
export function createInjector(seed: number): Injector {
  const decks = new Map<Place, Deck>();
  const counts = new Map<Fault, number>();
  let active = false;
  return {
    draw(place) {
      if (!active) return undefined;
      const deck = decks.get(place) ?? { random: randomFor(seed, place), cards: [] };
      decks.set(place, deck);
      if (deck.cards.length === 0) deck.cards = shuffled(deck.random, cardsOf(place));
      return deck.cards.pop();
    },
    struck: (fault) => void counts.set(fault, (counts.get(fault) ?? 0) + 1),
    counts,
    start() {
      active = true;
    },
    calm() {
      active = false;
    },
  };
}

function cardsOf(place: Place): (Fault | undefined)[] {
  const [blanks, ...faults] = DECKS[place];
  return [...new Array<undefined>(blanks).fill(undefined), ...faults];
}

import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../src/rules/evaluation/matcher.ts";
import { type Case, drawCase, fillersOf } from "./cases.ts";
import { shorter, shrink, simplerJson, simplerRules } from "./shrink.ts";
import { reference, WAYS, type Way } from "./ways.ts";

export interface Agreement {
  /** Rules and events that were compared: one way or all of them, a pair counts once. */
  readonly pairs: number;
  /** Those of them in which the rule is true of the event. */
  readonly matches: number;
  /** Those among rules whose fields or values are wide. */
  readonly widePairs: number;
  readonly disagreement: Disagreement | null;
}

/** The smallest campaigns and event found of which one way says something else than the evaluator. */
export interface Disagreement {
  readonly way: string;
  readonly campaigns: readonly Campaign[];
  readonly event: EventDocument;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

export interface AgreeOptions {
  readonly pairs: number;
  readonly seed: number;
  /** Instead of all that the product has. */
  readonly ways?: readonly Way[];
  progress?(pairs: number): void;
}

/** Decides random events against random campaigns in every way, until so many pairs agree or one does not. */
export function agree({ pairs, seed, ways = WAYS, progress }: AgreeOptions): Agreement {
  const done = { pairs: 0, matches: 0, widePairs: 0 };
  for (let number = 0; done.pairs < pairs; number++) {
    const drawn = drawCase(seed, number);
    const expected = answersOf(reference, drawn);
    for (const way of ways) {
      const actual = answersOf(way, drawn);
      const at = expected.findIndex((ids, at) => !isSame(ids, actual[at] as readonly string[]));
      if (at >= 0)
        return { ...done, disagreement: smallest(way, drawn.campaigns, drawn.events[at] as EventDocument) };
    }
    const count = drawn.campaigns.length * drawn.events.length;
    done.pairs += count;
    if (fillersOf(number).length > 0) done.widePairs += count;
    for (const ids of expected) done.matches += ids.length;
    progress?.(done.pairs);
  }
  return { ...done, disagreement: null };
}

function answersOf(way: Way, { campaigns, events }: Case): (readonly string[])[] {
  const matching = way.prepare(campaigns);
  return events.map((event) => matching(event).toSorted());
}

interface Pair {
  readonly campaigns: readonly Campaign[];
  readonly event: EventDocument;
}

function smallest(way: Way, campaigns: readonly Campaign[], event: EventDocument): Disagreement {
  const answers = ({ campaigns, event }: Pair) =>
    [reference, way].map((one) => answersOf(one, { campaigns, events: [event] })[0] as readonly string[]);
  const disagrees = (pair: Pair): boolean => {
    const [expected, actual] = answers(pair) as [readonly string[], readonly string[]];
    return !isSame(expected, actual);
  };
  const found = shrink<Pair>({ campaigns, event }, smaller, disagrees);
  const [expected, actual] = answers(found) as [readonly string[], readonly string[]];
  return { way: way.name, ...found, expected, actual };
}

function* smaller({ campaigns, event }: Pair): Iterable<Pair> {
  for (const fewer of shorter(campaigns)) yield { campaigns: fewer, event };
  const { data, subject, ...rest } = event;
  if (subject !== undefined) yield { campaigns, event: { ...rest, ...(data !== undefined && { data }) } };
  if (data !== undefined) {
    yield { campaigns, event: { ...rest, ...(subject !== undefined && { subject }) } };
    for (const simpler of simplerJson(data))
      yield { campaigns, event: { ...event, data: simpler } as EventDocument };
  }
  for (const [at, campaign] of campaigns.entries()) {
    const { startsAt, endsAt } = campaign;
    if (startsAt !== null || endsAt !== null)
      yield { campaigns: campaigns.with(at, { ...campaign, startsAt: null, endsAt: null }), event };
    for (const rule of simplerRules(campaign.rule))
      yield { campaigns: campaigns.with(at, { ...campaign, rule }), event };
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, at) => id === b[at]);
}

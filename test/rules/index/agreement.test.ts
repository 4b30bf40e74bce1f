import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { EventDocument } from "../../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { type CampaignIndex, createIndex, loadIndex } from "../../../src/rules/index/campaign-index.ts";
import { instantOf } from "../../../src/rules/language/time.ts";
import { campaign, event } from "../../support/arbitrary-rules.ts";
import { PATIENCE_MS } from "../../support/patience.ts";

/*
 * The index agrees with the reference evaluator on random rules and events, after every insert, change,
 * removal, compaction and round trip through a snapshot. RULES_RUNS=1000 runs it for longer.
 */
const RUNS = Number(process.env["RULES_RUNS"] ?? 16);
const PAIRS_WANTED = 100_000;

const CAMPAIGNS = 300;
const EVENTS = 48;

/** What happens to the index, one after the other. Numbers choose campaigns. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("upsert" as const), at: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("remove" as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("burst" as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("compact" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reload" as const) }) },
);

test("the same campaigns match as the reference says, after everything that can happen to an index", {
  timeout: PATIENCE_MS + RUNS * 10_000,
}, () => {
  let pairs = 0;
  fc.assert(
    fc.property(
      fc.array(campaign, { minLength: CAMPAIGNS, maxLength: CAMPAIGNS, size: "max" }),
      fc.array(event, { minLength: EVENTS, maxLength: EVENTS, size: "max" }),
      fc.array(step, { minLength: 15, maxLength: 35, size: "max" }),
      fc.integer({ min: 0, max: CAMPAIGNS }),
      (drawn, events, steps, initial) => {
        const pool = drawn.map((campaign, at): Campaign => ({ ...campaign, id: idOf(at % 220) }));
        const reference = new Reference(events);
        const live = new Map<string, Campaign>();
        for (const campaign of pool.slice(0, initial)) live.set(campaign.id, campaign);
        let index = createIndex(live.values());

        const upsert = (campaign: Campaign): void => {
          live.set(campaign.id, campaign);
          index.upsert(campaign);
        };
        // Every event at the beginning and at the end, in between a share of them in turn.
        const check = (turn: number, turns: number): void => {
          expect(index.size).toBe(live.size);
          for (const [at, event] of events.entries()) {
            if (at % turns !== turn % turns) continue;
            expect(matched(index, event)).toEqual(reference.matching(live.values(), at));
          }
        };
        check(0, 1);
        for (const [turn, step] of steps.entries()) {
          switch (step.kind) {
            case "upsert":
              upsert(pool[step.at % pool.length] as Campaign);
              break;
            case "burst":
              for (let at = 0; at < 120; at++) upsert(pool[(step.at + at) % pool.length] as Campaign);
              break;
            case "remove": {
              const id = idOf(step.at % 220);
              expect(index.remove(id)).toBe(live.delete(id));
              break;
            }
            case "compact":
              index.compact();
              break;
            case "reload": {
              const loaded = loadIndex(index.snapshot());
              if (!loaded.ok) throw new Error(loaded.reason);
              index = loaded.index;
            }
          }
          check(turn, 4);
        }
        check(0, 1);
        pairs += reference.pairs;
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(pairs).toBeGreaterThan(PAIRS_WANTED);
});

/** Half the ids are UUIDs, as the product makes them; the index takes any text. */
function idOf(at: number): string {
  return at % 2 === 0 ? `0193cafe-0000-7000-8000-${at.toString(16).padStart(12, "0")}` : `campaign ${at}`;
}

function matched(index: CampaignIndex, event: EventDocument): string[] {
  return index
    .match(event)
    .map(({ id, version }) => `${id} v${version}`)
    .sort();
}

/** What `evaluate` says, asked once about each rule and event. */
class Reference {
  readonly #answers = new Map<Campaign, boolean[]>();
  readonly #events: readonly EventDocument[];
  pairs = 0;

  constructor(events: readonly EventDocument[]) {
    this.#events = events;
  }

  matching(campaigns: Iterable<Campaign>, at: number): string[] {
    const matching: string[] = [];
    for (const campaign of campaigns) {
      const answers = this.#answers.get(campaign) ?? this.#ask(campaign);
      if (answers[at] === true) matching.push(`${campaign.id} v${campaign.version}`);
    }
    return matching.sort();
  }

  #ask(campaign: Campaign): boolean[] {
    const { rule, startsAt, endsAt } = campaign;
    const answers = this.#events.map((event) => {
      const now = instantOf(event.time);
      return (
        evaluate(rule, event) && (startsAt === null || now >= startsAt) && (endsAt === null || now < endsAt)
      );
    });
    this.pairs += answers.length;
    this.#answers.set(campaign, answers);
    return answers;
  }
}

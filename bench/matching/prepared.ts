import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../src/rules/evaluation/matcher.ts";
import { type CaseName, WORKLOADS } from "./workloads/index.ts";
import { EVENTS, eventOf } from "./workloads/workload.ts";

const ID_PREFIX = "01938f2a-7c00-7000-8000-";

/** Campaign `position` of a case with `count`, always the same one. Ids are as long as the product's own. */
export function campaignAt(name: CaseName, position: number, count: number, revision = 0): Campaign {
  return {
    id: ID_PREFIX + position.toString(16).padStart(12, "0"),
    version: revision + 1,
    rule: WORKLOADS[name].rule(position, count, revision),
    startsAt: null,
    endsAt: null,
  };
}

/** The position of the campaign with this id. */
export function positionOf(id: string): number {
  return Number.parseInt(id.slice(ID_PREFIX.length), 16);
}

const CHUNK = 4_096;

export interface CampaignSource {
  readonly campaigns: Iterable<Campaign>;
  /** What making the campaigns has taken so far, in the clock's unit: no part of a build. */
  spent(): number;
}

/** The campaigns of a case, made a few thousand at a time while they are asked for. */
export function campaignSource(name: CaseName, count: number, clock = () => 0): CampaignSource {
  let spent = 0;
  function* campaigns(): Iterable<Campaign> {
    for (let start = 0; start < count; start += CHUNK) {
      const began = clock();
      const length = Math.min(CHUNK, count - start);
      const chunk = Array.from({ length }, (_, offset) => campaignAt(name, start + offset, count));
      spent += clock() - began;
      yield* chunk;
    }
  }
  return { campaigns: campaigns(), spent: () => spent };
}

/** Every event as the JSON text that arrives, and parsed from it, so that objects have the shapes parsing gives. */
export interface Events {
  readonly texts: readonly string[];
  readonly documents: readonly EventDocument[];
}

export function eventsOf(name: CaseName, count: number, events = EVENTS): Events {
  const texts = Array.from({ length: events }, (_, position) =>
    JSON.stringify(eventOf(WORKLOADS[name], position, count)),
  );
  return { texts, documents: texts.map((text) => JSON.parse(text) as EventDocument) };
}

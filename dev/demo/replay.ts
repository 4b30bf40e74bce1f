/** The steps of the demo against a running API: what a customer would do, and no other way in. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { BODY_BYTES_MAX, EVENTS_PER_REQUEST_MAX } from "../../src/limits.ts";
import type { Explanation } from "../../src/rules/explain.ts";
import { type Api, apiAt, type Campaign, logIn, type Match, type StoredEvent } from "./api.ts";
import type { DemoCampaign } from "./campaigns.ts";
import { chunksOf } from "./chunks.ts";
import type { DeliveredEvent } from "./deliveries.ts";
import { expectedMatches } from "./expected.ts";
import type { CampaignResult } from "./report.ts";

const PROCESSED_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 25;
const READS_AT_ONCE = 8;

/** The decision that is explained at the end: nested, with an array, partly true. */
export const EXAMPLE = { campaign: "Build needs a human", event: "workflow_job-02" } as const;

export interface ReplayOptions {
  readonly url: string;
  readonly admin: { readonly username: string; readonly password: string };
  readonly campaigns: readonly DemoCampaign[];
  /** All of one source that the database has not seen. */
  readonly events: readonly DeliveredEvent[];
  /** Does a part of the work and tells about it; `detail` has the last word on how it went. */
  readonly step: <T>(title: string, work: () => Promise<T>, detail?: (result: T) => string) => Promise<T>;
  /** Takes, newest last, what undoes the traces that the replay leaves beside events and matches. */
  readonly undo: (() => Promise<unknown>)[];
}

export interface ReplayOutcome {
  readonly results: readonly CampaignResult[];
  /** From the first post until the last decision was visible. */
  readonly seconds: number;
  readonly explanation: Explanation;
  /** What is wrong beside the matches of a campaign; empty when nothing is. */
  readonly faults: readonly string[];
}

/** Creates the campaigns, posts the events twice, and reads back what matched. */
export async function replay(options: ReplayOptions): Promise<ReplayOutcome> {
  const { campaigns, events, step } = options;
  const source = events[0]?.source ?? "";

  const { admin, sender, campaignIds } = await step(
    "Sign in, create and activate the campaigns, create an API key",
    () => prepare(options, source),
    ({ campaignIds }) => `${campaignIds.length} campaigns`,
  );

  const start = performance.now();
  await step(
    `Post the events as that key`,
    () => postEvents(sender, events),
    (requests) => `${requests} requests`,
  );
  const first = await step("Wait until the consumer has decided every one", () =>
    untilProcessed(admin, events),
  );
  const seconds = (performance.now() - start) / 1000;

  const second = await step(
    "Post them all again: nothing may change",
    async () => {
      await postEvents(sender, events);
      // The queue holds it behind the duplicates: once it is decided, so are they.
      const last = { id: "last", source: `${source}-end`, type: "demo.end", subject: "demo", data: {} };
      await postEvents(sender, [{ ...last, time: new Date().toISOString() }]);
      await untilProcessed(admin, [last]);
      return untilProcessed(admin, events);
    },
    (events) => `${events.length} duplicates`,
  );

  const results: CampaignResult[] = [];
  const faults: string[] = [];
  if (!isDeepStrictEqual(first, second)) faults.push("Events changed when they were posted again.");
  await step(
    "Read the matches back, page by page",
    async () => {
      for (const [index, { name, rule }] of campaigns.entries()) {
        const campaignId = campaignIds[index] ?? "";
        const matched = await recordedMatches(admin, campaignId, source);
        results.push({ name, rule, matched, expected: expectedMatches(name, events) });
        const seenFromEvents = second
          .filter((event) => event.matches.some((match) => match.campaign_id === campaignId))
          .map((event) => event.id);
        if (!isDeepStrictEqual(matched, seenFromEvents.sort())) {
          faults.push(`${name}: its events do not name it as /v1/matches does.`);
        }
      }
    },
    () => `${results.reduce((sum, { matched }) => sum + matched.length, 0)} matches`,
  );

  const { rule } = campaigns.find(({ name }) => name === EXAMPLE.campaign) ?? {};
  const event = events.find(({ id }) => id === EXAMPLE.event);
  const { explanation } = await admin.post<{ explanation: Explanation }>("/v1/rules/explain", {
    rule,
    event,
  });
  return { results, seconds, explanation, faults };
}

async function prepare(
  { url, admin: { username, password }, campaigns, undo }: ReplayOptions,
  source: string,
) {
  const admin = apiAt(url, await logIn(url, username, password));
  const { id: userId } = await admin.get<{ id: string }>("/v1/auth/me");
  undo.push(() => admin.patch(`/v1/users/${userId}`, { disabled: true }));

  const campaignIds: string[] = [];
  for (const { name, rule } of campaigns) {
    const { id } = await admin.post<Campaign>("/v1/campaigns", { name, rule });
    undo.push(() => admin.post(`/v1/campaigns/${id}/archive`));
    await admin.post(`/v1/campaigns/${id}/activate`);
    campaignIds.push(id);
  }

  const key = await admin.post<{ id: string; client_secret: string }>("/v1/api-keys", {
    name: source,
    scopes: ["events:write"],
  });
  undo.push(() => admin.delete(`/v1/api-keys/${key.id}`));
  return { admin, sender: apiAt(url, key.client_secret), campaignIds };
}

/** Posts all events in as few requests as the limits allow, and answers how many that were. */
async function postEvents(sender: Api, events: readonly DeliveredEvent[]): Promise<number> {
  const chunks = chunksOf(events, EVENTS_PER_REQUEST_MAX, BODY_BYTES_MAX);
  for (const chunk of chunks) {
    const { accepted } = await sender.post<{ accepted: number }>("/v1/events", chunk);
    if (accepted !== chunk.length) throw new Error(`${chunk.length - accepted} events were rejected.`);
  }
  return chunks.length;
}

/** Waits until every one of the events is decided, and answers them as they are stored, in the same order. */
async function untilProcessed(
  admin: Api,
  events: readonly Pick<DeliveredEvent, "id" | "source">[],
): Promise<StoredEvent[]> {
  const deadline = Date.now() + PROCESSED_WITHIN_MS;
  const one = async ({ id, source }: Pick<DeliveredEvent, "id" | "source">): Promise<StoredEvent> => {
    const path = `/v1/events/${encodeURIComponent(id)}?source=${encodeURIComponent(source)}`;
    for (;;) {
      const event = await admin.find<StoredEvent>(path);
      if (event !== undefined) return event;
      if (Date.now() > deadline) {
        throw new Error(`Event ${id} was accepted but not decided within ${PROCESSED_WITHIN_MS / 1000} s.`);
      }
      await sleep(POLL_EVERY_MS);
    }
  };
  const stored: StoredEvent[] = [];
  for (let index = 0; index < events.length; index += READS_AT_ONCE) {
    stored.push(...(await Promise.all(events.slice(index, index + READS_AT_ONCE).map(one))));
  }
  return stored;
}

/**
 * The ids of the events of `source` that are recorded as matches of a campaign, sorted, and one entry for every
 * record: an id that is there twice was matched twice.
 */
async function recordedMatches(admin: Api, campaignId: string, source: string): Promise<string[]> {
  const matches = await admin.list<Match>("/v1/matches", { campaign_id: campaignId });
  return matches
    .filter((match) => match.source === source)
    .map((match) => match.event_id)
    .sort();
}

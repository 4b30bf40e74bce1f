/** The steps of the demo against a running API. It uses the API alone, as a customer would. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { BODY_BYTES_MAX, EVENTS_PER_REQUEST_MAX } from "../../src/limits.ts";
import type { Explanation } from "../../src/rules/evaluation/explain.ts";
import { type Api, apiAt, type Campaign, logIn, type Match, type StoredEvent } from "./api.ts";
import type { DemoCampaign } from "./campaigns.ts";
import { chunksOf } from "./chunks.ts";
import type { DeliveredEvent } from "./deliveries.ts";
import { expectedMatches } from "./expected.ts";
import { type CampaignResult, EXAMPLE, type ReplayOutcome } from "./outcome.ts";

const DECIDED_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 50;
const LISTED_PAGES_MAX = 6;

type EventName = Pick<DeliveredEvent, "id" | "source">;

export interface ReplayOptions {
  readonly url: string;
  readonly admin: { readonly username: string; readonly password: string };
  readonly campaigns: readonly DemoCampaign[];
  /** Events of one source that the database has not seen yet. */
  readonly events: readonly DeliveredEvent[];
  /** Does a part of the work and reports it; `detail` says how it went. */
  readonly step: <T>(title: string, work: () => Promise<T>, detail?: (result: T) => string) => Promise<T>;
  /** Collects, newest last, functions that undo what the replay leaves besides events and matches. */
  readonly undo: (() => Promise<unknown>)[];
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

  await step(
    "Post the events as that key",
    () => postEvents(sender, events),
    (requests) => `${requests} requests`,
  );
  const stored = await step("Read every event back, once it is decided", () => readEvents(admin, events));
  const readMatches = () => recordedMatches(admin, campaignIds, source);
  const matches = await step(
    "Read the matches back, page by page",
    readMatches,
    (byCampaign) => `${byCampaign.flat().length} matches`,
  );
  const again = await step(
    "Post everything again, and read the matches again",
    async () => {
      await postEvents(sender, events);
      // It is in the queue behind the duplicates: once it is decided, they are decided too.
      const last = { id: "last", source: endOf(source), type: "demo.end", subject: "demo", data: {} };
      await postEvents(sender, [{ ...last, time: new Date().toISOString() }]);
      await untilDecided(admin, last);
      return readMatches();
    },
    (byCampaign) => (isDeepStrictEqual(byCampaign, matches) ? "nothing doubled" : "not the same"),
  );

  const faults: string[] = [];
  if (!isDeepStrictEqual(again, matches))
    faults.push("The matches changed when the events were posted again.");
  const results = campaigns.map(({ name, rule }, index): CampaignResult => {
    const matched = (matches[index] ?? []).map((match) => match.event_id).sort();
    const fromEvents = stored
      .filter((event) => event.matches.some((match) => match.campaign_id === campaignIds[index]))
      .map((event) => event.id);
    if (!isDeepStrictEqual(matched, fromEvents.sort())) {
      faults.push(`${name}: its events do not name it as /v1/matches does.`);
    }
    return { name, rule, matched, expected: expectedMatches(name, events) };
  });

  const { rule } = campaigns.find(({ name }) => name === EXAMPLE.campaign) ?? {};
  const event = events.find(({ id }) => id === EXAMPLE.event);
  const { explanation } = await admin.post<{ explanation: Explanation }>("/v1/rules/explain", {
    rule,
    event,
  });
  return { results, seconds: decisionSeconds(stored), explanation, faults };
}

async function prepare(
  { url, admin: { username, password }, campaigns, undo }: ReplayOptions,
  source: string,
) {
  const admin = apiAt(url, await logIn(url, username, password));
  const { id: userId } = await admin.get<{ id: string }>("/v1/auth/me");
  // The API refuses this to the only admin there is; that account then stays, with a password that nobody knows.
  undo.push(() => admin.patch(`/v1/users/${userId}`, { disabled: true }).catch(() => {}));

  const campaignIds: string[] = [];
  for (const { name, rule } of campaigns) {
    const { id } = await admin.post<Campaign>("/v1/campaigns", { name, rule });
    undo.push(() => admin.post(`/v1/campaigns/${id}/archive`));
    await admin.post(`/v1/campaigns/${id}/activate`);
    undo.push(() => admin.post(`/v1/campaigns/${id}/pause`));
    campaignIds.push(id);
  }

  const key = await admin.post<{ id: string; client_secret: string }>("/v1/api-keys", {
    name: source,
    scopes: ["events:write"],
    sources: [source, endOf(source)],
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

/** The source of the event that tells when all before it are decided. */
const endOf = (source: string): string => `${source}-end`;

/** Waits until an accepted event is decided, and answers it as it is stored. */
async function untilDecided(admin: Api, { id, source }: EventName): Promise<StoredEvent> {
  const deadline = Date.now() + DECIDED_WITHIN_MS;
  const path = `/v1/events/${encodeURIComponent(id)}?source=${encodeURIComponent(source)}`;
  for (;;) {
    const event = await admin.find<StoredEvent>(path);
    if (event !== undefined) return event;
    if (Date.now() > deadline) {
      throw new Error(`Event ${id} was accepted but not decided within ${DECIDED_WITHIN_MS / 1000} s.`);
    }
    await sleep(POLL_EVERY_MS);
  }
}

/**
 * Waits until every one of the events is decided, and answers them as they are stored, in the same order. Most
 * come from the list; in a database that holds more than its first pages, the others one by one.
 */
async function readEvents(admin: Api, events: readonly DeliveredEvent[]): Promise<StoredEvent[]> {
  // Wait for the last event in the queue first: asking for all of them would slow down the machine that decides them.
  await Promise.all(events.slice(-1).map((event) => untilDecided(admin, event)));
  const listed = await admin.list<StoredEvent>("/v1/events", {}, LISTED_PAGES_MAX);
  const found = new Map(listed.map((event) => [`${event.source} ${event.id}`, event]));
  const stored: StoredEvent[] = [];
  for (const event of events) {
    stored.push(found.get(`${event.source} ${event.id}`) ?? (await untilDecided(admin, event)));
  }
  return stored;
}

/** For each campaign its recorded matches with events of `source`, newest first. */
async function recordedMatches(
  admin: Api,
  campaignIds: readonly string[],
  source: string,
): Promise<Match[][]> {
  const byCampaign: Match[][] = [];
  for (const campaign_id of campaignIds) {
    const matches = await admin.list<Match>("/v1/matches", { campaign_id });
    byCampaign.push(matches.filter((match) => match.source === source));
  }
  return byCampaign;
}

/** From the first event received to the last one decided, by the product's own record. */
function decisionSeconds(events: readonly StoredEvent[]): number {
  const first = Math.min(...events.map((event) => Date.parse(event.received_at)));
  const last = Math.max(...events.map((event) => Date.parse(event.processed_at)));
  return (last - first) / 1000;
}

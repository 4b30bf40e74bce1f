/** Events that take more work than may be taken while others wait, or at all. Limits are small here, to be reached soon. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createActiveSet } from "../../../src/consumer/active-set/active-set.ts";
import { STEP_LIMITS, type StepLimits } from "../../../src/consumer/decide/allowance.ts";
import { decideBatch } from "../../../src/consumer/decide/decide-batch.ts";
import { ALONE_EVENT_STEPS_MAX, BATCH_STEPS_MAX, BATCHED_EVENT_STEPS_MAX } from "../../../src/limits.ts";
import type { AcceptedEvent } from "../../../src/messages.ts";
import { createIndex } from "../../../src/rules/index/campaign-index.ts";
import { transitionCampaign, updateCampaign } from "../../../src/storage/campaigns.ts";
import { createMetricBuffer } from "../../../src/telemetry/metric-buffer.ts";
import { acceptedEvent, queueMessage } from "../../support/accepted-events.ts";
import { activeCampaign, changed, OPERATOR } from "../../support/campaigns.ts";
import { campaignOfBefore } from "../../support/costly-campaigns.ts";
import { counted, truth } from "../../support/counted.ts";
import { matches } from "../../support/hostile-rules.ts";
import { forgetAll, recorded } from "../../support/recorded.ts";
import { deliver } from "../../support/recorded-delivery.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const { database, faults, db } = await useFaultyDatabase();
let lines: string[];
beforeEach(async () => {
  await forgetAll(database);
  lines = [];
  for (const level of ["info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  expect(await counted(db)).toEqual(await truth(database));
});

const RULE = matches("[xж].{1,100}y");
const text = (chars: number) => ({ text: `${"x".repeat(chars)}y` });
const [cheap, middling, costly] = [
  acceptedEvent({ id: "cheap", data: text(2) }),
  acceptedEvent({ id: "middling", data: text(200) }),
  acceptedEvent({ id: "costly", data: text(2_000) }),
];
/** Steps that an event takes of the one campaign. */
const stepsOf = (event: AcceptedEvent): number => {
  const index = createIndex([{ id: "1", version: 1, rule: RULE, startsAt: null, endsAt: null }]);
  index.match(event);
  return index.steps;
};
const LIMITS: StepLimits = {
  together: stepsOf(middling) - 1,
  alone: stepsOf(costly) - 1,
  batch: 10 * stepsOf(costly),
  blame: 10,
};

const metricBuffer = createMetricBuffer();
const aloneCount = () =>
  metricBuffer.take().find(({ name }) => name === "events_decided_alone_total")?.value ?? 0;
const decide = async (events: AcceptedEvent[], activeSet = createActiveSet(), limits = LIMITS) => {
  const message = deliver(queueMessage(events));
  await decideBatch(db, activeSet, { messages: [message] }, { metricBuffer }, limits);
  return message.said;
};
const decidedIds = async () => (await recorded(database)).events.map(({ id }) => id);
const matchedIds = async () => (await recorded(database)).matches.map(({ event_id }) => event_id);
const letters = () => database.sql`
  select event_id, cause, campaign_id, campaign_version, status from dead_letters order by event_id`;
const letter = (event: AcceptedEvent, { id }: { id: string }, version = 1) => ({
  event_id: event.id,
  cause: "too_costly",
  campaign_id: id,
  campaign_version: version,
  status: "open",
});

test("the limits are such that an event alone may take more than together, and less than the batch", () => {
  expect(STEP_LIMITS.together).toBe(BATCHED_EVENT_STEPS_MAX);
  expect([STEP_LIMITS.together, STEP_LIMITS.alone, STEP_LIMITS.batch]).toEqual(
    [BATCHED_EVENT_STEPS_MAX, ALONE_EVENT_STEPS_MAX, BATCH_STEPS_MAX].toSorted((a, b) => a - b),
  );
});

describe("an event that takes more than it may while others wait", () => {
  test("is decided alone, when the others are committed", async () => {
    await campaignOfBefore(database, RULE);
    aloneCount();
    const held = faults.fail(
      { kind: "hold" },
      { when: (body) => body.includes("commit_decisions") && body.includes("middling"), times: 1 },
    );
    const deciding = decide([middling, cheap]);
    await held.struck;
    expect(await decidedIds()).toEqual(["cheap"]);
    held.release();
    expect(await deciding).toEqual(["ack"]);
    expect(await matchedIds()).toEqual(["cheap", "middling"]);
    expect(await letters()).toEqual([]);
    expect(aloneCount()).toBe(1);
  });

  test("is put off with its message when it cannot be committed, and then decided once", async () => {
    await campaignOfBefore(database, RULE);
    faults.fail(
      { kind: "lose-reply" },
      { when: (body) => body.includes("commit_decisions") && body.includes("middling"), times: 1 },
    );
    expect(await decide([cheap, middling])).toEqual([{ retryAfter: expect.any(Number) }]);
    expect(await decide([cheap, middling])).toEqual(["ack"]);
    expect(await matchedIds()).toEqual(["cheap", "middling"]);
  });

  test("becomes a dead letter of its own cause when the database refuses it", async () => {
    await campaignOfBefore(database, RULE);
    const poisoned = acceptedEvent({ id: "poisoned", data: { ...middling.data, nul: "\0" } });
    expect(await decide([poisoned, cheap, middling, costly])).toEqual(["ack"]);
    expect(await decidedIds()).toEqual(["cheap", "middling"]);
    expect((await letters()).map(({ event_id, cause }) => [event_id, cause])).toEqual([
      ["costly", "too_costly"],
      ["poisoned", "refused_by_database"],
    ]);
  });
});

describe("an event that takes more than any may", () => {
  test("becomes a dead letter that names the campaign and version; the others of its batch are decided", async () => {
    await activeCampaign(db);
    const { id } = await campaignOfBefore(database, matches("^other$"));
    changed(await updateCampaign(db, id, 1, { rule: RULE }, OPERATOR));
    expect(await decide([costly, cheap, middling])).toEqual(["ack"]);
    expect(await decidedIds()).toEqual(["cheap", "middling"]);
    expect(await letters()).toEqual([letter(costly, { id }, 2)]);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ message: "event_too_costly", campaign_id: id, campaign_version: 2 }),
    );
  });

  test("is not taken for one that matches nothing, and is decided when it comes again after a pause", async () => {
    const others = await activeCampaign(db);
    const { id } = await campaignOfBefore(database, RULE);
    const activeSet = createActiveSet();
    await decide([costly], activeSet);
    expect(await decidedIds()).toEqual([]);
    changed(await transitionCampaign(db, id, "pause", undefined, OPERATOR));
    // The isolate has committed nothing since, so no commit has told it of the pause.
    expect(await decide([costly], activeSet)).toEqual(["ack"]);
    expect((await recorded(database)).matches).toEqual([
      expect.objectContaining({ event_id: "costly", campaign_id: others.id }),
    ]);
  });

  test("that comes again while the campaign is active is open again", async () => {
    const campaign = await campaignOfBefore(database, RULE);
    await decide([costly]);
    await database.sql`update dead_letters set status = 'replayed', replayed_at = now()`;
    await decide([costly]);
    expect(await letters()).toEqual([letter(costly, campaign)]);
    expect((await recorded(database)).deadLetters).toMatchObject([{ attempts: 2 }]);
  });

  test("does not blame campaigns that are gone, nor what they ask", async () => {
    const gone = await campaignOfBefore(database, RULE);
    const stays = await activeCampaign(db);
    const activeSet = createActiveSet();
    for (let n = 0; n < 30; n++) await activeCampaign(db);
    await decide([cheap], activeSet);
    changed(await transitionCampaign(db, gone.id, "pause", undefined, OPERATOR));
    expect(await decide([costly], activeSet)).toEqual(["ack"]);
    expect((await recorded(database)).matches).toContainEqual(
      expect.objectContaining({ event_id: "costly", campaign_id: stays.id }),
    );
  });
});

describe("a batch whose events take more than all of them may together", () => {
  const many = Array.from({ length: 5 }, (_, n) =>
    acceptedEvent({ id: `middling ${n}`, data: middling.data }),
  );

  test("has what is left over kept as dead letters that name the campaign, and ends", async () => {
    const campaign = await campaignOfBefore(database, RULE);
    const batch = 5 * LIMITS.together + 3 * stepsOf(middling) + 5 * 250;
    expect(await decide([...many, cheap], undefined, { ...LIMITS, batch })).toEqual(["ack"]);
    const decided = await decidedIds();
    expect(decided).toContain("cheap");
    expect(decided.length).toBeLessThan(6);
    expect(await letters()).toEqual(
      many.filter(({ id }) => !decided.includes(id)).map((event) => letter(event, campaign)),
    );
  });

  test("decides what takes no work even when nothing is left", async () => {
    await campaignOfBefore(database, RULE);
    const nothing = acceptedEvent({ id: "nothing", data: { n: 1 } });
    await decide([middling, nothing], undefined, { ...LIMITS, batch: 1 });
    expect(await decidedIds()).toEqual(["nothing"]);
    expect(await letters()).toHaveLength(1);
  });
});

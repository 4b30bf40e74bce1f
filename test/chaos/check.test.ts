import { describe, expect, test } from "vitest";
import { activeSetsOf } from "../../dev/chaos/check/active-sets.ts";
import { check } from "../../dev/chaos/check/check.ts";
import type { ActiveSetChange, Content, EventRow, Evidence, QueuedMessage } from "../../dev/chaos/history.ts";
import type { AcceptedEvent } from "../../src/messages.ts";

const CAMPAIGN = "campaign-1";
const ANSWERED = Date.parse("2026-01-01T00:00:10.000Z");

const first: Content = content({ id: "1", data: { amount: 150 } });
const contradiction: Content = content({ id: "1", data: { amount: 5 } });
const small: Content = content({ id: "2", data: { amount: 5 } });
const untimed: Content = content({ id: "3", time: null, data: { amount: 200 } });

function content(fields: Partial<Content>): Content {
  return {
    source: "shop",
    id: "1",
    type: "purchase",
    subject: null,
    time: "2026-01-01T00:00:00.000Z",
    data: {},
    ...fields,
  };
}

const RECEIVED = "2026-01-01T00:00:05.000Z";
const carried = (sent: Content): AcceptedEvent => ({
  ...sent,
  time: sent.time ?? RECEIVED,
  received_at: RECEIVED,
});
const row = (sent: Content, fields: Partial<EventRow> = {}): EventRow => ({
  ...carried(sent),
  epoch: 1,
  processed_at: "2026-01-01T00:00:06.000Z",
  ...fields,
});
const match = (id: string, version = 1) => ({
  campaign_id: CAMPAIGN,
  campaign_version: version,
  source: "shop",
  event_id: id,
  outcome: "granted" as const,
});
const letter = (cause: string, event: unknown) => ({ cause, body: JSON.stringify(event) });

function message(
  name: string,
  contents: readonly number[],
  fields: Partial<QueuedMessage> = {},
): QueuedMessage {
  return { message: name, request: "r1", contents, unknown: 0, copyOf: null, foreign: null, ...fields };
}

function change(epoch: number, fields: Partial<ActiveSetChange> = {}): ActiveSetChange {
  return {
    epoch,
    campaign: CAMPAIGN,
    revision: epoch,
    version: 1,
    active: true,
    rule: { field: "data.amount", operator: "at_least", value: 100 },
    gates: {},
    startsAt: null,
    endsAt: null,
    ...fields,
  };
}

/** What metrics show of the run below, but for what `changed` says. */
function counters(changed: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const shown = {
    events_decided_total: 3,
    'matches_total{outcome="granted"}': 2,
    'matches_total{outcome="held_out"}': 0,
    'matches_total{outcome="not_in_sample"}': 0,
    'matches_total{outcome="outranked"}': 0,
    event_conflicts_total: 1,
    'dead_letters_total{cause="malformed_message"}': 0,
    'dead_letters_total{cause="refused_by_database"}': 0,
    'dead_letters_total{cause="too_costly"}': 0,
    'dead_letters_total{cause="retries_exhausted"}': 0,
    ...changed,
  };
  return new Map(Object.entries(shown).map(([name, value]) => [`campaign_manager_${name}`, value]));
}

/** Four contents accepted in one request: two processed and matched, one processed, one in conflict. */
const GOOD: Evidence = {
  contents: [first, contradiction, small, untimed],
  posts: [{ request: "r1", contents: [0, 1, 2, 3], status: 202, accepted: [0, 1, 2, 3] }],
  queued: [message("m1", [0, 1, 2, 3])],
  deliveries: [],
  stuck: [],
  activeSetChanges: [change(1)],
  answeredChanges: [],
  stored: {
    events: [row(first), row(small), row(untimed)],
    matches: [match("1"), match("3")],
    conflicts: [carried(contradiction)],
    deadLetters: [],
  },
  lettersKept: [],
  scraped: counters({}),
};

const stored = (fields: Partial<Evidence["stored"]>): Partial<Evidence> => ({
  stored: { ...GOOD.stored, ...fields },
});
const found = (changes: Partial<Evidence>) =>
  check({ ...GOOD, ...changes })
    .filter(({ invariant }) => invariant < 4 || "scraped" in changes)
    .map(({ invariant, kind, event, message }) => ({
      is: `${kind} ${invariant}`,
      id: event?.id ?? null,
      message,
    }));

test("evidence of a run in which nothing broke has no violations", () => {
  expect(check(GOOD)).toEqual([]);
});

test("what differs from the processed event by a time left to the server alone is a copy, else it is lost", () => {
  const timed = { ...untimed, time: "2026-01-01T00:00:00.000Z" };
  const lostWith = (sent: Content) =>
    found({
      contents: [first, contradiction, small, untimed, sent],
      queued: [message("m1", [0, 1, 2, 3, 4])],
    });
  expect(lostWith(timed)).toEqual([]);
  expect(lostWith({ ...first, time: null })).toEqual([]);
  for (const other of [
    { ...timed, data: { amount: 201 } },
    { ...first, time: "2026-01-01T00:00:00.001Z" },
  ]) {
    expect(lostWith(other)).toMatchObject([{ is: "lost 1", id: other.id }]);
  }
});

describe("invariant 1", () => {
  test.each<[what: string, changes: Partial<Evidence>, is: string, id: string | null, says: string]>([
    [
      "a 202 for what the queue never took",
      { queued: [message("m1", [0, 1, 3])], ...stored({ events: [row(first), row(untimed)] }) },
      "lost 1",
      "2",
      "accepted by request r1, but the queue never took it",
    ],
    [
      "a 202 backed by another request's message only",
      { queued: [message("m1", [0, 1, 3]), message("m2", [2], { request: "r2" })] },
      "lost 1",
      "2",
      "accepted by request r1, but the queue never took it",
    ],
    [
      "an event that is nowhere",
      stored({ events: [row(first), row(untimed)] }),
      "lost 1",
      "2",
      "was queued once, and is nowhere",
    ],
    [
      "other content that is nowhere",
      stored({ conflicts: [] }),
      "lost 1",
      "1",
      "was queued once, and is nowhere",
    ],
    [
      "an event that the queue held although the client was told otherwise",
      {
        posts: [{ request: "r1", contents: [0, 1, 2, 3], status: 503, accepted: [] }],
        ...stored({ events: [row(first), row(untimed)] }),
      },
      "lost 1",
      "2",
      "was queued once, and is nowhere",
    ],
    [
      "an event in conflict with itself",
      stored({ conflicts: [carried(contradiction), carried(small)] }),
      "doubled 1",
      "2",
      "both processed and in conflict with itself",
    ],
    [
      "a dead letter of an event that is processed",
      stored({ deadLetters: [letter("retries_exhausted", carried(small))] }),
      "doubled 1",
      "2",
      "was queued once and ended more often: 1 processed, 0 in conflict, 1 dead letters",
    ],
    [
      "two dead letters of one event",
      stored({
        events: [row(first), row(untimed)],
        deadLetters: [
          letter("retries_exhausted", carried(small)),
          letter("retries_exhausted", { ...carried(small), received_at: "2026-01-01T00:00:07.000Z" }),
        ],
      }),
      "doubled 1",
      "2",
      "was queued once and ended more often",
    ],
    [
      "an event that the database refused and has, however often it was sent",
      {
        queued: [message("m1", [0, 1, 2, 3]), message("m2", [2, 2, 2])],
        ...stored({ deadLetters: [letter("refused_by_database", carried(small))] }),
      },
      "doubled 1",
      "2",
      "was refused by the database and yet recorded",
    ],
    [
      "an event that was stored without the queue",
      { posts: [], queued: [message("m1", [0, 1, 3])] },
      "wrong 1",
      "2",
      "was stored although the queue never took it",
    ],
    [
      "an event altered on its way",
      stored({ events: [row(first), row(small), row(untimed), row({ ...small, id: "9" })] }),
      "wrong 1",
      "9",
      "events holds content that no client sent",
    ],
    [
      "a message that holds what nobody sent",
      { queued: [message("m1", [0, 1, 2, 3], { unknown: 1 })] },
      "wrong 1",
      null,
      "message m1 holds 1 events nobody sent",
    ],
    [
      "a conflict with an event that is not there",
      {
        queued: [message("m1", [0, 1, 2, 3])],
        ...stored({
          events: [row(small), row(untimed)],
          matches: [match("3")],
          deadLetters: [letter("retries_exhausted", carried(first))],
        }),
      },
      "lost 1",
      "1",
      "is in conflict with an event that is not there",
    ],
    [
      "a message that never left the queue",
      { stuck: ["m1"] },
      "lost 1",
      "1",
      "message m1 never left the queue",
    ],
    [
      "a foreign message that left no trace",
      { queued: [...GOOD.queued, message("m2", [], { request: null, foreign: '{"version":99}' })] },
      "lost 1",
      null,
      'a foreign message left no dead letter: {"version":99}',
    ],
    [
      "an event taken for a foreign message",
      stored({ deadLetters: [letter("malformed_message", carried(small))] }),
      "wrong 1",
      null,
      "a dead letter calls malformed what is not",
    ],
  ])("%s is a violation", (_, changes, is, id, says) => {
    expect(found(changes)).toEqual([{ is, id, message: expect.stringContaining(says) }]);
  });

  test.each<[what: string, changes: Partial<Evidence>]>([
    [
      "a dead letter in place of the event",
      stored({
        events: [row(first), row(untimed)],
        deadLetters: [letter("retries_exhausted", carried(small))],
      }),
    ],
    [
      "a dead letter of the copy of a processed event",
      {
        queued: [...GOOD.queued, message("m2", [2], { copyOf: "m1" })],
        ...stored({ deadLetters: [letter("retries_exhausted", carried(small))] }),
      },
    ],
    [
      "a foreign message that is kept as a dead letter",
      {
        queued: [...GOOD.queued, message("m2", [], { request: null, foreign: '{"version":99}' })],
        ...stored({ deadLetters: [letter("malformed_message", { version: 99 })] }),
      },
    ],
    [
      "a request that was answered 503 and queued all the same",
      { posts: [{ request: "r1", contents: [0, 1, 2, 3], status: null, accepted: [] }] },
    ],
  ])("%s is none", (_, changes) => {
    expect(found(changes)).toEqual([]);
  });

  test("an event without a time gets the time of receipt and no other", () => {
    const events = [row(first), row(small), row(untimed, { time: "2026-01-01T00:00:04.000Z" })];
    expect(found(stored({ events }))).toEqual([
      { is: "wrong 1", id: "3", message: "events holds content that no client sent" },
      { is: "lost 1", id: "3", message: "was queued once, and is nowhere" },
    ]);
  });
});

describe("invariant 2", () => {
  test("two rows of one event are a violation", () => {
    const events = [...GOOD.stored.events, row(small)];
    expect(found(stored({ events }))).toEqual([
      { is: "doubled 2", id: "2", message: "has 2 rows in events" },
    ]);
  });

  test("two matches of one event with one campaign are a violation, of whatever version", () => {
    const matches = [match("1"), match("3"), match("1", 2)];
    const activeSetChanges = [change(1)];
    expect(found({ ...stored({ matches }), activeSetChanges })).toContainEqual({
      is: "doubled 2",
      id: "1",
      message: `has 2 matches with campaign ${CAMPAIGN}`,
    });
  });
});

describe("invariant 3", () => {
  test.each<[what: string, changes: Partial<Evidence>, id: string, says: string]>([
    [
      "a match that is missing",
      stored({ matches: [match("3")] }),
      "1",
      `no match with ${CAMPAIGN} version 1`,
    ],
    [
      "a match too many",
      stored({ matches: [match("1"), match("2"), match("3")] }),
      "2",
      `a match with ${CAMPAIGN} version 1`,
    ],
    [
      "a match with another version",
      stored({ matches: [match("1", 2), match("3")] }),
      "1",
      `no match with ${CAMPAIGN} version 1, granted and a match with ${CAMPAIGN} version 2, granted`,
    ],
    [
      "a match with a paused campaign",
      {
        activeSetChanges: [change(1), change(2, { active: false })],
        ...stored({ events: [row(first, { epoch: 2 }), row(small), row(untimed)] }),
      },
      "1",
      `a match with ${CAMPAIGN} version 1, granted; the campaigns of epoch 2 say otherwise`,
    ],
    [
      "a match after the campaign's end",
      {
        activeSetChanges: [change(1), change(2, { endsAt: "2026-01-01T00:00:00.000Z" })],
        ...stored({ events: [row(first, { epoch: 2 }), row(small), row(untimed)] }),
      },
      "1",
      `a match with ${CAMPAIGN} version 1, granted; the campaigns of epoch 2 say otherwise`,
    ],
    [
      "a match that a sample leaves out, granted",
      { activeSetChanges: [change(1, { gates: { sample: { percent: 100 } } })] },
      "1",
      `no match with ${CAMPAIGN} version 1, not_in_sample and a match with ${CAMPAIGN} version 1, granted`,
    ],
    [
      "a match outside the schedule",
      {
        activeSetChanges: [
          change(1, { gates: { schedule: { zone: "UTC", include: [{ date: "2026-01-02" }] } } }),
        ],
      },
      "1",
      `a match with ${CAMPAIGN} version 1, granted`,
    ],
    [
      "an epoch that never was",
      stored({ events: [row(first, { epoch: 7 }), row(small), row(untimed)] }),
      "1",
      "names epoch 7, which there never was",
    ],
    [
      "a match without its event",
      {
        contents: [first, contradiction, small, untimed],
        ...stored({ matches: [match("1"), match("3"), match("8")] }),
      },
      "8",
      "has matches but is not there",
    ],
  ])("%s is a violation", (_, changes, id, says) => {
    expect(found(changes)).toContainEqual({ is: "wrong 3", id, message: expect.stringContaining(says) });
  });

  describe("a decision with a set that was over", () => {
    /** Epoch 2 leaves the rule as it was, so that only the epoch can be wrong. */
    const decided = (epoch: number, afterAnswerMs: number): Partial<Evidence> => ({
      activeSetChanges: [change(1), change(2)],
      answeredChanges: [
        { campaign: CAMPAIGN, revision: 1, answeredAt: ANSWERED - 5_000 },
        { campaign: CAMPAIGN, revision: 2, answeredAt: ANSWERED },
      ],
      ...stored({
        events: [
          row(first, { epoch, processed_at: new Date(ANSWERED + afterAnswerMs).toISOString() }),
          row(small),
          row(untimed),
        ],
      }),
    });

    test("is a violation when the change had been answered before it began", () => {
      expect(found(decided(1, 2))).toEqual([
        {
          is: "wrong 3",
          id: "1",
          message:
            "was decided at 2026-01-01T00:00:10.002Z with the campaigns of epoch 1, although epoch 2 was answered at 2026-01-01T00:00:10.000Z",
        },
      ]);
    });

    test.each([
      ["when it began before the answer", decided(1, -1)],
      ["within the rounding of the times", decided(1, 1)],
      ["with the new set", decided(2, 1_000)],
    ])("is none %s", (_, changes) => {
      expect(found(changes)).toEqual([]);
    });
  });

  test("nothing is concluded from a record with a gap", () => {
    expect(() => activeSetsOf([change(1), change(3)])).toThrow("the change to epoch 2 was not written down");
  });

  test("the sets are replayed in the order of epochs, whatever the order of the record", () => {
    const other = change(2, { campaign: "campaign-2" });
    const sets = activeSetsOf([change(3, { active: false }), other, change(1)]);
    expect([...sets.values()].map((set) => set.map(({ campaign }) => campaign))).toEqual([
      [],
      [CAMPAIGN],
      [CAMPAIGN, "campaign-2"],
      ["campaign-2"],
    ]);
  });
});

describe("invariant 4", () => {
  test.each<[what: string, changed: Readonly<Record<string, number>>, says: string]>([
    [
      "an event counted twice",
      { events_decided_total: 4 },
      "events_decided_total is 4, the database holds 3",
    ],
    [
      "a match not counted",
      { 'matches_total{outcome="granted"}': 1 },
      'matches_total{outcome="granted"} is 1, the database holds 2',
    ],
    [
      "a conflict not counted",
      { event_conflicts_total: 0 },
      "event_conflicts_total is 0, the database holds 1",
    ],
    [
      "a letter that is not there",
      { 'dead_letters_total{cause="malformed_message"}': 1 },
      'dead_letters_total{cause="malformed_message"} is 1, the database holds 0',
    ],
  ])("%s", (_, changed, message) => {
    expect(found({ scraped: counters(changed) })).toEqual([{ is: "miscounted 4", id: null, message }]);
  });

  test("a metric that is not shown", () => {
    const scraped = new Map([...counters({})].filter(([name]) => !name.includes("granted")));
    expect(found({ scraped })).toMatchObject([
      { message: 'matches_total{outcome="granted"} is absent, the database holds 2' },
    ]);
  });

  test("letters are counted for the cause they were first kept for", () => {
    const lettersKept = [{ cause: "refused_by_database" }];
    const scraped = counters({ 'dead_letters_total{cause="refused_by_database"}': 1 });
    expect(found({ scraped, lettersKept })).toEqual([]);
  });
});

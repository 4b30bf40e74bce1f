import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createActiveSet } from "../../src/consumer/active-set/active-set.ts";
import { decideBatch } from "../../src/consumer/decide/decide-batch.ts";
import type { AcceptedEvent } from "../../src/messages.ts";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { acceptedEvent, queueMessage } from "../support/accepted-events.ts";
import { event as anyEvent, rule as anyRule } from "../support/arbitrary-rules.ts";
import { describeWithPostgres, type TestDatabase } from "../support/database.ts";
import { type FaultyDatabase, openFaultyDatabase } from "../support/faulty-database.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { deliver } from "../support/recorded-delivery.ts";
import { type Chooser, chooser, seedOf } from "../support/seeded.ts";
import { type ActiveCampaign, type Change, startCampaignWriter, TIMES } from "./campaign-writer.ts";

/** Of one round. */
const EVENTS = 600;
const CONSUMERS = 4;
const WRITERS = 2;
/** With less than this too little would be put to the test. */
const EPOCHS_MIN = 12;
const MATCHES_MIN = 300;
const WRITES_MIN = 2; // of each writer

describeWithPostgres("several consumers decide while campaigns change", () => {
  let { database, faults, db } = {} as FaultyDatabase;
  let lines: string[];

  beforeAll(async () => {
    const opened = await openFaultyDatabase({ real: true });
    ({ database, faults, db } = opened);
    return opened.close;
  });
  beforeEach(() => {
    lines = [];
    for (const level of ["info", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
    }
  });
  afterEach(() => void vi.restoreAllMocks());

  test("each event is decided once, by the campaigns of the epoch it was committed in", async ({
    onTestFailed,
  }) => {
    const seed = seedOf();
    onTestFailed(() => void process.stderr.write(`TEST_SEED=${seed}\n`));
    const choose = chooser(seed);
    const rules = fc.sample(anyRule, { seed, numRuns: 200 });

    const elsewhere = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
    const writers = Array.from({ length: WRITERS }, () =>
      startCampaignWriter(elsewhere, database.sql, rules, chooser(choose.below(2 ** 31))),
    );
    await Promise.all(writers.map(({ warm }) => warm));
    // Some commits take effect and say nothing of it; some wait on their way and meet a later epoch.
    const isCommit = (body: string) => body.includes("commit_decisions");
    const lost = faults.fail(
      { kind: "lose-reply" },
      { when: (body) => isCommit(body) && choose.below(20) === 0 },
    );

    // Consumers commit without a pause. However fast they are beside the writers, they go on until enough has happened
    // in enough epochs: writers that never got their turn would keep the test here.
    const events: AcceptedEvent[] = [];
    do {
      const round = someEvents(events.length, choose);
      events.push(...round);
      // Everything twice, in different orders and company; some of it with other content under the same id.
      const deliveries = [...choose.shuffled(round), ...choose.shuffled(round)];
      const share = Math.ceil(deliveries.length / CONSUMERS);
      await Promise.all(
        Array.from({ length: CONSUMERS }, (_, n) =>
          consume(db, deliveries.slice(n * share, (n + 1) * share), chooser(choose.below(2 ** 31))),
        ),
      );
    } while (!(await isEnough(database)) || writers.some((writer) => writer.writes() < WRITES_MIN));
    lost.release();
    const written = await Promise.all(writers.map((writer) => writer.stop()));

    const retried = lines.flatMap((line) =>
      line.includes("message_retried") ? [JSON.parse(line).failure] : [],
    );
    expect(new Set(retried)).not.toContain("40P01");
    expect(lost.hits).toBeGreaterThan(0);
    const history = written.flat().toSorted((a, b) => a.epoch - b.epoch);
    // The history is whole: every epoch there was has its change.
    expect(history.map(({ epoch }) => epoch)).toEqual(history.map((_, n) => n + 1));
    expect(history.length).toBeGreaterThan(20);
    await expectDecidedByEpoch(database, events, history);
  });
});

/** Delivers events in messages of up to ten, and what is sent back again, until all is acknowledged. */
async function consume(db: Database, events: readonly AcceptedEvent[], choose: Chooser): Promise<void> {
  const activeSet = createActiveSet();
  for (let at = 0; at < events.length; ) {
    let waiting: unknown[] = Array.from({ length: 1 + choose.below(3) }, () => {
      const from = at;
      at += 1 + choose.below(10);
      return queueMessage(events.slice(from, at));
    }).filter(({ events }) => events.length > 0);
    for (let attempts = 1; waiting.length > 0; attempts++) {
      if (attempts > 20) throw new Error("a message was sent back twenty times");
      const messages = waiting.map((body) => deliver(body, attempts));
      await decideBatch(db, activeSet, { messages });
      waiting = messages.filter(({ said }) => said[0] !== "ack").map(({ body }) => body);
    }
  }
}

/** Random events as the API accepts them, numbered from `first`; every eighth has the id of another. */
function someEvents(first: number, choose: Chooser): AcceptedEvent[] {
  const seed = choose.below(2 ** 31);
  return fc.sample(anyEvent, { seed, numRuns: EVENTS }).map(({ type, subject, data }, at) => {
    const n = first + at;
    const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
    return acceptedEvent({
      id: String(n % 8 === 7 ? choose.below(n) : n),
      type,
      subject: subject || null,
      time: choose.oneOf(TIMES),
      data: { ...(isObject ? data : {}), n },
    });
  });
}

async function isEnough({ sql }: TestDatabase): Promise<boolean> {
  const [stored] = await sql`
    select (select count(distinct epoch) from events)::int as epochs, (select count(*) from matches)::int as matches`;
  return stored?.["epochs"] >= EPOCHS_MIN && stored?.["matches"] >= MATCHES_MIN;
}

async function expectDecidedByEpoch(
  { sql }: TestDatabase,
  events: readonly AcceptedEvent[],
  history: readonly Change[],
): Promise<void> {
  // Every event has a number of its own in its data.
  const byNumber = new Map(events.map((event) => [event.data["n"], event]));
  const stored = (await sql`
    select e.id, e.epoch, (e.data->'n')::int as n, coalesce((
      select array_agg(m.campaign_id || ' ' || m.campaign_version order by 1)
      from matches m where m.source = e.source and m.event_id = e.id), '{}') as matches
    from events e order by e.epoch`) as { id: string; epoch: string; n: number; matches: string[] }[];

  expect(stored.map(({ id }) => id).toSorted()).toEqual([...new Set(events.map(({ id }) => id))].toSorted());
  const active = new Map<string, ActiveCampaign>();
  let applied = 0;
  for (const row of stored) {
    const epoch = Number(row.epoch);
    for (; applied < epoch; applied++) {
      const change = history[applied];
      if (change === undefined) throw new Error(`epoch ${epoch} has no history`);
      if (change.campaign === null) active.delete(change.id);
      else active.set(change.id, change.campaign);
    }
    const event = byNumber.get(row.n);
    if (event?.id !== row.id) throw new Error(`event ${row.id} holds what nobody sent`);
    const expected = [...active].flatMap(([id, campaign]) =>
      isMatch(campaign, event) ? [`${id} ${campaign.version}`] : [],
    );
    expect([row.id, row.matches.toSorted()]).toEqual([row.id, expected.toSorted()]);
  }

  const conflicts = await sql`select event_id as id, (data->'n')::int as n from event_conflicts`;
  const kept = [...stored, ...conflicts].map(({ id, n }) => `${id} ${n}`);
  expect(kept.toSorted()).toEqual(events.map(({ id, data }) => `${id} ${data["n"]}`).toSorted());
  expect(await sql`select cause from dead_letters`).toEqual([]);
}

function isMatch({ rule, startsAt, endsAt }: ActiveCampaign, event: AcceptedEvent): boolean {
  const time = Date.parse(event.time);
  if (startsAt !== null && time < Date.parse(startsAt)) return false;
  if (endsAt !== null && time >= Date.parse(endsAt)) return false;
  return evaluate(rule, event);
}

/** The consumer of before goes on with its own statements until it is replaced. Goes with `data_hash`. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { listDeadLetters } from "../../src/storage/dead-letters.ts";
import { commitDecisions } from "../../src/storage/decisions.ts";
import { acceptedEvent, eventOfVersion1 } from "../support/accepted-events.ts";
import { describeOnBothBackEnds } from "../support/back-ends.ts";
import { activeCampaign } from "../support/campaigns.ts";
import type { TestDatabase } from "../support/database.ts";
import { forgetAll, recorded } from "../support/recorded.ts";

describeOnBothBackEnds("the consumer of before", (open) => {
  let database: TestDatabase;
  let db: Database;
  let campaign: string;
  let epoch: number;

  beforeAll(async () => {
    database = await open();
    db = openDatabase({ url: database.url, timeoutMs: 10_000 });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await forgetAll(database);
    campaign = (await activeCampaign(db)).id;
    const [row] = await database.sql`select epoch from campaign_epoch`;
    epoch = Number(row?.["epoch"]);
  });

  const events = [acceptedEvent({ id: "1" }), acceptedEvent({ id: "2" })];

  /** Its commit, as it stood: inserts by hash, and matches for what this very statement inserted. */
  const commitOfBefore = async (hash = "5e".repeat(32)) => {
    const decisions = events.map(({ source, id }) => ({ source, id, campaign }));
    await database.sql.transaction((sql) => [
      sql`select pg_advisory_xact_lock_shared(hashtext('erasures'))`,
      sql`select assert_campaign_epoch(${epoch})`,
      sql`
        with incoming as (
          select e.* from jsonb_to_recordset(${JSON.stringify(events.map(eventOfVersion1))}::jsonb) as e (
            source text, id text, type text, subject text, time timestamptz, received_at timestamptz, data jsonb)
        ), inserted as (
          insert into events (source, id, type, subject, time, received_at, epoch, data, data_hash)
          select source, id, type, subject, time, received_at, ${epoch}::bigint, data, decode(${hash}, 'hex')
          from incoming on conflict do nothing
          returning source, id, subject, data_hash
        )
        insert into matches (campaign_id, source, event_id, campaign_version, subject)
        select d.campaign, i.source, i.id, 1, i.subject
        from jsonb_to_recordset(${JSON.stringify(decisions)}::jsonb) as d (source text, id text, campaign uuid)
        join inserted i on (i.source, i.id, i.data_hash) = (d.source, d.id, decode(${hash}, 'hex'))`,
    ]);
  };
  const decisions = () => events.map((_, event) => ({ event, campaign_id: campaign, campaign_version: 1 }));

  test("and the one of now record the same events once, whoever is first", async () => {
    for (const order of ["before", "now"]) {
      await database.sql`truncate events, event_conflicts, matches`;
      if (order === "before") await commitOfBefore();
      await commitDecisions(db, epoch, events, decisions());
      await commitOfBefore();
      const { events: stored, matches, conflicts } = await recorded(database);
      expect([stored.length, matches.length, conflicts.length]).toEqual([2, 2, 0]);
    }
  });

  test("records what the one of now compares by content", async () => {
    await commitOfBefore();
    const other = acceptedEvent({ id: "1", type: "other" });
    expect(await commitDecisions(db, epoch, [other, ...events], [])).toMatchObject({
      inserted: 0,
      conflicts: 1,
    });
  });

  test("may keep conflicts and letters with their hash", async () => {
    await commitOfBefore();
    await database.sql`
      insert into event_conflicts (source, event_id, data_hash, type, subject, time, received_at, data)
      values ('shop', '1', sha256('x'), 'other', null, now(), now(), '{}')`;
    await database.sql`
      insert into dead_letters (id, cause, source, event_id, body, body_hash, data_hash, attempts, first_at)
      values (gen_random_uuid(), 'retries_exhausted', 'shop', '9', '{}', sha256('y'), sha256('z'), 1, now())`;
    expect((await listDeadLetters(db, {}, 10, undefined)).rows).toHaveLength(1);
    await database.sql`delete from events`;
    expect((await recorded(database)).conflicts).toEqual([]);
  });
});

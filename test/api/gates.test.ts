/** What a campaign asks beside its window and its rule, and what becomes of its matches, through both Workers. */
import { beforeAll, describe, expect, test } from "vitest";
import { bucketOf, holdoutBucketOf } from "../../src/decisions/sample.ts";
import { GROUP_CHARS_MAX, PRIORITY_MAX, SCHEDULE_WINDOWS_MAX } from "../../src/limits.ts";
import { newKey } from "../support/accounts.ts";
import { move } from "../support/posted-campaigns.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
beforeAll(async () => {
  admin = await system.login("admin");
});

const NO_GATES = { schedule: null, sample: null, holdout: null, group: null, priority: null };
const SCHEDULE = {
  zone: "Europe/Berlin",
  weekly: [{ days: ["fri"], from: "22:00", to: "02:00" }],
  include: [{ date: "2026-12-24", from: "10:00", to: "14:00" }],
  exclude: ["2026-12-25"],
};

/** Only events of this type are for the campaigns of one test. */
const typeOf = (type: string) => ({ field: "type", operator: "equals", value: type });
const create = (type: string, gates: object) =>
  system.call("POST", "/v1/campaigns", {
    token: admin,
    json: { name: "Gated", rule: typeOf(type), ...gates },
  });
const change = async (id: string, json: object) => {
  const { headers } = await system.call("GET", `/v1/campaigns/${id}`, { token: admin });
  return system.call("PATCH", `/v1/campaigns/${id}`, {
    token: admin,
    json,
    headers: { "If-Match": headers.get("ETag") ?? "" },
  });
};

async function active(type: string, gates: object): Promise<string> {
  const created = await create(type, gates);
  expect(created.status).toBe(201);
  await move(system, created.json.id, "activate");
  return created.json.id;
}

/** What became of an event's matches: outcomes by campaign. */
async function outcomes(event: { type: string; subject?: string; time?: string }): Promise<object> {
  const id = crypto.randomUUID();
  const posted = await system.call("POST", "/v1/events", { token: admin, json: { id, ...event } });
  expect(posted.status).toBe(202);
  const { json } = await eventually(async () => {
    const answer = await system.call("GET", `/v1/events/${id}`, { token: admin });
    return answer.status === 200 ? answer : undefined;
  });
  return Object.fromEntries(
    json.matches.map(({ campaign_id, outcome }: { campaign_id: string; outcome: string }) => [
      campaign_id,
      outcome,
    ]),
  );
}

describe("gates of a campaign", () => {
  test("are null where it has none, and kept as they were sent", async () => {
    expect((await create("kept", {})).json).toMatchObject(NO_GATES);
    const gates = {
      schedule: SCHEDULE,
      sample: { percent: 12.34, salt: "summer" },
      holdout: { key: "kept", percent: 5 },
      group: "checkout",
      priority: -3,
    };
    const { json } = await create("kept", gates);
    expect(json).toMatchObject(gates);
    expect((await system.call("GET", `/v1/campaigns/${json.id}`, { token: admin })).json).toMatchObject(
      gates,
    );
  });

  test("make a version where they change, and are changed one by one", async () => {
    const { id } = (await create("changed", { group: "checkout", priority: 1 })).json;
    expect((await change(id, { priority: 1 })).json).toMatchObject({ version: 1 });
    expect((await change(id, { sample: { percent: 50 } })).json).toMatchObject({
      ...{ version: 2, group: "checkout", priority: 1, sample: { percent: 50 } },
    });
    expect((await change(id, { group: null, priority: null, sample: null })).json).toMatchObject({
      ...{ version: 3, ...NO_GATES },
    });
    expect((await change(id, { group: null, name: "Other" })).json).toMatchObject({ version: 3 });
    const versions = await system.call("GET", `/v1/campaigns/${id}/versions`, { token: admin });
    expect(versions.json.data).toMatchObject([
      { version: 3, ...NO_GATES },
      { version: 2, sample: { percent: 50 }, group: "checkout", priority: 1 },
      { version: 1, sample: null, group: "checkout", priority: 1 },
    ]);
    const audit = await system.call("GET", `/v1/audit?target=campaign/${id}&limit=1`, {
      token: admin,
    });
    expect(audit.json.data[0].after.gates).toEqual({});
  });

  test.each([
    ["a zone that is none", { schedule: { ...SCHEDULE, zone: "Europe/Atlantis" } }, "/schedule/zone"],
    ["an offset for a zone", { schedule: { ...SCHEDULE, zone: "+01:00" } }, "/schedule/zone"],
    ["no zone", { schedule: { weekly: SCHEDULE.weekly } }, "/schedule/zone"],
    ["a schedule that is never open", { schedule: { zone: "UTC", exclude: ["2026-12-24"] } }, "/schedule"],
    ["an unknown key", { schedule: { ...SCHEDULE, daily: [] } }, "/schedule/daily"],
    [
      "no day",
      { schedule: { zone: "UTC", weekly: [{ days: [], from: "10:00", to: "11:00" }] } },
      "/schedule/weekly/0/days",
    ],
    [
      "an unknown day",
      { schedule: { zone: "UTC", weekly: [{ days: ["Fri"], from: "10:00", to: "11:00" }] } },
      "/schedule/weekly/0/days/0",
    ],
    [
      "a time of day that is none",
      { schedule: { zone: "UTC", weekly: [{ days: ["fri"], from: "10:60", to: "11:00" }] } },
      "/schedule/weekly/0/from",
    ],
    [
      "a window without length",
      { schedule: { zone: "UTC", weekly: [{ days: ["fri"], from: "10:00", to: "10:00" }] } },
      "/schedule/weekly/0/to",
    ],
    [
      "too many windows",
      {
        schedule: {
          zone: "UTC",
          weekly: Array.from({ length: SCHEDULE_WINDOWS_MAX + 1 }, () => SCHEDULE.weekly[0]),
        },
      },
      "/schedule/weekly",
    ],
    [
      "a date that is none",
      { schedule: { zone: "UTC", include: [{ date: "2026-02-29" }] } },
      "/schedule/include/0/date",
    ],
    ["a percentage over 100", { sample: { percent: 100.01 } }, "/sample/percent"],
    ["a negative percentage", { sample: { percent: -1 } }, "/sample/percent"],
    ["a percentage too fine", { sample: { percent: 0.001 } }, "/sample/percent"],
    ["a percentage that is text", { sample: { percent: "5" } }, "/sample/percent"],
    ["an empty salt", { sample: { percent: 5, salt: "" } }, "/sample/salt"],
    ["a holdout without a key", { holdout: { percent: 5 } }, "/holdout/key"],
    ["an empty group", { group: "" }, "/group"],
    ["a group too long", { group: "g".repeat(GROUP_CHARS_MAX + 1) }, "/group"],
    ["a priority too high", { priority: PRIORITY_MAX + 1 }, "/priority"],
    ["half a priority", { priority: 0.5 }, "/priority"],
  ])("are refused with %s, and nothing changes", async (_, gates, pointer) => {
    const refused = await create("refused", gates);
    expect(refused.status).toBe(422);
    expect(refused.json.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    const { id, updated_at } = (await create("refused", {})).json;
    expect((await change(id, gates)).status).toBe(422);
    expect((await system.call("GET", `/v1/campaigns/${id}`, { token: admin })).json).toMatchObject({
      ...{ updated_at, version: 1, ...NO_GATES },
    });
  });

  test("agree on a holdout's percentage with the campaign that named it first", async () => {
    const holdout = { key: "agreed", percent: 5 };
    expect((await create("agreed", { holdout })).status).toBe(201);
    const fault = { pointer: "/holdout/percent", code: "holdout_percent_fixed" };
    const other = await create("agreed", { holdout: { ...holdout, percent: 6 } });
    expect(other.status).toBe(422);
    expect(other.json.errors).toMatchObject([fault]);
    const { id } = (await create("agreed", {})).json;
    const changed = await change(id, { holdout: { ...holdout, percent: 6 } });
    expect([changed.status, changed.json.errors]).toMatchObject([422, [fault]]);
    expect((await change(id, { holdout: { key: "agreed", percent: 5.0 } })).status).toBe(200);
  });
});

describe("an event", () => {
  test("outside the schedule matches nothing, inside it matches", async () => {
    const id = await active("scheduled", { schedule: SCHEDULE });
    const at = (time: string) => outcomes({ type: "scheduled", time });
    expect(await at("2026-11-20T22:00:00+01:00")).toEqual({ [id]: "granted" });
    expect(await at("2026-11-21T01:59:59+01:00")).toEqual({ [id]: "granted" });
    expect(await at("2026-11-21T02:00:00+01:00")).toEqual({});
  });

  test("of a subject in the sample is granted; others are recorded, with the bucket", async () => {
    const salt = "sampled";
    const id = await active("sampled", { sample: { percent: 50, salt } });
    for (let n = 0; n < 6; n++) {
      const bucket = bucketOf(salt, `customer-${n}`);
      expect(await outcomes({ type: "sampled", subject: `customer-${n}` })).toEqual({
        [id]: bucket < 5_000 ? "granted" : "not_in_sample",
      });
    }
    expect(await outcomes({ type: "sampled" })).toEqual({ [id]: "not_in_sample" });
    const left = await system.call("GET", `/v1/matches?campaign_id=${id}&outcome=not_in_sample`, {
      token: admin,
    });
    const withoutSubject = left.json.data.filter(
      ({ subject }: { subject: string | null }) => subject === null,
    );
    expect(withoutSubject.map((match: { evidence: unknown }) => match.evidence)).toEqual([
      { reason: "no_subject" },
    ]);
    for (const { subject, evidence } of left.json.data) {
      if (subject !== null) expect(evidence).toEqual({ bucket: bucketOf(salt, subject), percent: 50 });
    }
    const granted = await system.call("GET", `/v1/matches?campaign_id=${id}&outcome=granted`, {
      token: admin,
    });
    for (const match of granted.json.data) expect(match.evidence).toBeNull();
    const all = await system.call("GET", `/v1/matches?campaign_id=${id}`, { token: admin });
    expect(all.json.data).toHaveLength(left.json.data.length + granted.json.data.length);
    expect(all.json.data).toHaveLength(7);
  });

  test("of a subject that is held out is recorded so by every campaign that names the holdout", async () => {
    const holdout = { key: "everyone", percent: 100 };
    const [a, b] = [await active("held", { holdout }), await active("held", { holdout })];
    const free = await active("held", {});
    expect(await outcomes({ type: "held", subject: "anna" })).toEqual({
      ...{ [a]: "held_out", [b]: "held_out", [free]: "granted" },
    });
    const { json } = await system.call("GET", `/v1/matches?campaign_id=${a}`, { token: admin });
    expect(json.data[0].evidence).toEqual({
      holdout: "everyone",
      bucket: holdoutBucketOf(holdout, "anna"),
      percent: 100,
    });
  });

  test("is granted by one campaign of a group, also when priorities have changed", async () => {
    const low = await active("grouped", { group: "checkout", priority: 1 });
    const high = await active("grouped", { group: "checkout", priority: 2 });
    const other = await active("grouped", { group: "welcome" });
    expect(await outcomes({ type: "grouped" })).toEqual({
      ...{ [high]: "granted", [low]: "outranked", [other]: "granted" },
    });
    expect((await change(low, { priority: 3 })).status).toBe(200);
    expect(await outcomes({ type: "grouped" })).toEqual({
      ...{ [low]: "granted", [high]: "outranked", [other]: "granted" },
    });
    expect((await change(low, { group: null, priority: null })).status).toBe(200);
    expect(await outcomes({ type: "grouped" })).toEqual({
      ...{ [low]: "granted", [high]: "granted", [other]: "granted" },
    });
  });
});

test("matches are counted by outcome, and the filter takes no other", async () => {
  const { secret } = await newKey(system, { scopes: ["metrics:read"] });
  const metrics = await system.call("GET", "/metrics", { token: secret });
  for (const outcome of ["granted", "held_out", "not_in_sample", "outranked"]) {
    const [stored] = await system.database
      .sql`select count(*)::int as n from matches where outcome = ${outcome}`;
    expect(metrics.text).toContain(`campaign_manager_matches_total{outcome="${outcome}"} ${stored?.["n"]}\n`);
  }
  expect((await system.call("GET", "/v1/matches?outcome=lost", { token: admin })).status).toBe(422);
});

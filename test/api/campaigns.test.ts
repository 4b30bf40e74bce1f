/** A campaign's life, and what it moves: the epoch, versions, what events match. */
import { beforeAll, describe, expect, test } from "vitest";
import { DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX } from "../../src/limits.ts";
import { epochOf, move, postCampaign, RULE } from "../support/posted-campaigns.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
beforeAll(async () => {
  admin = await system.login("admin");
});

const NO_GATES = { schedule: null, sample: null, holdout: null, group: null, priority: null };
const UNKNOWN = "018f0000-0000-7000-8000-000000000000";
const OTHER_RULE = { and: [RULE, { field: "type", operator: "equals", value: "purchase" }] };

const create = (json: object) =>
  system.call("POST", "/v1/campaigns", { token: admin, json: { name: "Big", rule: RULE, ...json } });
const read = (id: string, headers: Record<string, string> = {}) =>
  system.call("GET", `/v1/campaigns/${id}`, { token: admin, headers });
const change = (id: string, json: unknown, headers: Record<string, string> = {}) =>
  system.call("PATCH", `/v1/campaigns/${id}`, { token: admin, json, headers });
const changeNow = async (id: string, json: unknown) =>
  change(id, json, { "If-Match": (await read(id)).headers.get("ETag") ?? "" });
const transition = (id: string, name: string, headers: Record<string, string> = {}) =>
  system.call("POST", `/v1/campaigns/${id}/${name}`, { token: admin, headers });

describe("a campaign", () => {
  test("is created as a draft, with an id, an ETag and a place", async () => {
    const created = await create({ name: "Gold", description: "Reward gold" });
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: "Gold",
      description: "Reward gold",
      status: "draft",
      version: 1,
      rule: RULE,
      starts_at: null,
      ends_at: null,
      ...NO_GATES,
      created_at: expect.any(String),
      updated_at: created.json.created_at,
    });
    expect(created.headers.get("Location")).toBe(`/v1/campaigns/${created.json.id}`);
    const found = await read(created.json.id);
    expect(found.json).toEqual(created.json);
    expect(found.headers.get("ETag")).toBe(created.headers.get("ETag"));
  });

  test.each([
    ["no name", { name: undefined }, "/name"],
    ["an empty name", { name: "" }, "/name"],
    ["a name too long", { name: "x".repeat(NAME_CHARS_MAX + 1) }, "/name"],
    ["a line break in the name", { name: "a\nb" }, "/name"],
    ["a description too long", { description: "x".repeat(DESCRIPTION_CHARS_MAX + 1) }, "/description"],
    ["a NUL in the description", { description: "\0" }, "/description"],
    ["no rule", { rule: undefined }, "/rule"],
    ["an empty rule", { rule: {} }, "/rule"],
    ["an empty list", { rule: { and: [] } }, "/rule/and"],
    [
      "an unknown operator, deep",
      { rule: { not: { or: [RULE, { ...RULE, operator: "like" }] } } },
      "/rule/not/or/1/operator",
    ],
    ["a value of the wrong type", { rule: { ...RULE, value: "100" } }, "/rule/value"],
    ["a time that is none", { starts_at: "tomorrow" }, "/starts_at"],
    ["a day that is none", { ends_at: "2026-02-30T00:00:00Z" }, "/ends_at"],
    [
      "an end before its start",
      { starts_at: "2026-02-01T00:00:00Z", ends_at: "2026-01-01T00:00:00Z" },
      "/ends_at",
    ],
    [
      "an end at its start",
      { starts_at: "2026-02-01T00:00:00Z", ends_at: "2026-02-01T01:00:00+01:00" },
      "/ends_at",
    ],
    ["a status", { status: "active" }, "/status"],
  ])("is refused with %s, and the place is named", async (_, fields, pointer) => {
    const answer = await create(fields);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer }]);
  });

  test("may have every text and time at its limit", async () => {
    const fields = {
      name: "x".repeat(NAME_CHARS_MAX),
      description: "line\n".repeat(DESCRIPTION_CHARS_MAX / 5).padEnd(DESCRIPTION_CHARS_MAX, "é"),
      starts_at: "0001-01-01T00:00:00Z",
      ends_at: "9999-12-31T23:59:59.999Z",
    };
    expect((await create(fields)).json).toMatchObject(fields);
  });

  test("answers its times in one form, whatever the offset they were sent with", async () => {
    const { json } = await create({ starts_at: "2026-11-21t12:00:00.1239+02:00", ends_at: null });
    expect(json.starts_at).toBe("2026-11-21T10:00:00.123Z");
  });

  test("that does not exist is a 404, an id that is none a 422", async () => {
    expect((await read(UNKNOWN)).status).toBe(404);
    expect((await change(UNKNOWN, { name: "x" }, { "If-Match": '"1"' })).status).toBe(404);
    expect((await transition(UNKNOWN, "activate")).status).toBe(404);
    expect((await system.call("GET", `/v1/campaigns/${UNKNOWN}/versions`, { token: admin })).status).toBe(
      404,
    );
    for (const id of ["1", "null", `${UNKNOWN}%20`]) expect((await read(id)).status).toBe(422);
  });
});

describe("a change", () => {
  test("needs the ETag last read: 428 without, 412 when stale, 304 while current", async () => {
    const { id, etag } = await postCampaign(system);
    expect((await read(id, { "If-None-Match": etag })).status).toBe(304);
    const without = await change(id, { name: "New" });
    expect([without.status, without.json.code]).toEqual([428, "precondition_required"]);
    const changed = await change(id, { name: "New" }, { "If-Match": etag });
    expect([changed.status, changed.json.name]).toEqual([200, "New"]);
    for (const stale of [etag, '"999999999"', '"9999999999"', `W/${changed.headers.get("ETag")}`, "*", "x"]) {
      expect((await change(id, { name: "Newer" }, { "If-Match": stale })).status).toBe(412);
    }
    expect((await read(id, { "If-None-Match": etag })).json.name).toBe("New");
  });

  test("of two at once is made by one", async () => {
    const { id, etag } = await postCampaign(system);
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map((name) => change(id, { name }, { "If-Match": etag })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  test("touches what it names and nothing else", async () => {
    const { id } = await postCampaign(system, { description: "kept", ends_at: "2030-01-01T00:00:00Z" });
    const before = (await read(id)).json;
    const { json } = await changeNow(id, { name: "New", ends_at: null });
    expect(json).toEqual({ ...before, name: "New", ends_at: null, updated_at: json.updated_at });
    expect(Date.parse(json.updated_at)).toBeGreaterThan(Date.parse(before.updated_at));
  });

  test.each([
    ["nothing", {}, ""],
    ["null for a name", { name: null }, "/name"],
    ["null for a rule", { rule: null }, "/rule"],
    ["a status", { status: "active" }, "/status"],
    ["a version", { version: 7 }, "/version"],
    [
      "an end before its start",
      { starts_at: "2026-02-01T00:00:00Z", ends_at: "2026-01-01T00:00:00Z" },
      "/ends_at",
    ],
  ])("is refused with %s", async (_, json, pointer) => {
    const { id } = await postCampaign(system);
    const answer = await changeNow(id, json);
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0]).toMatchObject({ pointer });
  });

  test.each([
    [{ starts_at: "2026-03-01T00:00:00Z" }, { ends_at: "2026-02-01T00:00:00Z" }],
    [{ ends_at: "2026-02-01T00:00:00Z" }, { starts_at: "2026-02-01T00:00:00Z" }],
  ])("of one end of the window is held against the other: %j, then %j", async (stored, json) => {
    const { id } = await postCampaign(system, stored);
    const answer = await changeNow(id, json);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer: "/ends_at" }]);
    expect((await read(id)).json).toMatchObject(stored);
  });
});

describe("versions", () => {
  const versionsOf = async (id: string, query = "") =>
    (await system.call("GET", `/v1/campaigns/${id}/versions${query}`, { token: admin })).json;

  test("are made by a changed rule, and by nothing else", async () => {
    const { id } = await postCampaign(system);
    expect((await changeNow(id, { name: "New" })).json.version).toBe(1);
    expect((await changeNow(id, { rule: RULE })).json.version).toBe(1);
    const { field, operator, value } = RULE;
    expect((await changeNow(id, { rule: { value, operator, field } })).json.version).toBe(1);
    expect((await changeNow(id, { rule: OTHER_RULE, name: "Newer" })).json).toMatchObject({
      version: 2,
      rule: OTHER_RULE,
    });
    await move(system, id, "activate", "pause");
    const admin_id = (await system.call("GET", "/v1/auth/me", { token: admin })).json.id;
    expect(await versionsOf(id)).toEqual({
      data: [
        {
          version: 2,
          rule: OTHER_RULE,
          semantics: 2,
          ...NO_GATES,
          created_at: expect.any(String),
          created_by: admin_id,
        },
        {
          version: 1,
          rule: RULE,
          semantics: 2,
          ...NO_GATES,
          created_at: expect.any(String),
          created_by: admin_id,
        },
      ],
      next_cursor: null,
    });
  });

  test("come in pages, newest first", async () => {
    const { id } = await postCampaign(system);
    for (let value = 1; value <= 4; value++) await changeNow(id, { rule: { ...RULE, value } });
    const seen: number[] = [];
    let query = "?limit=2";
    for (let page = 0; page < 5; page++) {
      const { data, next_cursor } = await versionsOf(id, query);
      seen.push(...data.map(({ version }: { version: number }) => version));
      if (next_cursor === null) break;
      query = `?limit=2&cursor=${next_cursor}`;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });
});

describe("transitions", () => {
  const PATHS = {
    draft: [],
    active: ["activate"],
    paused: ["activate", "pause"],
    archived: ["activate", "pause", "archive"],
  } as const;
  const ALLOWED: Readonly<Record<string, string>> = {
    "draft activate": "active",
    "paused activate": "active",
    "active pause": "paused",
    "paused archive": "archived",
  };

  test.each(
    Object.keys(PATHS).flatMap((status) =>
      ["activate", "pause", "archive"].map((name) => [status, name] as const),
    ),
  )("a campaign that is %s: %s", async (status, name) => {
    const { id } = await postCampaign(system);
    await move(system, id, ...PATHS[status as keyof typeof PATHS]);
    const becomes = ALLOWED[`${status} ${name}`];
    const before = await read(id);
    const answer = await transition(id, name);
    const after = await read(id);
    if (becomes === undefined) {
      expect([answer.status, answer.json.code, answer.json.detail]).toEqual([
        409,
        "conflict",
        `The campaign is ${status}`,
      ]);
      expect(after.json).toEqual(before.json);
    } else {
      expect([answer.status, answer.json.status]).toEqual([200, becomes]);
      expect(answer.json).toEqual(after.json);
      expect(answer.headers.get("ETag")).toBe(after.headers.get("ETag"));
      expect(answer.headers.get("ETag")).not.toBe(before.headers.get("ETag"));
    }
  });

  test("may ask that nothing has changed since", async () => {
    const { id, etag } = await postCampaign(system);
    await changeNow(id, { name: "New" });
    expect((await transition(id, "activate", { "If-Match": etag })).status).toBe(412);
    const current = (await read(id)).headers.get("ETag") ?? "";
    expect((await transition(id, "activate", { "If-Match": current })).status).toBe(200);
  });

  test("end in the archive, where nothing can be changed", async () => {
    const { id } = await postCampaign(system);
    await move(system, id, ...PATHS.archived);
    const answer = await changeNow(id, { name: "New" });
    expect([answer.status, answer.json.code]).toEqual([409, "conflict"]);
  });
});

describe("the epoch moves exactly when the active set changes", () => {
  test.each<[string, readonly string[], (id: string) => Promise<unknown>, number]>([
    ["a draft is created", [], async () => {}, 0],
    ["a draft's rule changes", [], (id) => changeNow(id, { rule: OTHER_RULE }), 0],
    ["a draft is activated", [], (id) => transition(id, "activate"), 1],
    ["an active campaign's rule changes", ["activate"], (id) => changeNow(id, { rule: OTHER_RULE }), 1],
    ["an active campaign's rule is sent again", ["activate"], (id) => changeNow(id, { rule: RULE }), 0],
    [
      "an active campaign is renamed",
      ["activate"],
      (id) => changeNow(id, { name: "New", description: "x" }),
      0,
    ],
    [
      "an active campaign's start changes",
      ["activate"],
      (id) => changeNow(id, { starts_at: "2026-01-01T00:00:00Z" }),
      1,
    ],
    [
      "an active campaign's end changes",
      ["activate"],
      (id) => changeNow(id, { ends_at: "2036-01-01T00:00:00Z" }),
      1,
    ],
    ["an active campaign is activated again", ["activate"], (id) => transition(id, "activate"), 0],
    ["an active campaign is paused", ["activate"], (id) => transition(id, "pause"), 1],
    [
      "a paused campaign's rule changes",
      ["activate", "pause"],
      (id) => changeNow(id, { rule: OTHER_RULE }),
      0,
    ],
    ["a paused campaign is activated", ["activate", "pause"], (id) => transition(id, "activate"), 1],
    ["a paused campaign is archived", ["activate", "pause"], (id) => transition(id, "archive"), 0],
    ["a change is stale", ["activate"], (id) => change(id, { rule: OTHER_RULE }, { "If-Match": '"999"' }), 0],
    ["a change is refused", ["activate"], (id) => changeNow(id, { rule: {} }), 0],
  ])("%s", async (_, path, act, moved) => {
    const { id } = await postCampaign(system);
    await move(system, id, ...path);
    const before = await epochOf(system);
    await act(id);
    expect((await epochOf(system)) - before).toBe(moved);
  });
});

describe("what is decided", () => {
  /** Posts an event and answers the campaigns, among these, that it matched when decided. */
  async function matched(event: object, among: readonly string[]): Promise<unknown[]> {
    const id = crypto.randomUUID();
    const posted = await system.call("POST", "/v1/events", {
      token: admin,
      json: { id, type: "purchase", data: { amount: 120 }, ...event },
    });
    expect(posted.status).toBe(202);
    const { json } = await eventually(async () => {
      const answer = await system.call("GET", `/v1/events/${id}`, { token: admin });
      return answer.status === 200 ? answer : undefined;
    });
    return json.matches.filter(({ campaign_id }: { campaign_id: string }) => among.includes(campaign_id));
  }

  test("follows activation, a new version, a pause and a return at once", async () => {
    const { id } = await postCampaign(system);
    expect(await matched({}, [id])).toEqual([]);
    await move(system, id, "activate");
    expect(await matched({}, [id])).toEqual([{ campaign_id: id, campaign_version: 1, outcome: "granted" }]);
    await changeNow(id, { rule: { ...RULE, value: 200 } });
    expect(await matched({}, [id])).toEqual([]);
    expect(await matched({ data: { amount: 200 } }, [id])).toEqual([
      { campaign_id: id, campaign_version: 2, outcome: "granted" },
    ]);
    await move(system, id, "pause");
    expect(await matched({ data: { amount: 200 } }, [id])).toEqual([]);
    await move(system, id, "activate");
    expect(await matched({ data: { amount: 200 } }, [id])).toEqual([
      { campaign_id: id, campaign_version: 2, outcome: "granted" },
    ]);
  });

  test("holds starts_at and ends_at against the event's own time: the start counts, the end does not", async () => {
    const window = { starts_at: "2026-01-10T00:00:00Z", ends_at: "2026-01-20T00:00:00Z" };
    const { id } = await postCampaign(system, window);
    await move(system, id, "activate");
    const cases = {
      "2026-01-09T23:59:59.999Z": 0,
      "2026-01-10T00:00:00Z": 1,
      "2026-01-10T00:59:59+01:00": 0,
      "2026-01-19T23:59:59.999Z": 1,
      "2026-01-20T00:00:00Z": 0,
    };
    const counts = await Promise.all(
      Object.keys(cases).map(async (time) => (await matched({ time }, [id])).length),
    );
    expect(counts).toEqual(Object.values(cases));
  });
});

describe("POST /v1/rules/explain", () => {
  const explain = (json: unknown) => system.call("POST", "/v1/rules/explain", { token: admin, json });
  const event = { id: "1", type: "purchase", data: { amount: 120 } };

  test("says whether a rule is true of an event and why, and stores nothing", async () => {
    const yes = await explain({ rule: OTHER_RULE, event });
    expect(yes.status).toBe(200);
    expect(yes.json.matched).toBe(true);
    expect(yes.json.explanation).toMatchObject({ matched: true });
    expect(JSON.stringify(yes.json.explanation)).toContain("120");
    const no = await explain({ rule: OTHER_RULE, event: { ...event, data: {} } });
    expect(no.json).toMatchObject({ matched: false, explanation: { matched: false } });
    expect(
      (await system.call("GET", "/v1/events?type=purchase&subject=explained", { token: admin })).json.data,
    ).toEqual([]);
  });

  test.each([
    ["no event", { rule: RULE }, "/event"],
    ["an event without an id", { rule: RULE, event: { type: "a" } }, "/event/id"],
    ["an event with NUL", { rule: RULE, event: { ...event, data: { a: ["\0"] } } }, "/event/data/a/0"],
    ["no rule", { event }, "/rule"],
    ["a bad pattern", { rule: { field: "type", operator: "matches", value: "(" }, event }, "/rule/value"],
    ["an unknown key", { rule: RULE, event, store: true }, "/store"],
  ])("refuses %s with a pointer", async (_, json, pointer) => {
    const answer = await explain(json);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer }]);
  });
});

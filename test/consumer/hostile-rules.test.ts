/** Rules that took seconds an event, through the real Workers: refused by name, or decided, and nothing stands still. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ALONE_EVENT_STEPS_MAX } from "../../src/limits.ts";
import { costOf } from "../../src/rules/cost/rule-cost.ts";
import { parseRule, type Rule } from "../../src/rules/language/schema.ts";
import { campaignOfBefore, campaignsOfBefore } from "../support/costly-campaigns.ts";
import { each, HOSTILE, LETTERS, matches } from "../support/hostile-rules.ts";
import { move, postCampaign } from "../support/posted-campaigns.ts";
import { forgetAll } from "../support/recorded.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
beforeAll(async () => {
  admin = await system.login("admin");
});
beforeEach(() => forgetAll(system.database));

const post = (path: string, json: unknown, headers = {}) =>
  system.call("POST", path, { token: admin, json, headers });
const TOO_COSTLY = matches("(?i)refund.{1,900}word");

/** What became of an event, once it is decided or a dead letter. */
const endOf = (id: string) =>
  eventually(
    async () => {
      const [decided] = await system.database.sql`select id from events where id = ${id}`;
      if (decided !== undefined) return "decided";
      const { json } = await system.call("GET", `/v1/dead-letters?event_id=${id}`, { token: admin });
      return json.data[0];
    },
    { what: `that ${id} comes to an end` },
  );
const send = async (...events: { id: string; data: unknown }[]) => {
  const { json } = await post(
    "/v1/events",
    events.map((event) => ({ ...event, type: "purchase", source: "shop" })),
  );
  expect(json).toMatchObject({ results: events.map(() => ({ status: "accepted" })) });
};

describe("a rule over the limit is refused with a pointer", () => {
  const rule = { and: [matches("^a"), TOO_COSTLY] };
  const event = { id: "1", type: "purchase" };

  test.each([
    ["POST", "/v1/campaigns", { name: "Costly", rule }, "/rule/and/1"],
    ["POST", "/v1/rules/explain", { rule, event }, "/rule/and/1"],
    ["POST", "/v1/campaigns/analyze", { draft: { rule } }, "/draft/rule/and/1"],
  ])("%s %s", async (method, path, json, pointer) => {
    const answer = await system.call(method, path, { token: admin, json });
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toEqual([{ pointer, code: "too_costly", message: expect.any(String) }]);
  });

  test("PATCH /v1/campaigns/{id}", async () => {
    const { id, etag } = await postCampaign(system);
    const answer = await system.call("PATCH", `/v1/campaigns/${id}`, {
      token: admin,
      json: { rule },
      headers: { "If-Match": etag },
    });
    expect([answer.status, answer.json.errors[0].code]).toEqual([422, "too_costly"]);
  });
});

test("a campaign that would make every event too costly is not activated: 409 names those that take most", async () => {
  const rule = matches("x.{1,100}y");
  const { id } = await postCampaign(system, { name: "One more", rule });
  const before = await campaignOfBefore(system.database, rule);
  await system.database.sql`update campaigns set ordinary_event_steps = 1999999 where id = ${before.id}`;
  const refused = await post(`/v1/campaigns/${id}/activate`, undefined);
  expect(refused.status).toBe(409);
  expect(refused.json).toMatchObject({
    code: "active_set_too_costly",
    detail: expect.stringContaining("2,000,000 steps"),
    campaigns: [{ id: before.id, name: "Costly", ordinary_event_steps: 1_999_999 }],
  });
  await move(system, before.id, "pause");
  await move(system, id, "activate");
});

describe("campaigns of before, on the event made for them", () => {
  test.each(HOSTILE)("$name", async ({ rules, data }) => {
    await campaignsOfBefore(system.database, rules);
    await send({ id: "hostile", data }, { id: "neighbour", data: { n: -1 } });
    let isOver = false;
    const over = endOf("hostile").finally(() => {
      isOver = true;
    });
    do {
      expect((await system.call("GET", "/health")).status).toBe(200);
    } while (!isOver);
    expect(await over).toBe("decided");
    expect(await endOf("neighbour")).toBe("decided");
    expect(await system.database.sql`select from dead_letters`).toEqual([]);
  });

  test.each(HOSTILE)("explained: $name", async ({ rules, data }) => {
    for (const rule of rules.slice(0, 3)) {
      const answer = await post("/v1/rules/explain", { rule, event: { id: "1", type: "purchase", data } });
      expect(answer.status).toBe(parseRule(rule).ok ? 200 : 422);
      if (answer.status === 422) expect(answer.json.errors).toMatchObject([{ code: "too_costly" }]);
    }
  });
});

test("an event that is too costly even alone is a dead letter, and decided once the campaign is paused", async () => {
  // Each text of its own: none is asked twice.
  const rule: Rule = { and: each(200, (at) => ({ not: matches(`\\pL[\\pL\\pN]{100}\\pP${at}`) })) };
  expect(costOf(rule).largest).toBeGreaterThan(ALONE_EVENT_STEPS_MAX);
  const { id } = await campaignOfBefore(system.database, rule);
  await send({ id: "costly", data: { text: LETTERS } }, { id: "neighbour", data: {} });
  const letter = await endOf("costly");
  expect(letter).toMatchObject({
    cause: "too_costly",
    status: "open",
    campaign_id: id,
    campaign_version: 1,
    error_code: null,
  });
  expect(await endOf("neighbour")).toBe("decided");
  await move(system, id, "pause");
  expect((await post("/v1/dead-letters/replay", { cause: "too_costly" })).status).toBe(200);
  await eventually(async () => ((await endOf("costly")) === "decided" ? true : undefined));
});

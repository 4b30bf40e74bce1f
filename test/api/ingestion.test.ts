/** POST /v1/events: what is accepted, what is refused and where, and that accepted means decided. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  EVENT_AHEAD_MS_MAX,
  EVENT_ATTRIBUTE_CHARS_MAX,
  EVENT_BYTES_MAX,
  EVENT_FAULTS_MAX,
  EVENTS_PER_REQUEST_MAX,
  FAULTS_MAX,
  JSON_DEPTH_MAX,
} from "../../src/limits.ts";
import { exchange, type Key, newKey, tokenOf } from "../support/accounts.ts";
import { type Answer, eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
beforeAll(async () => {
  admin = await system.login("admin");
});

let made = 0;
const event = (fields: object = {}) => ({ id: `e-${++made}`, type: "purchase", ...fields });
const post = (json: unknown, token = admin) => system.call("POST", "/v1/events", { token, json });
const postText = (body: string, type = "application/json") =>
  system.call("POST", "/v1/events", { token: admin, body, headers: { "Content-Type": type } });

/** The event as it is read after it has been decided. */
async function decided(id: string, source?: string): Promise<Record<string, unknown>> {
  const query = source === undefined ? "" : `?source=${encodeURIComponent(source)}`;
  return eventually(async () => {
    const answer = await system.call("GET", `/v1/events/${encodeURIComponent(id)}${query}`, { token: admin });
    return answer.status === 200 ? answer.json : undefined;
  });
}

const accepted = (ids: readonly string[]) => ({
  accepted: ids.length,
  rejected: 0,
  results: ids.map((id, index) => ({ index, id, status: "accepted" })),
});

describe("one event", () => {
  test("is accepted and decided as it was sent", async () => {
    const sent = event({
      source: "shop-eu",
      subject: "customer-42",
      time: "2026-11-21T10:00:00Z",
      data: { amount: 120.5, user: { tier: "gold" }, tags: ["a", null, true], name: "Zoë 👋" },
    });
    const answer = await post(sent);
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual(accepted([sent.id]));
    const { received_at, processed_at, matches, sender: _, ...rest } = await decided(sent.id);
    expect(rest).toEqual(sent);
    expect(matches).toEqual([]);
    expect(Date.parse(String(processed_at))).toBeGreaterThanOrEqual(Date.parse(String(received_at)));
  });

  test("needs an id and a type: the rest has defaults", async () => {
    const sent = event();
    await post(sent);
    const found = await decided(sent.id);
    expect(found).toMatchObject({ ...sent, source: "api", subject: null, data: {} });
    expect(found["time"]).toBe(found["received_at"]);
  });

  test("comes by default from the key that posts it, directly or by its token", async () => {
    const key = await newKey(system, { name: "till 7 / Köln" });
    for (const token of [key.secret, await tokenOf(exchange(system, key))]) {
      const sent = event();
      expect((await post(sent, token)).status).toBe(202);
      expect(await decided(sent.id)).toMatchObject({ source: "till 7 / Köln" });
    }
  });

  test("sent again changes nothing, sent differently neither", async () => {
    const sent = event({ data: { n: 1 } });
    await post(sent);
    const first = await decided(sent.id);
    for (const again of [sent, { ...sent, data: { n: 2 } }]) expect((await post(again)).status).toBe(202);
    const later = event();
    await post(later);
    await decided(later.id);
    expect(await decided(sent.id)).toEqual(first);
  });

  test.each(["a/b", "a b", "%41", "ä", "../../x", "'; drop table events; --", "{}", "👋", "a?b#c"])(
    "may have any printable id: %s",
    async (id) => {
      expect((await post({ id, type: "t", source: `ids ${id}` })).status).toBe(202);
      expect(await decided(id, `ids ${id}`)).toMatchObject({ id, source: `ids ${id}` });
    },
  );
});

describe("a key writes in its own sources alone", () => {
  const refused = { status: "rejected", error: { code: "source_not_allowed" } };
  const both = async (key: Key) => [key.secret, await tokenOf(exchange(system, key))];

  test("by its secret as by its token: what it sends in another's name takes nothing of it", async () => {
    const newsletter = await newKey(system, { name: "newsletter" });
    const payments = await newKey(system, { name: "payments" });
    for (const [n, token] of (await both(newsletter)).entries()) {
      const order = { id: `order-${n}`, type: "purchase", data: { amount: 1 } };
      const forged = await post([{ ...order, source: "payments" }, order], token);
      expect(forged.status).toBe(202);
      expect(forged.json.results).toMatchObject([
        { ...refused, error: { errors: [{ pointer: "/source", code: "source_not_allowed" }] } },
        { status: "accepted" },
      ]);
      expect((await post({ ...order, data: { amount: 99 } }, payments.secret)).status).toBe(202);
      expect(await decided(order.id, "payments")).toMatchObject({ data: { amount: 99 } });
      expect(await decided(order.id, "newsletter")).toMatchObject({ data: { amount: 1 } });
    }
  });

  test("refused alone it is a 422 that says so, in an envelope too", async () => {
    const { secret } = await newKey(system);
    const answer = await post({ ...event(), source: "payments" }, secret);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer: "/source", code: "source_not_allowed" }]);
    const enveloped = await system.call("POST", "/v1/events", {
      token: secret,
      body: JSON.stringify([{ ...event(), specversion: "1.0", source: "payments" }]),
      headers: { "Content-Type": "application/cloudevents-batch+json" },
    });
    expect(enveloped.status).toBe(422);
    expect(enveloped.json.errors).toMatchObject([{ pointer: "/0/source", code: "source_not_allowed" }]);
  });

  test("given others than its name, it must name one of those", async () => {
    const key = await newKey(system, { sources: ["till-1", "till-2"] });
    for (const token of await both(key)) {
      const { json } = await post(
        [
          { ...event(), source: "till-1" },
          { ...event(), source: "till-2" },
          event(),
          { ...event(), source: "*" },
        ],
        token,
      );
      expect(json.results).toMatchObject([{ status: "accepted" }, { status: "accepted" }, refused, refused]);
    }
  });

  test("given every source, in every one; so may an admin", async () => {
    const any = await newKey(system, { sources: ["*"] });
    for (const token of [...(await both(any)), admin])
      expect((await post({ ...event(), source: "payments" }, token)).status).toBe(202);
  });
});

describe("who sent an event", () => {
  test("is kept with it and shown: the key, directly or by its token, or the user", async () => {
    const key = await newKey(system, { sources: ["signed"] });
    const { json: user } = await system.call("GET", "/v1/auth/me", { token: admin });
    const byKey = { kind: "api_key", id: key.id };
    for (const [token, sender] of [
      [key.secret, byKey],
      [await tokenOf(exchange(system, key)), byKey],
      [admin, { kind: "user", id: user.id }],
    ] as const) {
      const sent = event({ source: "signed" });
      await post(sent, token);
      expect(await decided(sent.id, "signed")).toMatchObject({ sender });
    }
  });

  test("is kept with a conflict: of two that may write in one source, the one that came second", async () => {
    const [first, second] = [
      await newKey(system, { sources: ["shared"] }),
      await newKey(system, { sources: ["shared"] }),
    ];
    const sent = event({ source: "shared", subject: "the one of two", data: { n: 1 } });
    await post(sent, first.secret);
    expect(await decided(sent.id, "shared")).toMatchObject({ sender: { kind: "api_key", id: first.id } });
    await post({ ...sent, data: { n: 2 } }, second.secret);
    const exported = await eventually(async () => {
      const { json } = await system.call("GET", "/v1/subjects/the%20one%20of%20two/export", { token: admin });
      return json.event_conflicts.length === 1 ? json : undefined;
    });
    expect(exported.event_conflicts).toMatchObject([
      { data: { n: 2 }, sender: { kind: "api_key", id: second.id } },
    ]);
    expect(exported.events).toMatchObject([{ data: { n: 1 }, sender: { kind: "api_key", id: first.id } }]);
  });
});

describe("every field has its limits, each side of them", () => {
  const long = (length: number) => "x".repeat(length);
  const MAX = EVENT_ATTRIBUTE_CHARS_MAX;
  /** How deep `data` may nest as the body's one event. */
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

  test.each<[string, object]>([
    ["id of 255", { id: long(MAX) }],
    ["type of 255", { type: long(MAX) }],
    ["source of 255", { source: long(MAX) }],
    ["subject of 255", { subject: long(MAX) }],
    ["subject null", { subject: null }],
    ["time with an offset", { time: "2026-01-01T00:00:00.5+05:30" }],
    ["time in lower case", { time: "2026-01-01t00:00:00z" }],
    ["time of a leap second", { time: "2016-12-31T23:59:60Z" }],
    ["time long ago", { time: "0001-01-01T00:00:00Z" }],
    ["empty data", { data: {} }],
    ["data as deep as may be", { data: deep(JSON_DEPTH_MAX - 1) }],
    ["data with the outermost numbers", { data: { n: Number.MAX_SAFE_INTEGER, m: 5e-324, z: -0 } }],
    ["data with an empty key", { data: { "": "" } }],
    ["data with keys of every object's own", { data: { constructor: 1, toString: 2, hasOwnProperty: 3 } }],
    ["data with text of every script", { data: { a: "\u0001\u001f\u007f\u2028 é 漢 👋 \ufffe" } }],
  ])("accepted: %s", async (_, fields) => {
    expect((await post(event(fields))).json).toMatchObject({ accepted: 1, rejected: 0 });
  });

  test.each<[string, object, string]>([
    ["id missing", { id: undefined }, "/id"],
    ["id empty", { id: "" }, "/id"],
    ["id of 256", { id: long(MAX + 1) }, "/id"],
    ["id a number", { id: 7 }, "/id"],
    ["id null", { id: null }, "/id"],
    ["id with NUL", { id: "a\0b" }, "/id"],
    ["id with CRLF", { id: "a\r\nb" }, "/id"],
    ["id with a lone surrogate", { id: "a\ud800" }, "/id"],
    ["type missing", { type: undefined }, "/type"],
    ["type empty", { type: "" }, "/type"],
    ["type of 256", { type: long(MAX + 1) }, "/type"],
    ["source empty", { source: "" }, "/source"],
    ["source of 256", { source: long(MAX + 1) }, "/source"],
    ["source null", { source: null }, "/source"],
    ["source with a C1 control", { source: "a\u0085b" }, "/source"],
    ["subject empty", { subject: "" }, "/subject"],
    ["subject of 256", { subject: long(MAX + 1) }, "/subject"],
    ["subject a list", { subject: ["a"] }, "/subject"],
    ["time without an offset", { time: "2026-01-01T00:00:00" }, "/time"],
    ["time a date", { time: "2026-01-01" }, "/time"],
    ["time in seconds", { time: 1_760_000_000 }, "/time"],
    ["time no day of the calendar", { time: "2026-02-29T00:00:00Z" }, "/time"],
    ["time with a leap second out of place", { time: "2026-05-05T12:00:60Z" }, "/time"],
    ["time in the year 0", { time: "0000-12-31T00:00:00Z" }, "/time"],
    ["time null", { time: null }, "/time"],
    ["data null", { data: null }, "/data"],
    ["data a list", { data: [] }, "/data"],
    ["data text", { data: "{}" }, "/data"],
    ["NUL in the data", { data: { a: [{ "b/c": "x\0" }] } }, "/data/a/0/b~1c"],
    ["NUL in a key", { data: { a: { "\0": 1 } } }, "/data/a"],
    ["a lone surrogate in the data", { data: { a: "\udc00" } }, "/data/a"],
    ["a lone surrogate in a key", { data: { "\ud800": 1 } }, "/data"],
    ["an unknown field", { user: "x" }, "/user"],
    ["a field of ours", { received_at: "2026-01-01T00:00:00Z" }, "/received_at"],
  ])("refused: %s", async (_, fields, pointer) => {
    const single = await post(event(fields));
    expect([single.status, single.json.code]).toEqual([422, "invalid"]);
    expect(single.json.errors).toMatchObject([{ pointer }]);
    const listed = await post([event(fields)]);
    expect(listed.json.errors).toMatchObject([{ pointer: `/0${pointer}` }]);
    const beside = await post([event(), event(fields)]);
    expect(beside.status).toBe(202);
    expect(beside.json).toMatchObject({ accepted: 1, rejected: 1 });
    expect(beside.json.results[1]).toMatchObject({
      index: 1,
      status: "rejected",
      error: { code: "invalid", errors: [{ pointer }] },
    });
  });

  test("a time may lie 5 minutes ahead and no more", async () => {
    const ahead = (milliseconds: number) =>
      event({ time: new Date(Date.now() + EVENT_AHEAD_MS_MAX + milliseconds).toISOString() });
    expect((await post(ahead(0))).status).toBe(202);
    const answer = await post(ahead(30_000));
    expect(answer.json.errors).toMatchObject([{ pointer: "/time", code: "too_far_ahead" }]);
  });

  test.each([
    ["1e400", '{"id":"n","type":"t","data":{"a":[1,1e400]}}', "/data/a/1"],
    ["-1e400", '{"id":"n","type":"t","data":{"a":-1e400}}', "/data/a"],
    ["a number of 400 digits", `{"id":"n","type":"t","data":{"a":${"9".repeat(400)}}}`, "/data/a"],
  ])("refused: a number that no double holds, %s", async (_, body, pointer) => {
    const answer = await postText(body);
    expect(answer.json.errors).toMatchObject([{ pointer, code: "number_out_of_range" }]);
  });

  test.each([
    ["2^53", '{"id":"n","type":"t","data":{"a":[1,9007199254740992]}}', "/data/a/1"],
    ["1e20", '{"id":"n","type":"t","data":{"a":-1e20}}', "/data/a"],
  ])("refused: a whole number that a double may not hold exactly, %s", async (_, body, pointer) => {
    const answer = await postText(body);
    expect(answer.json.errors).toMatchObject([{ pointer, code: "number_not_exact" }]);
  });

  test("refused: data that nests one level deeper", async () => {
    const answer = await post(event({ data: deep(JSON_DEPTH_MAX) }));
    expect(answer.json.errors).toMatchObject([{ pointer: "", code: "too_deep" }]);
  });

  test.each([
    ["id", '{"id":"d-1","type":"t","id":"d-2"}', "/id"],
    ["member of the data", '{"id":"d-3","type":"t","data":{"a":[{"n":1,"n":2}]}}', "/data/a/0/n"],
    ["type in an array", '[{"id":"d-4","type":"t"},{"id":"d-5","type":"t","type":"u"}]', "/1/type"],
  ])("refused: a repeated %s, and nothing is taken", async (_, body, pointer) => {
    const answer = await postText(body);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer, code: "duplicate_key" }]);
  });

  test("refused: a prototype instead of a field; kept: one in the data", async () => {
    const refused = await postText('{"id":"p","type":"t","__proto__":{"source":"x"}}');
    expect(refused.json.errors).toMatchObject([{ pointer: "/__proto__", code: "unknown_key" }]);
    const id = event().id;
    await postText(`{"id":"${id}","type":"t","data":{"__proto__":{"admin":true}}}`);
    expect(JSON.stringify((await decided(id))["data"])).toBe('{"__proto__":{"admin":true}}');
  });

  test("64 KiB is the most an event may have as JSON, in bytes", async () => {
    const sized = (bytes: number, unit: string) => {
      const bare = event({ data: { text: "" } });
      const room = bytes - JSON.stringify(bare).length;
      const length = new TextEncoder().encode(unit).length;
      return {
        ...bare,
        data: {
          text: unit.repeat(Math.floor(room / length)).padEnd(room / length, "x") + "x".repeat(room % length),
        },
      };
    };
    for (const unit of ["x", "é", "漢"]) {
      expect((await post(sized(EVENT_BYTES_MAX, unit))).status).toBe(202);
      const answer = await post(sized(EVENT_BYTES_MAX + 1, unit));
      expect(answer.status).toBe(422);
      expect(answer.json.errors).toMatchObject([{ pointer: "", code: "event_too_large" }]);
    }
  });

  test.each([
    ["text", '"x"'],
    ["a number", "5"],
    ["null", "null"],
    ["truth", "true"],
  ])("refused: %s instead of an event", async (_, body) => {
    expect((await postText(body)).json.errors).toMatchObject([{ pointer: "", code: "invalid_type" }]);
  });
});

describe("an array", () => {
  test("answers for every event in its place: accepted ones are decided, whatever stands beside them", async () => {
    const events = [event(), { type: "t" }, event(), event({ time: "never" }), "x", null, event({ id: 9 })];
    const answer = await post(events);
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({ accepted: 2, rejected: 5 });
    expect(
      answer.json.results.map(({ index, id, status }: Record<string, unknown>) => [index, id, status]),
    ).toEqual([
      [0, events[0] && "id" in (events[0] as object) ? (events[0] as { id: string }).id : null, "accepted"],
      [1, null, "rejected"],
      [2, (events[2] as { id: string }).id, "accepted"],
      [3, (events[3] as { id: string }).id, "rejected"],
      [4, null, "rejected"],
      [5, null, "rejected"],
      [6, null, "rejected"],
    ]);
    await decided((events[0] as { id: string }).id);
    await decided((events[2] as { id: string }).id);
  });

  test("with no acceptable event is a 422 that names every fault", async () => {
    const answer = await post([{ type: "t" }, event({ subject: "" })]);
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      "/0/id",
      "/1/subject",
    ]);
  });

  test.each([
    ["beside one that is accepted", [event()], 202],
    ["alone", [], 422],
  ])(
    "of events with many faults is answered with some of them, and how many more: %s",
    async (_, good, status) => {
      const bad = Array.from({ length: 300 }, (_, n) => {
        const unknown = Object.fromEntries(Array.from({ length: 145 }, (_, k) => [`k${k}`, 0]));
        return n === 0 ? event({ x: 0 }) : event(unknown);
      });
      const sent = [...bad, ...good];
      const answer = await post(sent);
      expect(answer.status).toBe(status);
      expect(answer.text.length).toBeLessThan(JSON.stringify(sent).length);
      const lists: { errors: unknown[]; more_errors?: number }[] =
        status === 422
          ? [answer.json]
          : answer.json.results.slice(0, 300).map(({ error }: Answer["json"]) => error);
      const named = lists.reduce((sum, { errors }) => sum + errors.length, 0);
      const more = lists.reduce((sum, { more_errors = 0 }) => sum + more_errors, 0);
      expect([named, named + more]).toEqual([FAULTS_MAX, 1 + 299 * 145]);
      if (status === 422) return;
      expect(lists.slice(0, 2)).toEqual([
        { code: "invalid", errors: [expect.objectContaining({ pointer: "/x" })] },
        { code: "invalid", errors: expect.any(Array), more_errors: 145 - EVENT_FAULTS_MAX },
      ]);
      expect(lists.at(-1)).toEqual({ code: "invalid", errors: [], more_errors: 145 });
    },
  );

  test("holds 1 to 1,000 events", async () => {
    for (const count of [0, EVENTS_PER_REQUEST_MAX + 1]) {
      const answer = await post(Array.from({ length: count }, () => event()));
      expect(answer.status).toBe(422);
      expect(answer.json.errors).toMatchObject([{ pointer: "", code: "wrong_count" }]);
    }
  });

  test("of 1,000 events costs a handful of queue messages, and every event is decided", async () => {
    const requestId = "thousand";
    const source = "thousand";
    const events = Array.from({ length: EVENTS_PER_REQUEST_MAX }, () =>
      event({
        source,
        subject: "customer-42",
        data: { amount: 120, user: { tier: "gold" }, note: "n".repeat(100) },
      }),
    );
    const answer: Answer = await system.call("POST", "/v1/events", {
      token: admin,
      json: events,
      headers: { "X-Request-Id": requestId },
    });
    expect(answer.json).toEqual(accepted(events.map(({ id }) => id)));
    const messages = await eventually(async () => {
      const sizes = system.harness
        .getLogs()
        .map(({ message }) => message)
        .filter((message) => message.includes('"message_decided"') && message.includes(`"${requestId}"`))
        .map((message): number => JSON.parse(message).events);
      return sizes.reduce((sum, size) => sum + size, 0) >= events.length ? sizes : undefined;
    });
    expect(messages.length).toBeLessThanOrEqual(5);
    const [row] = await system.database
      .sql`select count(*)::int as count from events where source = ${source}`;
    expect(row?.["count"]).toBe(events.length);
  });
});

test.each<[string, number]>([
  ["application/json", 202],
  ["application/json;", 202],
  ["application/json ; x=y", 202],
  ["application/json; x=y", 202],
  ["application/json;charset=utf-8;", 202],
  [" APPLICATION/JSON ;; Charset=UTF8", 202],
  ["application/json; charset=utf-16", 415],
  ["application/json; charset=", 415],
  ["application/json, application/json", 415],
  ["application/json x=y", 415],
  ["application/jsonp", 415],
  ["application/", 415],
  ["text/json", 415],
  [";", 415],
  ["", 415],
])("an event of the content type %j is answered %i", async (type, status) => {
  const answer = await postText(JSON.stringify(event()), type);
  expect([answer.status, answer.json.code]).toEqual([
    status,
    status === 415 ? "unsupported_media_type" : undefined,
  ]);
});

describe("CloudEvents 1.0", () => {
  const STRUCTURED = "application/cloudevents+json";
  const BATCH = "application/cloudevents-batch+json";
  const cloud = (fields: object = {}) => ({
    specversion: "1.0",
    id: `c-${++made}`,
    source: "https://shop.example/eu",
    type: "com.example.purchase",
    ...fields,
  });
  const structured = (json: unknown) => postText(JSON.stringify(json), `${STRUCTURED}; charset=utf-8`);
  const batch = (json: unknown) => postText(JSON.stringify(json), BATCH);

  test("structured: the event is decided, extensions are allowed and not kept", async () => {
    const sent = cloud({
      subject: "customer-42",
      time: "2026-11-21T10:00:00Z",
      datacontenttype: "application/json",
      dataschema: "https://shop.example/schema",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      partitionkey: 7,
      data: { amount: 120 },
    });
    const answer = await structured(sent);
    expect([answer.status, answer.json]).toEqual([202, accepted([sent.id])]);
    const { received_at: _r, processed_at: _p, matches: _m, sender: _s, ...found } = await decided(sent.id);
    const { id, source, type } = sent;
    expect(found).toEqual({
      ...{ id, source, type },
      subject: "customer-42",
      time: "2026-11-21T10:00:00Z",
      data: { amount: 120 },
    });
  });

  test("batch: each event is answered for", async () => {
    const good = cloud();
    const bad = cloud({ specversion: undefined });
    const answer = await batch([good, bad]);
    expect(answer.status).toBe(202);
    expect(answer.json.results).toMatchObject([
      { index: 0, id: good.id, status: "accepted" },
      { index: 1, id: bad.id, status: "rejected", error: { errors: [{ pointer: "/specversion" }] } },
    ]);
    await decided(good.id);
  });

  test.each(["application/json", "application/vnd.shop+json", "application/json; charset=utf-8"])(
    "may say that its data is %s",
    async (datacontenttype) => {
      expect((await structured(cloud({ datacontenttype, data: {} }))).status).toBe(202);
    },
  );

  test.each<[string, object, string]>([
    ["no specversion", { specversion: undefined }, "/specversion"],
    ["another specversion", { specversion: "0.3" }, "/specversion"],
    ["a number for specversion", { specversion: 1 }, "/specversion"],
    ["no source", { source: undefined }, "/source"],
    ["an empty source", { source: "" }, "/source"],
    ["no id", { id: undefined }, "/id"],
    ["no type", { type: undefined }, "/type"],
    ["binary data", { data_base64: "AAEC" }, "/data_base64"],
    ["data of another kind", { datacontenttype: "text/xml", data: {} }, "/datacontenttype"],
    ["data that is text", { data: "<x/>" }, "/data"],
    ["an attribute that no extension may be named", { Tenant: "x" }, "/Tenant"],
    ["an attribute with an underscore", { tenant_id: "x" }, "/tenant_id"],
  ])("refused: %s", async (_, fields, pointer) => {
    const answer = await structured(cloud(fields));
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer }]);
  });

  test("binary mode is not taken for a plain event", async () => {
    const answer = await system.call("POST", "/v1/events", {
      token: admin,
      json: { amount: 1 },
      headers: { "ce-specversion": "1.0", "ce-id": "b", "ce-source": "s", "ce-type": "t" },
    });
    expect(answer.status).toBe(422);
  });

  test("a list is no structured event, and an event no batch", async () => {
    expect((await structured([cloud()])).status).toBe(422);
    expect((await batch(cloud())).status).toBe(422);
    expect((await batch([])).status).toBe(422);
  });

  test("a plain event is not a CloudEvent, nor the other way round", async () => {
    expect((await structured(event())).json.errors[0]).toMatchObject({ pointer: "/specversion" });
    expect((await post(cloud())).json.errors).toMatchObject([
      { pointer: "/specversion", code: "unknown_key" },
    ]);
  });
});

/** Lists and single reads: pages that stay stable, filters, cursors that cannot be forged into anything. */
import { beforeAll, describe, expect, test } from "vitest";
import { CURSOR_CHARS_MAX, PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX } from "../../src/limits.ts";
import { newKey, newUser } from "../support/accounts.ts";
import { move, postCampaign } from "../support/posted-campaigns.ts";
import { type Answer, eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
let user: string;
/** Active, and true of every event of type `counted`. */
let campaign: string;
beforeAll(async () => {
  admin = await system.login("admin");
  user = await system.login("user");
  ({ id: campaign } = await postCampaign(system, {
    rule: { field: "type", operator: "equals", value: "counted" },
  }));
  await move(system, campaign, "activate");
  await post(Array.from({ length: 12 }, (_, n) => stored(n)));
  await post([
    { id: "same", source: "a", type: "other", data: { from: "a" }, time: "2026-02-01T00:00:00Z" },
    { id: "same", source: "b", type: "other", data: { from: "b" }, time: "2026-02-01T00:00:00Z" },
  ]);
  await Promise.all([newKey(system), newKey(system), newUser(system, "user"), postCampaign(system)]);
});

/** Three events at each of four times, so that pages break between equal times. */
const stored = (n: number) => ({
  id: `n-${String(n).padStart(2, "0")}`,
  source: n % 2 === 0 ? "shop-eu" : "shop-us",
  type: "counted",
  subject: `customer-${n % 4}`,
  time: `2026-01-0${1 + Math.floor(n / 3)}T00:00:00Z`,
  data: { n },
});

let wanted = 0;
async function post(events: readonly object[]): Promise<void> {
  const answer = await system.call("POST", "/v1/events", { token: admin, json: events });
  expect(answer.json.accepted).toBe(events.length);
  wanted += events.length;
  await eventually(async () => {
    const [row] = await system.database.sql`select count(*)::int as count from events`;
    return row?.["count"] >= wanted ? true : undefined;
  });
}

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  system.call("GET", path, {
    token: path.startsWith("/v1/users") || path.startsWith("/v1/api-keys") ? admin : user,
    headers,
  });

/** Every row of a list, page by page; `between` runs after each page. */
async function walk<Row>(
  path: string,
  limit: number,
  between: () => Promise<unknown> = async () => {},
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const url = new URL(path, "http://x");
    url.searchParams.set("limit", String(limit));
    if (cursor !== null) url.searchParams.set("cursor", cursor);
    const { status, json } = await get(url.pathname + url.search);
    expect(status).toBe(200);
    expect(json.data.length).toBeLessThanOrEqual(limit);
    // A cursor leads somewhere: no page is empty but that of an empty list.
    if (cursor !== null) expect(json.data.length).toBeGreaterThan(0);
    rows.push(...json.data);
    cursor = json.next_cursor;
    await between();
  } while (cursor !== null);
  return rows;
}

const LISTS = ["/v1/events", "/v1/matches", "/v1/campaigns", "/v1/users", "/v1/api-keys"];

describe.each(LISTS)("the list %s", (path) => {
  test("is the same in pages of any size, each row once, newest first", async () => {
    const whole = (await get(`${path}?limit=100`)).json;
    expect(whole.next_cursor).toBeNull();
    expect(whole.data.length).toBeGreaterThanOrEqual(2);
    for (const limit of [1, 2, 5, whole.data.length]) expect(await walk(path, limit)).toEqual(whole.data);
    const times = whole.data.map(
      (row: Record<string, string>) => row["time"] ?? row["matched_at"] ?? row["created_at"],
    );
    expect(times).toEqual([...times].sort((a, b) => Date.parse(b) - Date.parse(a)));
  });

  test.each([
    ["0"],
    ["101"],
    ["-1"],
    ["1.5"],
    ["1e1"],
    ["0x10"],
    [" 1"],
    ["ten"],
    [""],
    ["9999999999"],
    ["１"],
  ])("refuses limit=%s", async (limit) => {
    const answer = await get(`${path}?limit=${encodeURIComponent(limit)}`);
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0]).toMatchObject({ pointer: "/limit" });
  });

  const encode = (value: unknown) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const NAMES: Readonly<Record<string, string>> = {
    "/v1/events": "events",
    "/v1/matches": "matches",
    "/v1/campaigns": "campaigns",
    "/v1/users": "users",
    "/v1/api-keys": "api-keys",
  };
  const name = NAMES[path];
  const ids = { "/v1/events": ["s", "i"], "/v1/matches": [crypto.randomUUID(), "s", "i"] }[path] ?? [
    crypto.randomUUID(),
  ];

  test.each<[string, string]>([
    ["nothing", ""],
    ["free text", "next"],
    ["base64 of nothing", encode("")],
    ["no list", encode("null")],
    ["a number", encode("1")],
    ["another list", encode(["nowhere", "2026-01-01T00:00:00Z", ...ids])],
    ["no position", encode([name])],
    ["no ids", encode([name, "2026-01-01T00:00:00Z"])],
    ["an id too many", encode([name, "2026-01-01T00:00:00Z", ...ids, "x"])],
    ["an id that is none", encode([name, "2026-01-01T00:00:00Z", ...ids.map(() => "")])],
    ["ids that are numbers", encode([name, "2026-01-01T00:00:00Z", ...ids.map(() => 1)])],
    ["NUL in an id", encode([name, "2026-01-01T00:00:00Z", ...ids.map(() => "\0")])],
    ["a time that is none", encode([name, "now", ...ids])],
    ["a day that is none", encode([name, "2026-02-30T00:00:00Z", ...ids])],
    ["a time beyond Postgres", encode([name, "+275760-09-13T00:00:00.000Z", ...ids])],
    ["the year 0", encode([name, "0000-01-01T00:00:00Z", ...ids])],
    ["an offset beyond Postgres", encode([name, "2026-01-01T00:00:00+23:59", ...ids])],
    ["infinity", encode([name, "infinity", ...ids])],
    ["SQL", encode([name, "2026-01-01T00:00:00Z' or true --", ...ids])],
    ["a prototype", encode({ __proto__: [name] })],
    ["no UTF-8", Buffer.from([0xff, 0xfe]).toString("base64url")],
    ["far too long", "A".repeat(CURSOR_CHARS_MAX + 1)],
  ])("refuses a forged cursor: %s", async (_, cursor) => {
    const answer = await get(`${path}?cursor=${encodeURIComponent(cursor)}`);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer: "/cursor" }]);
  });

  test("refuses the cursors of other lists", async () => {
    for (const other of LISTS) {
      if (other === path) continue;
      const { json } = await get(`${other}?limit=1`);
      expect(json.next_cursor).toEqual(expect.any(String));
      const answer = await get(`${path}?cursor=${json.next_cursor}`);
      expect(answer.json.errors).toMatchObject([{ pointer: "/cursor", code: "invalid_cursor" }]);
    }
  });

  test("answers 304 while it stays the same", async () => {
    const { headers } = await get(path);
    const etag = headers.get("ETag") ?? "";
    const again = await get(path, { "If-None-Match": etag });
    expect([again.status, again.text, again.headers.get("ETag")]).toEqual([304, "", etag]);
    expect((await get(path, { "If-None-Match": '"other"' })).status).toBe(200);
  });
});

test("a list without a limit has 50 rows, and never more than 100", async () => {
  await system.database.sql`
    insert into api_keys (id, name, scopes, secret_hash)
    select gen_random_uuid(), 'many', array['events:write'], sha256(('many' || n)::bytea)
    from generate_series(1, ${PAGE_ROWS_MAX + 10}) n`;
  expect((await get("/v1/api-keys")).json.data).toHaveLength(PAGE_ROWS_DEFAULT);
  expect((await get(`/v1/api-keys?limit=${PAGE_ROWS_MAX}`)).json.data).toHaveLength(PAGE_ROWS_MAX);
  // All of one instant, so that only the id tells them apart.
  const ids = (await walk<{ id: string }>("/v1/api-keys", 7)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(PAGE_ROWS_MAX + 10);
});

test("the versions of a campaign refuse a forged cursor too", async () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const version of ["x", "", "-1", "1.5", "1e400", "NaN", "99999999999", "1;2"]) {
    const cursor = encode(["versions", "2026-01-01T00:00:00Z", version]);
    const answer = await get(`/v1/campaigns/${campaign}/versions?cursor=${cursor}`);
    expect(answer.json.errors).toMatchObject([{ pointer: "/cursor", code: "invalid_cursor" }]);
  }
});

test("pages do not shift while rows are inserted: who reads on sees the list as it began", async () => {
  const before = (await get("/v1/events?limit=100&type=counted")).json.data;
  let late = 0;
  const seen = await walk<Record<string, unknown>>("/v1/events?type=counted", 2, async () => {
    if (late > 6) return;
    // Newer than every page read so far, and as old as the newest of them.
    await post([
      { ...stored(0), id: `late-${late++}`, time: "2026-01-09T00:00:00Z" },
      { ...stored(11), id: `zz-late-${late++}`, source: "zz" },
    ]);
  });
  expect(seen).toEqual(before);
  expect(late).toBeGreaterThan(4);
});

describe("filters", () => {
  const eventIds = async (query: string) =>
    (await walk<{ id: string }>(`/v1/events?${query}`, 3)).map(({ id }) => id).sort();
  const numbers = (test: (n: number) => boolean) =>
    Array.from({ length: 12 }, (_, n) => n)
      .filter(test)
      .map((n) => stored(n).id);
  const only = (ids: string[]) => ids.filter((id) => id.startsWith("n-"));

  test.each<[string, (n: number) => boolean]>([
    ["type=counted", () => true],
    ["type=counte", () => false],
    ["type=counted%25", () => false],
    ["type=_ounted", () => false],
    ["type=COUNTED", () => false],
    ["subject=customer-1", (n) => n % 4 === 1],
    ["subject=customer-1&type=counted", (n) => n % 4 === 1],
    ["subject=customer-1&type=other", () => false],
    ["from=2026-01-02T00:00:00Z", (n) => n >= 3],
    ["to=2026-01-02T00:00:00Z", (n) => n < 3],
    ["from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z", (n) => n >= 3 && n < 6],
    ["from=2026-01-02T01:00:00%2B01:00&to=2026-01-03T00:00:00Z", (n) => n >= 3 && n < 6],
    ["from=2026-01-03T00:00:00Z&to=2026-01-02T00:00:00Z", () => false],
    ["subject=customer-2&from=2026-01-02T00:00:00Z", (n) => n % 4 === 2 && n >= 3],
  ])("of events: %s", async (query, holds) => {
    expect(only(await eventIds(query))).toEqual(numbers(holds));
  });

  const matchIds = async (query: string) =>
    (await walk<{ event_id: string }>(`/v1/matches?${query}`, 3)).map(({ event_id }) => event_id).sort();

  test("of matches", async () => {
    const [first] = (await get("/v1/matches?limit=1")).json.data;
    expect(first).toEqual({
      campaign_id: campaign,
      campaign_version: 1,
      event_id: expect.any(String),
      source: expect.any(String),
      subject: expect.any(String),
      outcome: "granted",
      evidence: null,
      matched_at: expect.any(String),
    });
    expect(only(await matchIds(`campaign_id=${campaign}`))).toEqual(numbers(() => true));
    expect(await matchIds(`campaign_id=${crypto.randomUUID()}`)).toEqual([]);
    expect(only(await matchIds("subject=customer-3"))).toEqual(numbers((n) => n % 4 === 3));
    expect(await matchIds("event_id=n-05")).toEqual(["n-05"]);
    expect(await matchIds("event_id=n-05&subject=customer-2")).toEqual([]);
    const at = (await get("/v1/matches?event_id=n-05")).json.data[0].matched_at;
    expect(await matchIds(`event_id=n-05&from=${at}`)).toEqual(["n-05"]);
    expect(await matchIds(`event_id=n-05&to=${at}`)).toEqual([]);
  });

  test("of campaigns by status", async () => {
    const statuses = async (status: string) =>
      (await walk<{ status: string }>(`/v1/campaigns?status=${status}`, 2)).map((row) => row.status);
    expect(await statuses("active")).toEqual(["active"]);
    expect(await statuses("draft")).toEqual(["draft"]);
    expect(await statuses("archived")).toEqual([]);
  });

  test.each([
    ["/v1/events?type=", "/type"],
    [`/v1/events?type=${"x".repeat(256)}`, "/type"],
    ["/v1/events?subject=a%00b", "/subject"],
    ["/v1/events?subject=a%0d%0ab", "/subject"],
    ["/v1/events?from=yesterday", "/from"],
    ["/v1/events?from=2026-02-30T00:00:00Z", "/from"],
    ["/v1/events?to=2026-01-01", "/to"],
    ["/v1/events?to=infinity", "/to"],
    ["/v1/events?sort=time", "/sort"],
    ["/v1/events?type=a&type=b", "/type"],
    ["/v1/events?type[]=a", "/type[]"],
    ["/v1/events/same?id=x", "/id"],
    ["/v1/events/same?source=", "/source"],
    ["/v1/events/same?source=a&source=b", "/source"],
    ["/v1/matches?campaign_id=x", "/campaign_id"],
    ["/v1/matches?event_id=", "/event_id"],
    ["/v1/matches?type=a", "/type"],
    ["/v1/campaigns?status=deleted", "/status"],
    ["/v1/campaigns?status=active&status=draft", "/status"],
    ["/v1/users?role=admin", "/role"],
    ["/v1/api-keys?name=x", "/name"],
  ])("refused, with the parameter named: %s", async (path, pointer) => {
    const answer = await get(path);
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0]).toMatchObject({ pointer });
  });
});

describe("an event by its id", () => {
  test("is read with what it matched", async () => {
    const { status, json } = await get("/v1/events/n-05");
    expect(status).toBe(200);
    expect(json).toEqual({
      ...stored(5),
      received_at: expect.any(String),
      processed_at: expect.any(String),
      sender: { kind: "user", id: expect.any(String) },
      matches: [{ campaign_id: campaign, campaign_version: 1, outcome: "granted" }],
    });
    const listed = (await get("/v1/events?limit=100")).json.data;
    expect(listed.find(({ id }: { id: string }) => id === "n-05")).toEqual(json);
  });

  test("that several sources use is a 409 until one is named", async () => {
    const ambiguous = await get("/v1/events/same");
    expect([ambiguous.status, ambiguous.json.code]).toEqual([409, "conflict"]);
    expect(ambiguous.json.detail).toContain("?source=");
    for (const source of ["a", "b"]) {
      const { json } = await get(`/v1/events/same?source=${source}`);
      expect([json.source, json.data]).toEqual([source, { from: source }]);
    }
    expect((await get("/v1/events/same?source=c")).status).toBe(404);
  });

  test("answers 304 to who has it", async () => {
    const etag = (await get("/v1/events/n-05")).headers.get("ETag") ?? "";
    expect((await get("/v1/events/n-05", { "If-None-Match": etag })).status).toBe(304);
    expect((await get("/v1/events/n-06", { "If-None-Match": etag })).status).toBe(200);
  });

  test("that nobody sent is a 404, one that nobody could send a 422", async () => {
    expect((await get("/v1/events/nothing")).status).toBe(404);
    expect((await get("/v1/events/n-0_")).status).toBe(404);
    for (const id of ["a%00", "a%0a", "x".repeat(256)])
      expect((await get(`/v1/events/${id}`)).status).toBe(422);
  });
});

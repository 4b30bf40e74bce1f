import { exchange, logIn, newKey, newPerson, newUser, tokenOf } from "../../test/support/accounts.ts";
import { move, postCampaign } from "../../test/support/posted-campaigns.ts";
import { eventually, PASSWORD, type System } from "../../test/support/system.ts";
import type { Caller, Existing } from "./requests.ts";

/** What a fuzzed system holds before the first request, and who calls it. */
export interface Population {
  readonly existing: Existing;
  tokenOf(caller: Caller): string | undefined;
  /** A new session for a caller who has ended theirs. */
  renew(caller: Caller): Promise<void>;
}

const EVENTS = 12;

export async function populate(system: System): Promise<Population> {
  const admin = await newPerson(system, "admin");
  const user = await newPerson(system, "user");
  const ended = await newPerson(system, "user");
  await system.call("POST", "/v1/auth/logout", { token: ended.token });
  const writing = await newKey(system, { name: "shop" });
  const metrics = await newKey(system, { name: "metrics", scopes: ["metrics:read"] });
  const revoked = await newKey(system, { name: "revoked" });
  const tokens = new Map<Caller, string>([
    ["admin", admin.token],
    ["user", user.token],
    ["ended session", ended.token],
    ["writing key", await tokenOf(exchange(system, writing))],
    ["metrics key", await tokenOf(exchange(system, metrics))],
    ["revoked key", await tokenOf(exchange(system, revoked))],
    ["key's secret", writing.secret],
    ["garbage", "not.a.token"],
  ]);
  await system.call("DELETE", `/v1/api-keys/${revoked.id}`, { token: admin.token });

  // Separate from the callers: requests change, disable and revoke these accounts.
  const users = [
    await newUser(system, "user"),
    await newUser(system, "admin"),
    await newUser(system, "user"),
  ];
  const keys = [await newKey(system), await newKey(system, { scopes: ["events:write", "metrics:read"] })];
  const campaigns = await postCampaigns(system);
  const events = Array.from({ length: EVENTS }, (_, i) => ({
    id: `event-${i}`,
    type: i % 2 === 0 ? "purchase" : "refund",
    subject: `customer-${i % 4}`,
    data: { amount: 50 * i, items: [{ sku: "A1", qty: i }] },
  }));
  const accepted = await system.call("POST", "/v1/events", { token: admin.token, json: events });
  if (accepted.status !== 202) throw new Error(`${accepted.status}: ${accepted.text}`);
  await eventually(
    async () => {
      const listed = await system.call("GET", "/v1/events?limit=100", { token: admin.token });
      return listed.json.data.length >= EVENTS ? true : undefined;
    },
    { what: "processing the events" },
  );

  const ids = (things: readonly { readonly id: string }[]) => things.map(({ id }) => id);
  const names = users.map(({ username }) => username);
  return {
    existing: {
      ...byOperation(["GET", "PATCH"], "/v1/users/{id}", "id", ids(users)),
      ...byOperation(["POST"], "/v1/api-keys/{id}/rotate", "id", ids(keys)),
      ...byOperation(["DELETE"], "/v1/api-keys/{id}", "id", ids(keys)),
      ...byOperation(["GET", "PATCH"], "/v1/campaigns/{id}", "id", campaigns),
      ...byOperation(["GET"], "/v1/campaigns/{id}/versions", "id", campaigns),
      ...Object.assign(
        {},
        ...["activate", "pause", "archive"].map((verb) =>
          byOperation(["POST"], `/v1/campaigns/{id}/${verb}`, "id", campaigns),
        ),
      ),
      ...byOperation(["GET"], "/v1/events/{id}", "id", ids(events)),
      ...byOperation(["POST"], "/v1/auth/token", "username", names),
      ...byOperation(["POST"], "/v1/auth/token", "password", [PASSWORD]),
      ...byOperation(["POST"], "/v1/auth/token", "client_id", ids(keys)),
      ...byOperation(
        ["POST"],
        "/v1/auth/token",
        "client_secret",
        keys.map(({ secret }) => secret),
      ),
      campaign_id: campaigns,
      event_id: ids(events),
      subject: ["customer-0", "customer-1", "customer-2"],
      cursor: await cursorsOf(system, admin.token),
      file: ["swagger-ui.css", "start.js"],
      type: ["purchase", "refund"],
      source: ["api", "shop"],
      actor: ["user", "operator", admin.id],
      target: ids(users),
      field: ["type", "subject", "data.amount", "data.user.tier", "data.items.sku"],
      some: ["data.items"],
    },
    tokenOf: (caller) => tokens.get(caller),
    async renew(caller) {
      const person = caller === "admin" ? admin : caller === "user" ? user : undefined;
      if (person !== undefined) tokens.set(caller, await tokenOf(logIn(system, person.username)));
    },
  };
}

function byOperation(
  methods: readonly string[],
  path: string,
  name: string,
  values: readonly unknown[],
): Existing {
  return Object.fromEntries(methods.map((method) => [`${method} ${path} ${name}`, values]));
}

/** Two of each state that a campaign can be in. */
async function postCampaigns(system: System): Promise<string[]> {
  const ways = [[], ["activate"], ["activate", "pause"], ["activate", "pause", "archive"]];
  const ids: string[] = [];
  for (const way of [...ways, ...ways]) {
    const { id } = await postCampaign(system);
    await move(system, id, ...way);
    ids.push(id);
  }
  return ids;
}

/** One cursor of each list that has a second page: valid for its own list, refused by any other. */
async function cursorsOf(system: System, token: string): Promise<string[]> {
  const cursors: string[] = [];
  for (const list of ["users", "api-keys", "campaigns", "events", "audit"]) {
    const page = await system.call("GET", `/v1/${list}?limit=1`, { token });
    if (typeof page.json.next_cursor === "string") cursors.push(page.json.next_cursor);
  }
  return cursors;
}

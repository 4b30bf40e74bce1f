import type { System } from "./system.ts";

export const RULE = { field: "data.amount", operator: "at_least", value: 100 };

/** A campaign as the API made it, with its ETag. */
export interface Posted {
  readonly id: string;
  readonly etag: string;
}

/** Creates a campaign through the API, a draft with `RULE` unless `fields` say otherwise. */
export async function postCampaign(
  system: System,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Posted> {
  const created = await system.call("POST", "/v1/campaigns", {
    token: await system.login("admin"),
    json: { name: "Big purchases", rule: RULE, ...fields },
  });
  if (created.status !== 201) throw new Error(`${created.status}: ${created.text}`);
  return { id: created.json.id, etag: created.headers.get("ETag") ?? "" };
}

/** Moves a campaign along the given transitions, through the API. */
export async function move(system: System, id: string, ...transitions: string[]): Promise<void> {
  for (const transition of transitions) {
    const moved = await system.call("POST", `/v1/campaigns/${id}/${transition}`, {
      token: await system.login("admin"),
    });
    if (moved.status !== 200) throw new Error(`${transition} answered ${moved.status}: ${moved.text}`);
  }
}

/** The number that every change of the active set moves. */
export async function epochOf(system: System): Promise<number> {
  const [row] = await system.database.sql`select epoch from campaign_epoch`;
  return Number(row?.["epoch"]);
}

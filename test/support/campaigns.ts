import { v7 as uuidv7 } from "uuid";
import type { Rule } from "../../src/rules/language/rule.ts";
import type { Actor } from "../../src/storage/audit.ts";
import {
  type Campaign,
  type CampaignChange,
  type CampaignInput,
  createCampaign,
  transitionCampaign,
} from "../../src/storage/campaigns.ts";
import type { Database } from "../../src/storage/core/client.ts";
import type { TestDatabase } from "./database.ts";

export const OPERATOR: Actor = { type: "operator", id: null, requestId: "test" };

/** True of every event. */
export const ANY_TYPE: Rule = { field: "type", operator: "exists" };

export async function draftCampaign(db: Database, fields: Partial<CampaignInput> = {}): Promise<Campaign> {
  const input = { name: "Campaign", description: null, rule: ANY_TYPE, starts_at: null, ends_at: null };
  return changed(await createCampaign(db, uuidv7(), { ...input, ...fields }, OPERATOR));
}

export async function activeCampaign(db: Database, fields: Partial<CampaignInput> = {}): Promise<Campaign> {
  const { id } = await draftCampaign(db, fields);
  return changed(await transitionCampaign(db, id, "activate", undefined, OPERATOR));
}

/** An active campaign as code from before `semantics` writes it. */
export async function campaignFromBefore(sql: TestDatabase["sql"], rule: Rule): Promise<string> {
  const id = uuidv7();
  await sql`
    with c as (
      insert into campaigns (id, name, status) values (${id}, 'Written earlier', 'active') returning *
    )
    insert into campaign_versions (campaign_id, version, rule, created_by)
    select id, version, ${JSON.stringify(rule)}::jsonb, 'operator' from c`;
  return id;
}

/** The campaign of a change that must have happened. */
export function changed(change: CampaignChange): Campaign {
  if (!change.ok) throw new Error(`the campaign was not changed: ${change.reason}`);
  return change.campaign;
}

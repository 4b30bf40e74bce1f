/** Campaigns that were active before rules had a limit of work: no API would take them today. */
import type { Rule } from "../../src/rules/language/rule.ts";
import type { TestDatabase } from "./database.ts";

/** Written by an API of then, which measured nothing, and active; their ids in the order of the rules. */
export async function campaignsOfBefore(
  { sql }: Pick<TestDatabase, "sql">,
  rules: readonly Rule[],
): Promise<string[]> {
  const written = rules.map((rule) => ({ id: crypto.randomUUID(), rule }));
  await sql`
    with w as (
      select * from jsonb_to_recordset(${JSON.stringify(written)}::jsonb) as w (id uuid, rule jsonb)
    ), v as (
      insert into campaign_versions (campaign_id, version, rule, created_by) select id, 1, rule, 'before' from w
    )
    insert into campaigns (id, name, status) select id, 'Costly', 'active' from w`;
  return written.map(({ id }) => id);
}

export async function campaignOfBefore(
  database: Pick<TestDatabase, "sql">,
  rule: Rule,
): Promise<{ id: string }> {
  const [id = ""] = await campaignsOfBefore(database, [rule]);
  return { id };
}

import { type SQL, sql } from "drizzle-orm";
import type { CampaignGates, GatesChange } from "../decisions/gates.ts";
import {
  ACTIVE_SET_PAGE_BYTES,
  ACTIVE_SET_PAGE_CAMPAIGNS,
  ACTIVE_SET_STEPS_MAX,
  COSTLIEST_CAMPAIGNS,
  RULE_STEPS_MAX,
} from "../limits.ts";
import { costOf } from "../rules/cost/rule-cost.ts";
import type { Rule } from "../rules/language/rule.ts";
import { CURRENT_SEMANTICS, type Semantics, underSemantics } from "../rules/language/semantics.ts";
import { type Actor, audited } from "./audit.ts";
import type { Database } from "./core/client.ts";
import { isRefusedBy } from "./core/failure.ts";
import { type Page, type Position, page } from "./core/page.ts";
import { after, iso, type Row, rowsOf } from "./core/sql.ts";

export const CAMPAIGN_STATUSES = ["draft", "active", "paused", "archived"] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

/** Times are RFC 3339 in UTC with milliseconds. */
export interface Campaign extends Row {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly status: CampaignStatus;
  readonly version: number;
  readonly rule: Rule;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly gates: CampaignGates;
  readonly created_at: string;
  readonly updated_at: string;
  /** Grows by one with every change. */
  readonly revision: number;
}

/** An active campaign that takes much work. */
export interface CostlyCampaign {
  readonly id: string;
  readonly name: string;
  /** Steps of work (rules/cost) that its rule adds to an ordinary event. */
  readonly ordinary_event_steps: number;
}

export interface CampaignVersion extends Row {
  readonly version: number;
  readonly rule: Rule;
  readonly gates: CampaignGates;
  /** How the rule is to be read: what was current when it was written. */
  readonly semantics: Semantics;
  readonly created_at: string;
  readonly created_by: string;
}

export interface CampaignInput {
  readonly name: string;
  readonly description: string | null;
  readonly rule: Rule;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly gates?: CampaignGates;
}

export type CampaignChanges = {
  readonly [Field in keyof CampaignInput]?:
    | (Field extends "gates" ? GatesChange : CampaignInput[Field])
    | undefined;
};

export type CampaignChange =
  | { readonly ok: true; readonly campaign: Campaign }
  | { readonly ok: false; readonly reason: "not_found" }
  /** It has another revision than the caller has seen. */
  | { readonly ok: false; readonly reason: "stale" }
  /** It would end before it starts: one bound is changed, the other is the stored one. */
  | { readonly ok: false; readonly reason: "empty_window" }
  /** Its holdout has another percentage than the campaign that named the key first. */
  | { readonly ok: false; readonly reason: "holdout_percent_fixed" }
  /** Not in the status that it has. */
  | { readonly ok: false; readonly reason: "not_allowed"; readonly status: CampaignStatus }
  /** All active campaigns would take more than `ACTIVE_SET_STEPS_MAX` of an ordinary event. */
  | {
      readonly ok: false;
      readonly reason: "active_set_too_costly";
      /** Steps that this campaign would add, and those that the others take. */
      readonly added: number;
      readonly others: number;
      readonly costliest: readonly CostlyCampaign[];
    };

const columns = sql`
  c.id, c.name, c.description, c.status, c.version, v.rule, v.gates, ${iso("c.starts_at")} as starts_at,
  ${iso("c.ends_at")} as ends_at, ${iso("c.created_at")} as created_at, ${iso("c.updated_at")} as updated_at,
  c.revision`;

const withRule = sql`campaigns c join campaign_versions v on v.campaign_id = c.id and v.version = c.version`;

/** What the audit keeps of a campaign. */
const image = (row: string, version: string): SQL =>
  sql.raw(`jsonb_build_object('name', ${row}.name, 'description', ${row}.description, 'status', ${row}.status,
    'version', ${row}.version, 'rule', ${version}.rule, 'gates', ${version}.gates,
    'starts_at', ${row}.starts_at, 'ends_at', ${row}.ends_at)`);

/** A part of a `with` that remembers a holdout which nobody named before. */
const newHoldout = (holdout: CampaignGates["holdout"] | null): SQL =>
  holdout === undefined || holdout === null
    ? sql``
    : sql`new_holdout as (
        insert into holdouts (key, percent) values (${holdout.key}, ${holdout.percent}) on conflict do nothing
      ),`;

export function createCampaign(
  db: Database,
  id: string,
  { name, description, rule, starts_at, ends_at, gates = {} }: CampaignInput,
  actor: Actor,
): Promise<CampaignChange> {
  const { ordinary, largest } = costOf(rule);
  return orRefused(async () => {
    const [campaign] = rowsOf<Campaign>(
      await db.execute(sql`
        with ${newHoldout(gates.holdout)} c as (
          insert into campaigns
            (id, name, description, starts_at, ends_at, ordinary_event_steps, largest_event_steps, measured_version)
          values (${id}, ${name}, ${description}, ${starts_at}, ${ends_at}, ${ordinary}, ${largest}, 1)
          returning *
        ), v as (
          insert into campaign_versions (campaign_id, version, rule, semantics, gates, created_by)
          select id, version, ${JSON.stringify(rule)}::jsonb, ${CURRENT_SEMANTICS}::int,
                 ${JSON.stringify(gates)}::jsonb, ${createdBy(actor)}
          from c
          returning *
        ), changed as (
          select c.id, null::jsonb as before, ${image("c", "v")} as after from c, v
        ), ${audited(actor, "campaign.create", "campaign", sql`changed`)}
        select ${columns} from c, v`),
    );
    if (!campaign) throw new Error("insert returned no row");
    return { ok: true, campaign };
  });
}

/**
 * Changes what `changes` names. A rule or a gate that differs makes a new version.
 * @param revision the one the caller has seen; any other is `stale`
 */
export function updateCampaign(
  db: Database,
  id: string,
  revision: number,
  changes: CampaignChanges,
  actor: Actor,
): Promise<CampaignChange> {
  const set = [
    changes.name === undefined ? undefined : sql`name = ${changes.name}`,
    changes.description === undefined ? undefined : sql`description = ${changes.description}`,
    changes.starts_at === undefined ? undefined : sql`starts_at = ${changes.starts_at}`,
    changes.ends_at === undefined ? undefined : sql`ends_at = ${changes.ends_at}`,
  ].filter((assignment) => assignment !== undefined);
  return orRefused(() =>
    change(db, id, actor, {
      action: "campaign.update",
      from: ["draft", "active", "paused"],
      revision,
      set,
      rule: changes.rule,
      gates: changes.gates,
    }),
  );
}

/** What a constraint refuses, as an answer. */
async function orRefused(write: () => Promise<CampaignChange>): Promise<CampaignChange> {
  try {
    return await write();
  } catch (error) {
    if (isRefusedBy(error, "campaigns_window")) return { ok: false, reason: "empty_window" };
    if (isRefusedBy(error, "campaign_versions_holdout"))
      return { ok: false, reason: "holdout_percent_fixed" };
    throw error;
  }
}

const TRANSITIONS = {
  activate: { from: ["draft", "paused"], to: "active" },
  pause: { from: ["active"], to: "paused" },
  archive: { from: ["paused"], to: "archived" },
} as const satisfies Record<string, { from: readonly CampaignStatus[]; to: CampaignStatus }>;
export type Transition = keyof typeof TRANSITIONS;

/** Moves a campaign along draft → active ⇄ paused → archived. */
export function transitionCampaign(
  db: Database,
  id: string,
  transition: Transition,
  revision: number | undefined,
  actor: Actor,
): Promise<CampaignChange> {
  const { from, to } = TRANSITIONS[transition];
  return change(db, id, actor, {
    action: `campaign.${transition}`,
    from,
    revision,
    set: [sql`status = ${to}`],
    rule: undefined,
    gates: undefined,
    activates: to === "active",
  });
}

interface Change {
  readonly action: string;
  readonly from: readonly CampaignStatus[];
  readonly revision: number | undefined;
  readonly set: readonly SQL[];
  readonly rule: Rule | undefined;
  readonly gates: GatesChange | undefined;
  /** Whether it is active then. Undefined: as before. */
  readonly activates?: boolean;
}

async function change(
  db: Database,
  id: string,
  actor: Actor,
  { action, from, revision, set, rule, gates, activates }: Change,
): Promise<CampaignChange> {
  const rule_ = rule === undefined ? sql`b.rule` : sql`${JSON.stringify(rule)}::jsonb`;
  // A gate that is null goes; nothing within a gate is null.
  const gates_ =
    gates === undefined ? sql`b.gates` : sql`jsonb_strip_nulls(b.gates || ${JSON.stringify(gates)}::jsonb)`;
  const version = sql`c.version + (${rule_} <> b.rule or ${gates_} <> b.gates)::int`;
  const cost = rule === undefined ? undefined : costOf(rule);
  const measured =
    cost === undefined
      ? []
      : [
          sql`ordinary_event_steps = ${cost.ordinary}`,
          sql`largest_event_steps = ${cost.largest}`,
          sql`measured_version = ${version}`,
        ];
  const added = cost === undefined ? sql`coalesce(b.ordinary_event_steps, 0)` : sql`${cost.ordinary}::bigint`;
  // Whoever adds no more than before may do so whatever the others take, since that makes nothing worse.
  const fits =
    activates === true
      ? sql`${added} = 0 or ${added} + budget.others <= ${ACTIVE_SET_STEPS_MAX}`
      : cost === undefined
        ? sql`true`
        : sql`b.status <> 'active' or ${added} <= coalesce(b.ordinary_event_steps, 0)
              or ${added} + budget.others <= ${ACTIVE_SET_STEPS_MAX}`;
  const [, , result] = await db.batch([
    // Statements of their own: the snapshot of the last one then holds the version that a change we waited for made …
    db.execute(sql`select from campaigns where id = ${id} for update`),
    // … and all that others, who want to add to the same budget, have activated. The trigger takes this lock anyway.
    db.execute(sql`
      select pg_advisory_xact_lock(hashtext('campaign_epoch')) from campaigns b
      where b.id = ${id} and b.status in ${from} and ${added} > 0
        and ${activates === true ? sql`true` : cost === undefined ? sql`false` : sql`b.status = 'active'`}`),
    db.execute(sql`
      with b as (
        select c.*, v.rule, v.semantics, v.gates from ${withRule} where c.id = ${id}
      ), budget as (
        select coalesce(sum(ordinary_event_steps), 0)::bigint as others
        from campaigns where status = 'active' and ordinary_event_steps > 0 and id <> ${id}
      ), ${newHoldout(gates?.holdout)} c as (
        update campaigns c
        set ${sql.join([...set, ...measured, sql`version = ${version}`], sql`, `)},
            revision = c.revision + 1, updated_at = now()
        from b, budget
        where c.id = b.id and c.status in ${from} and c.revision = ${revision ?? sql`c.revision`} and (${fits})
        returning c.*
      ), new_version as (
        insert into campaign_versions (campaign_id, version, rule, semantics, gates, created_by)
        select c.id, c.version, ${rule_},
               case when ${rule_} = b.rule then b.semantics else ${CURRENT_SEMANTICS}::int end, ${gates_},
               ${createdBy(actor)}
        from c, b where c.version > b.version
      ), v as (
        select ${rule_} as rule, ${gates_} as gates from b
      ), changed as (
        select c.id, ${image("b", "b")} as before, ${image("c", "v")} as after from b, c, v
      ), ${audited(actor, action, "campaign", sql`changed`)}
      select b.status as found_status, b.revision as found_revision, ${columns},
        case when not (${fits}) then (
          select jsonb_build_object('added', ${added}, 'others', budget.others, 'costliest', coalesce(jsonb_agg(a), '[]'))
          from (
            select id, name, ordinary_event_steps from campaigns
            where status = 'active' and ordinary_event_steps > 0
            order by ordinary_event_steps desc, id limit ${COSTLIEST_CAMPAIGNS}
          ) a
        ) end as too_costly
      from b cross join v cross join budget left join c on true`),
  ]);
  const [row] = rowsOf<Campaign & FoundCampaign>(result);
  if (!row) return { ok: false, reason: "not_found" };
  const { found_status, found_revision, too_costly, ...campaign } = row;
  if (campaign.id !== null) return { ok: true, campaign };
  if (revision !== undefined && revision !== found_revision) return { ok: false, reason: "stale" };
  if (too_costly !== null && from.includes(found_status)) {
    return { ok: false, reason: "active_set_too_costly", ...too_costly };
  }
  return { ok: false, reason: "not_allowed", status: found_status };
}

/** What a change found in its way. */
interface FoundCampaign {
  readonly found_status: CampaignStatus;
  readonly found_revision: number;
  readonly too_costly: Pick<
    Extract<CampaignChange, { reason: "active_set_too_costly" }>,
    "added" | "others" | "costliest"
  > | null;
}

/** The rules of campaigns that have not been measured since they were written, in order of id. */
export async function listUnmeasured(
  db: Database,
  rows: number,
  after: string | null,
): Promise<{ readonly id: string; readonly version: number; readonly rule: Rule }[]> {
  return rowsOf(
    await db.execute(sql`
      select c.id, c.version, v.rule from ${withRule}
      where c.measured_version is distinct from c.version and ${after === null ? sql`true` : sql`c.id > ${after}`}
      order by c.id limit ${rows}`),
  );
}

/** Sets down what rules cost, of those that have not been changed meanwhile. Moves no epoch and no revision. */
export async function recordCosts(
  db: Database,
  costs: readonly {
    readonly id: string;
    readonly version: number;
    readonly ordinary: number;
    readonly largest: number;
  }[],
): Promise<void> {
  await db.execute(sql`
    update campaigns c set ordinary_event_steps = m.ordinary, largest_event_steps = m.largest, measured_version = m.version
    from jsonb_to_recordset(${JSON.stringify(costs)}::jsonb) as m (id uuid, version int, ordinary bigint, largest bigint)
    where c.id = m.id and c.version = m.version`);
}

/** How many active campaigns have a rule over the limit of `RULE_STEPS_MAX`: it was written before there was one. */
export const countOverLimit = sql`
  select count(*)::int from campaigns where status = 'active' and largest_event_steps > ${RULE_STEPS_MAX}`;

/** Steps that the active campaigns add to an ordinary event, all together. */
export const sumActiveSteps = sql`
  select coalesce(sum(ordinary_event_steps), 0) from campaigns where status = 'active' and ordinary_event_steps > 0`;

export async function readCampaign(db: Database, id: string): Promise<Campaign | undefined> {
  return rowsOf<Campaign>(await db.execute(sql`select ${columns} from ${withRule} where c.id = ${id}`))[0];
}

export async function listCampaigns(
  db: Database,
  filter: { readonly status?: CampaignStatus | undefined; readonly over_limit?: boolean | undefined },
  limit: number,
  from: Position | undefined,
): Promise<Page<Campaign>> {
  const rows = rowsOf<Campaign>(
    await db.execute(sql`
      select ${columns} from ${withRule}
      where ${filter.status === undefined ? sql`true` : sql`c.status = ${filter.status}`}
        and ${filter.over_limit === undefined ? sql`true` : sql`(coalesce(c.largest_event_steps, 0) > ${RULE_STEPS_MAX}) = ${filter.over_limit}`}
        and ${after(sql`(c.created_at, c.id)`, from, ["timestamptz", "uuid"])}
      order by c.created_at desc, c.id desc
      limit ${limit + 1}`),
  );
  return page(rows, limit, (row) => [row.created_at, row.id]);
}

/** Newest first; undefined when there is no such campaign. */
export async function listVersions(
  db: Database,
  id: string,
  limit: number,
  before: number | undefined,
): Promise<CampaignVersion[] | undefined> {
  const [row] = rowsOf<{ versions: CampaignVersion[] }>(
    await db.execute(sql`
      select coalesce((
        select jsonb_agg(jsonb_build_object('version', v.version, 'rule', v.rule, 'semantics', v.semantics,
          'gates', v.gates, 'created_at', ${iso("v.created_at")}, 'created_by', v.created_by)
          order by v.version desc)
        from (
          select * from campaign_versions
          where campaign_id = c.id and version < ${before ?? 2_147_483_647}
          order by version desc limit ${limit}
        ) v
      ), '[]') as versions
      from campaigns c where c.id = ${id}`),
  );
  return row?.versions;
}

/** A campaign as the consumer needs it. */
export interface ActiveSetChange {
  readonly id: string;
  readonly version: number;
  /** As it means the same under the current semantics; null when the campaign is not active (any more). */
  readonly rule: Rule | null;
  readonly gates: CampaignGates;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly epoch: number;
}

export interface ActiveSetChanges {
  /** The current epoch, read in the same snapshot as the changes. */
  readonly epoch: number;
  /** In order of epoch. */
  readonly changes: ActiveSetChange[];
  /** Whether there may be more, after the last one's epoch. */
  readonly more: boolean;
}

/** How much one query answers: campaigns, and about so many bytes of their rules. */
export interface ActiveSetPage {
  readonly campaigns: number;
  readonly bytes: number;
}

const ACTIVE_SET_PAGE: ActiveSetPage = { campaigns: ACTIVE_SET_PAGE_CAMPAIGNS, bytes: ACTIVE_SET_PAGE_BYTES };

interface StoredChange extends ActiveSetChange {
  readonly semantics: Semantics;
}

function readUnderSemantics({ semantics, rule, ...change }: StoredChange): ActiveSetChange {
  return { ...change, rule: rule && underSemantics(rule, semantics) };
}

/**
 * What changed in the active set after epoch `since`, up to one page. Campaigns that left it are included only
 * after epoch `known`: somebody who never held them need not hear of them.
 */
export async function readActiveSetChanges(
  db: Database,
  since: number,
  known: number,
  page: ActiveSetPage = ACTIVE_SET_PAGE,
): Promise<ActiveSetChanges> {
  const rows = rowsOf<{ current_epoch: string; change: StoredChange | null; bytes_so_far: string }>(
    await db.execute(sql`
      select e.epoch as current_epoch, p.change, p.bytes_so_far
      from campaign_epoch e left join lateral (
        select c.epoch, jsonb_build_object(
            'id', c.id, 'version', c.version, 'rule', case when c.status = 'active' then v.rule end,
            'gates', v.gates,
            'semantics', v.semantics,
            'starts_at', ${iso("c.starts_at")}, 'ends_at', ${iso("c.ends_at")}, 'epoch', c.epoch) as change,
          octet_length(v.rule::text) as bytes,
          sum(octet_length(v.rule::text)) over (order by c.epoch) as bytes_so_far
        from ${withRule}
        where c.epoch > ${since} and (c.status = 'active' or c.epoch > ${known})
        order by c.epoch
        limit ${page.campaigns}
      ) p on p.bytes_so_far - p.bytes < ${page.bytes}
      order by p.epoch`),
  );
  const changes = rows.flatMap(({ change }) => (change === null ? [] : [readUnderSemantics(change)]));
  return {
    epoch: Number(rows[0]?.current_epoch ?? 0),
    changes,
    more: changes.length === page.campaigns || Number(rows.at(-1)?.bytes_so_far ?? 0) >= page.bytes,
  };
}

const createdBy = (actor: Actor): string => actor.id ?? actor.type;

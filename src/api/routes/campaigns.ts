import { z } from "@hono/zod-openapi";
import { v7 as uuidv7 } from "uuid";
import { changedGates } from "../../decisions/gates.ts";
import { HttpProblem } from "../../errors.ts";
import { ACTIVE_SET_STEPS_MAX, DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX } from "../../limits.ts";
import {
  CAMPAIGN_STATUSES,
  type Campaign,
  type CampaignChange,
  createCampaign,
  listCampaigns,
  listVersions,
  readCampaign,
  transitionCampaign,
  updateCampaign,
} from "../../storage/campaigns.ts";
import { etagOf, ifMatch, optionalRevision, requiredRevision } from "../http/conditional.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { gates, showGates, splitGates } from "../http/gates.ts";
import { PROBLEM_TYPE } from "../http/problem.ts";
import { id, line, pageOf, pageQuery, problemSchema, text, time, timestamp } from "../http/schemas.ts";
import { actorOf, route, routes } from "../route.ts";
import { rule } from "./rules.ts";

const tags = ["Campaigns"];

const fields = {
  name: line(1, NAME_CHARS_MAX).openapi({ example: "Gold purchases" }),
  description: text(0, DESCRIPTION_CHARS_MAX).nullable(),
  rule,
  starts_at: time.nullable().openapi({ description: "Events that happened before it never match" }),
  ends_at: time.nullable().openapi({ description: "Events that happened at or after it never match" }),
  ...gates,
};

const inOrder = (window: { starts_at?: string | null | undefined; ends_at?: string | null | undefined }) =>
  !window.starts_at || !window.ends_at || Date.parse(window.starts_at) < Date.parse(window.ends_at);
const OUT_OF_ORDER = "must be after starts_at";

const input = z
  .strictObject({
    ...fields,
    description: fields.description.optional(),
    starts_at: fields.starts_at.optional(),
    ends_at: fields.ends_at.optional(),
    ...z.object(gates).partial().shape,
  })
  .refine(inOrder, { path: ["ends_at"], message: OUT_OF_ORDER })
  .openapi("CampaignInput");

const changes = z
  .strictObject(fields)
  .partial()
  .refine((given) => Object.keys(given).length > 0, "must change something")
  .refine(inOrder, { path: ["ends_at"], message: OUT_OF_ORDER })
  .openapi("CampaignChanges");

const campaign = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    status: z.enum(CAMPAIGN_STATUSES),
    version: z.int().openapi({ description: "Grows by one with every change of the rule or of a gate" }),
    rule,
    starts_at: timestamp.nullable(),
    ends_at: timestamp.nullable(),
    ...gates,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .openapi("Campaign");

const version = z
  .object({
    version: z.int(),
    rule,
    ...gates,
    semantics: z.int().openapi({
      description:
        "How the rule is read. 1: letter case folded as before Unicode's simple case folding; 2: as it is now",
    }),
    created_at: timestamp,
    created_by: z.string(),
  })
  .openapi("CampaignVersion");

/** A 409, whether for the campaign's status or for what all active campaigns would take. */
const refused = (description: string) => ({
  description: `${description}, or with it the active campaigns would take too much work (\`active_set_too_costly\`)`,
  content: {
    [PROBLEM_TYPE]: {
      schema: z.object({
        ...problemSchema.shape,
        campaigns: z
          .array(z.object({ id, name: z.string(), ordinary_event_steps: z.number() }))
          .optional()
          .openapi({ description: "Of `active_set_too_costly`: the active campaigns that take most" }),
      }),
    },
  },
});

const params = z.object({ id });
const answer = (description: string) => ({
  description,
  content: { "application/json": { schema: campaign } },
});
const body = <Schema extends z.ZodType>(schema: Schema) =>
  ({ required: true, content: { "application/json": { schema } } }) as const;

export const campaigns = routes()
  .openapi(
    route({
      method: "get",
      path: "/v1/campaigns",
      tags,
      summary: "Campaigns, newest first",
      request: {
        query: z.strictObject({
          ...pageQuery,
          status: z.enum(CAMPAIGN_STATUSES).optional(),
          over_limit: z
            .stringbool({ truthy: ["true"], falsy: ["false"] })
            .optional()
            .openapi({ type: "boolean", description: "Whether the rule takes more work than a new one may" }),
        }),
      },
      responses: {
        200: { description: "A page", content: { "application/json": { schema: pageOf(campaign) } } },
      },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const { rows, next } = await listCampaigns(
        c.env.db,
        filter,
        limit,
        decodeCursor("campaigns", ["uuid"], cursor),
      );
      return c.json({ data: rows.map(toWire), next_cursor: encodeCursor("campaigns", next) }, 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/campaigns",
      tags,
      summary: "Create a campaign, as a draft",
      request: { body: body(input) },
      responses: { 201: answer("Created") },
    }),
    async (c) => {
      const { rest, gates } = splitGates(c.req.valid("json"));
      const { description = null, starts_at = null, ends_at = null, ...given } = rest;
      const input = { ...given, description, starts_at, ends_at, gates: changedGates({}, gates) };
      const created = changedOf(await createCampaign(c.env.db, uuidv7(), input, actorOf(c)));
      c.header("ETag", etagOf(created.revision));
      c.header("Location", `/v1/campaigns/${created.id}`);
      return c.json(toWire(created), 201);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/campaigns/{id}",
      tags,
      summary: "One campaign",
      request: { params },
      responses: { 200: answer("The campaign") },
    }),
    async (c) => {
      const found = await readCampaign(c.env.db, c.req.valid("param").id);
      if (found === undefined) throw new HttpProblem("not_found");
      c.header("ETag", etagOf(found.revision));
      return c.json(toWire(found), 200);
    },
  )
  .openapi(
    route({
      method: "patch",
      path: "/v1/campaigns/{id}",
      tags,
      summary: "Change a campaign; a changed rule or gate makes a new version",
      request: { params, headers: ifMatch, body: body(changes) },
      responses: { 200: answer("Changed"), 409: refused("The campaign is archived") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const revision = requiredRevision(c);
      const { rest, gates } = splitGates(c.req.valid("json"));
      const changed = changedOf(await updateCampaign(c.env.db, id, revision, { ...rest, gates }, actorOf(c)));
      c.header("ETag", etagOf(changed.revision));
      return c.json(toWire(changed), 200);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/campaigns/{id}/versions",
      tags,
      summary: "The versions of a campaign's rule, newest first",
      request: { params, query: z.strictObject(pageQuery) },
      responses: {
        200: { description: "A page", content: { "application/json": { schema: pageOf(version) } } },
      },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const from = decodeCursor("versions", ["integer"], cursor);
      const found = await listVersions(c.env.db, c.req.valid("param").id, limit + 1, from && Number(from[1]));
      if (found === undefined) throw new HttpProblem("not_found");
      const rows = found
        .slice(0, limit)
        .map(({ gates, ...version }) => ({ ...version, ...showGates(gates) }));
      const last = rows.at(-1);
      const next = found.length > limit && last ? ([last.created_at, String(last.version)] as const) : null;
      return c.json({ data: rows, next_cursor: encodeCursor("versions", next) }, 200);
    },
  );

for (const [transition, summary] of [
  ["activate", "Decide events against a campaign from now on"],
  ["pause", "Stop a campaign at once"],
  ["archive", "End a paused campaign for good"],
] as const) {
  campaigns.openapi(
    route({
      method: "post",
      path: `/v1/campaigns/{id}/${transition}`,
      tags,
      summary,
      request: { params, headers: ifMatch },
      responses: { 200: answer("Changed"), 409: refused("The campaign's status does not allow it") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const changed = changedOf(
        await transitionCampaign(c.env.db, id, transition, optionalRevision(c), actorOf(c)),
      );
      c.header("ETag", etagOf(changed.revision));
      return c.json(toWire(changed), 200);
    },
  );
}

/** @throws HttpProblem that says why it was not changed */
function changedOf(change: CampaignChange): Campaign {
  if (change.ok) return change.campaign;
  switch (change.reason) {
    case "not_found":
      throw new HttpProblem("not_found");
    case "stale":
      throw new HttpProblem("precondition_failed");
    case "empty_window":
      throw new HttpProblem("invalid", {
        errors: [{ pointer: "/ends_at", code: "invalid_value", message: OUT_OF_ORDER }],
      });
    case "holdout_percent_fixed":
      throw new HttpProblem("invalid", {
        errors: [
          {
            pointer: "/holdout/percent",
            code: "holdout_percent_fixed",
            message: "differs from the percentage of the campaign that named the key first",
          },
        ],
      });
    case "not_allowed":
      throw new HttpProblem("conflict", { detail: `The campaign is ${change.status}` });
    case "active_set_too_costly":
      throw new HttpProblem("active_set_too_costly", {
        detail: tooCostly(change.added, change.others),
        extensions: { campaigns: change.costliest },
      });
  }
}

function tooCostly(added: number, others: number): string {
  const [most, ours, theirs] = [ACTIVE_SET_STEPS_MAX, added, others].map((count) =>
    count.toLocaleString("en"),
  );
  return `All active campaigns take at most ${most} steps of an ordinary event: the others take ${theirs}, this one ${ours}`;
}

/** A stored campaign without its revision, which is the ETag. */
function toWire({ revision: _, gates, ...campaign }: Campaign) {
  return { ...campaign, ...showGates(gates) };
}

import { z } from "@hono/zod-openapi";
import { ANALYSIS_CAMPAIGNS_MAX } from "../../limits.ts";
import { analyze } from "../../rules/analysis/analyze.ts";
import type { Campaign } from "../../rules/evaluation/matcher.ts";
import { readActiveSetChanges } from "../../storage/campaigns.ts";
import type { Database } from "../../storage/core/client.ts";
import { id, time } from "../http/schemas.ts";
import { route, routes } from "../route.ts";
import { rule } from "./rules.ts";

/** How findings name the draft. */
const DRAFT = "draft";

const input = z
  .strictObject({
    draft: z
      .strictObject({ rule, starts_at: time.nullish(), ends_at: time.nullish() })
      .optional()
      .openapi({ description: "A campaign that does not exist yet, to be compared with the active ones" }),
  })
  .openapi("AnalysisInput");

const subject = z
  .union([id, z.literal(DRAFT)])
  .openapi({ type: "string", description: 'A campaign\'s id, or "draft"' });
const proof = z
  .array(z.string())
  .openapi({ description: "What contradicts what, in every way the claim could be wrong" });
const witness = z
  .object({
    id: z.string(),
    source: z.string(),
    type: z.string(),
    subject: z.string().nullish(),
    time: z.string(),
    data: z.record(z.string(), z.unknown()).nullish(),
  })
  .openapi("Witness", { description: "An event for which the evaluator confirms the claim" });

const finding = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("never_matches"), id: subject, proof }),
    z.object({ kind: z.literal("always_matches"), id: subject, proof, witness }),
    z.object({ kind: z.literal("duplicates"), id: subject, other: subject, proof, witness }),
    z.object({
      kind: z.literal("covered"),
      id: subject,
      by: subject,
      proof,
      witness,
      beyond: witness.nullable(),
    }),
  ])
  .openapi("Finding");

const answer = z
  .object({
    findings: z.array(finding),
    undecided: z.array(subject).openapi({ description: "For these it was not shown whether they can match" }),
    analyzed: z.int().openapi({ description: "How many campaigns were compared, the draft included" }),
    complete: z.boolean().openapi({
      description: "False when there were too many to compare all: findings may be missing, none is wrong",
    }),
    not_decided: z
      .array(z.string())
      .openapi({ description: "What this analysis never claims anything about" }),
  })
  .openapi("Analysis");

/** Stated in every answer: that nothing was found does not prove that there is nothing to find. */
const NOT_DECIDED = [
  "whether a pattern can match a text, or implies another pattern, unless they are the same",
  "what conditions on parts of a text imply, beyond a beginning within a beginning",
  "times compared as text",
  "whether a version, an address, a length or a text is left between several bounds",
  "what two conditions inside `some` imply together",
  "a campaign covered by several others together, and by none of them alone",
  "rules that can be true in more than 256 ways, of which only some are looked at",
];

export const analysis = routes().openapi(
  route({
    method: "post",
    path: "/v1/campaigns/analyze",
    tags: ["Campaigns"],
    summary: "Which active campaigns can never match, always match, are duplicates, or are covered by others",
    description: `Compares up to ${ANALYSIS_CAMPAIGNS_MAX} active campaigns and a draft. Claims only what is certain.`,
    request: { body: { required: true, content: { "application/json": { schema: input } } } },
    responses: {
      200: { description: "What is certain", content: { "application/json": { schema: answer } } },
    },
  }),
  async (c) => {
    const { draft } = c.req.valid("json");
    const active = await readActive(c.env.db);
    const campaigns = [...active.campaigns];
    if (draft !== undefined) {
      campaigns.push(
        campaignOf({ id: DRAFT, version: 0, starts_at: null, ends_at: null, ...draft }, draft.rule),
      );
    }
    const { findings, undecided, complete } = analyze(campaigns);
    return c.json(
      {
        findings: findings.map((item) => ({ ...item, proof: [...item.proof] })),
        undecided: [...undecided],
        analyzed: campaigns.length,
        complete: complete && active.complete,
        not_decided: NOT_DECIDED,
      },
      200,
    );
  },
);

async function readActive(db: Database): Promise<{ campaigns: Campaign[]; complete: boolean }> {
  const campaigns: Campaign[] = [];
  for (let since = 0; ; ) {
    const page = await readActiveSetChanges(db, since, Number.MAX_SAFE_INTEGER);
    campaigns.push(
      ...page.changes.flatMap((change) => (change.rule === null ? [] : [campaignOf(change, change.rule)])),
    );
    if (campaigns.length > ANALYSIS_CAMPAIGNS_MAX) {
      return { campaigns: campaigns.slice(0, ANALYSIS_CAMPAIGNS_MAX), complete: false };
    }
    const last = page.changes.at(-1);
    if (!page.more || last === undefined) return { campaigns, complete: true };
    since = last.epoch;
  }
}

function campaignOf(
  given: {
    id: string;
    version: number;
    starts_at?: string | null | undefined;
    ends_at?: string | null | undefined;
  },
  rule: Campaign["rule"],
): Campaign {
  return {
    id: given.id,
    version: given.version,
    rule,
    startsAt: instant(given.starts_at),
    endsAt: instant(given.ends_at),
  };
}

const instant = (value: string | null | undefined): number | null =>
  value == null ? null : Date.parse(value);

import { z } from "@hono/zod-openapi";
import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../limits.ts";
import { listMatches } from "../../storage/matches.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { evidence, outcome } from "../http/gates.ts";
import { id, line, pageOf, pageQuery, time, timestamp } from "../http/schemas.ts";
import { route, routes } from "../route.ts";

const match = z
  .object({
    campaign_id: id,
    campaign_version: z.int().openapi({ description: "The version of the rule that decided" }),
    event_id: z.string(),
    source: z.string(),
    subject: z.string().nullable(),
    outcome,
    evidence,
    matched_at: timestamp,
  })
  .openapi("Match");

export const matches = routes().openapi(
  route({
    method: "get",
    path: "/v1/matches",
    tags: ["Matches"],
    summary: "Which events matched which campaigns, newest first",
    request: {
      query: z.strictObject({
        ...pageQuery,
        campaign_id: id.optional(),
        subject: line(1, EVENT_ATTRIBUTE_CHARS_MAX).optional(),
        event_id: line(1, EVENT_ATTRIBUTE_CHARS_MAX).optional(),
        outcome: outcome.optional(),
        from: time.optional().openapi({ description: "Of `matched_at`, included" }),
        to: time.optional().openapi({ description: "Of `matched_at`, excluded" }),
      }),
    },
    responses: { 200: { description: "A page", content: { "application/json": { schema: pageOf(match) } } } },
  }),
  async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    const { rows, next } = await listMatches(
      c.env.db,
      filter,
      limit,
      decodeCursor("matches", ["uuid", "text", "text"], cursor),
    );
    return c.json({ data: rows, next_cursor: encodeCursor("matches", next) }, 200);
  },
);

import { z } from "@hono/zod-openapi";
import { HttpProblem } from "../../errors.ts";
import type { EventDocument } from "../../rules/evaluation/event.ts";
import { type Explanation, explain } from "../../rules/evaluation/explain.ts";
import { TooCostly } from "../../rules/evaluation/work.ts";
import type { Rule } from "../../rules/language/rule.ts";
import { RULE_COMPONENT, ruleSchema } from "../../rules/language/schema.ts";
import { formatTime } from "../../time.ts";
import { checkEvent } from "../ingest/event.ts";
import { route, routes } from "../route.ts";

export const rule = ruleSchema().openapi(RULE_COMPONENT);

export const rules = routes().openapi(
  route({
    method: "post",
    path: "/v1/rules/explain",
    tags: ["Rules"],
    summary: "Why a rule is or is not true of an event; nothing is stored",
    request: {
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.strictObject({
              rule,
              // Checked in the handler, by the function that checks posted events.
              event: z.unknown().openapi({ allOf: [{ $ref: "#/components/schemas/EventInput" }] }),
            }),
          },
        },
      },
    },
    responses: {
      200: {
        description: "The rule's own tree, with what each part was decided to be",
        content: {
          "application/json": {
            schema: z.object({
              matched: z.boolean(),
              explanation: z.unknown().openapi({
                type: "object",
                description:
                  "Like the rule; each part with `matched`, each condition with what was found at its path",
              }),
            }),
          },
        },
      },
    },
  }),
  (c) => {
    const body = c.req.valid("json");
    const now = Date.now();
    const checked = checkEvent(body.event, now);
    if (!checked.ok) {
      throw new HttpProblem("invalid", {
        ...checked.faults,
        errors: checked.faults.errors.map((error) => ({ ...error, pointer: `/event${error.pointer}` })),
      });
    }
    const { source = "api", time = formatTime(now), ...event } = checked.event;
    const document = { ...event, source, time, subject: event.subject ?? null, data: event.data ?? {} };
    return c.json(explained(body.rule, document), 200);
  },
);

function explained(rule: Rule, event: EventDocument): { matched: boolean; explanation: Explanation } {
  try {
    return explain(rule, event);
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    const message = "takes more work for this event than is allowed";
    throw new HttpProblem("invalid", { errors: [{ pointer: "/rule", code: "too_costly", message }] });
  }
}

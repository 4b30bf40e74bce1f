import { z } from "@hono/zod-openapi";
import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../limits.ts";
import { line, time } from "../http/schemas.ts";

const attribute = line(1, EVENT_ATTRIBUTE_CHARS_MAX);

/** One event as clients post it. */
export const eventSchema = z
  .strictObject({
    id: attribute.openapi({
      description: "Unique within its source: the same id sent again takes no effect again",
    }),
    type: attribute.openapi({ example: "purchase" }),
    source: attribute.optional().openapi({
      description: 'Default: the name of the API key, or "api". A key may write in its own sources only',
    }),
    subject: attribute.nullish().openapi({ description: "Who it is about", example: "customer-42" }),
    time: time.optional().openapi({
      description: "When it happened, RFC 3339, at most 5 minutes ahead. Default: when it is received",
    }),
    data: z
      .custom<Record<string, unknown>>(
        (value) => typeof value === "object" && value !== null && !Array.isArray(value),
        "must be an object",
      )
      .optional()
      .openapi({ type: "object", additionalProperties: true }),
  })
  .openapi("EventInput");

export type EventInput = z.output<typeof eventSchema>;

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ANY_SOURCE } from "../../auth/api-keys.ts";
import { HttpProblem } from "../../errors.ts";
import { EVENT_ATTRIBUTE_CHARS_MAX, EVENTS_PER_REQUEST_MAX } from "../../limits.ts";
import { listEvents, readEvents } from "../../storage/events.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { outcome } from "../http/gates.ts";
import { problem } from "../http/problem.ts";
import {
  fieldErrorSchema,
  id,
  line,
  moreErrors,
  pageOf,
  pageQuery,
  sender,
  time,
  timestamp,
} from "../http/schemas.ts";
import { traceOf } from "../http/traceparent.ts";
import { DEFAULT_SOURCE, FORMATS, ingest } from "../ingest/ingest.ts";
import { route, routes, senderOf } from "../route.ts";
import type { AppEnv } from "../services.ts";

const tags = ["Events"];
const attribute = line(1, EVENT_ATTRIBUTE_CHARS_MAX);

const event = z
  .object({
    id: z.string(),
    source: z.string(),
    type: z.string(),
    subject: z.string().nullable(),
    sender,
    time: timestamp,
    received_at: timestamp,
    processed_at: timestamp,
    data: z.record(z.string(), z.unknown()),
    matches: z.array(z.object({ campaign_id: id, campaign_version: z.int(), outcome })),
  })
  .openapi("Event");

const receipt = z
  .object({
    accepted: z.int(),
    rejected: z.int(),
    results: z.array(
      z.object({
        index: z.int().openapi({ description: "Position in the request, from 0" }),
        id: z.string().nullable().openapi({ description: "The event's id, where it has one" }),
        status: z.enum(["accepted", "rejected"]),
        error: z
          .object({ code: z.string(), errors: z.array(fieldErrorSchema), more_errors: moreErrors })
          .optional(),
      }),
    ),
  })
  .openapi("EventsReceipt");

// Documented by reference, because each item is checked on its own: one bad event does not refuse the others.
const one = { $ref: "#/components/schemas/EventInput" };
const several = <Item extends object>(items: Item) => ({
  type: "array" as const,
  items,
  minItems: 1,
  maxItems: EVENTS_PER_REQUEST_MAX,
});
const cloudEvent = {
  type: "object" as const,
  description: "CloudEvents 1.0, JSON format; data must be an object, extension attributes are not kept",
  required: ["specversion", "id", "source", "type"],
  properties: { specversion: { type: "string" as const, enum: ["1.0"] } },
  additionalProperties: true,
};

export const events = routes()
  .openapi(
    route({
      method: "post",
      path: "/v1/events",
      tags,
      summary: "Post one event or up to 1,000",
      description:
        "Accepted events are in the queue: none is lost, and the same (source, id) takes effect once however often it is sent.",
      request: {
        body: {
          required: true,
          content: {
            "application/json": {
              schema: { oneOf: [one, several(one)] },
            },
            "application/cloudevents+json": { schema: cloudEvent },
            "application/cloudevents-batch+json": { schema: several(cloudEvent) },
          },
        },
      },
      responses: {
        202: {
          description: "At least one event is accepted",
          content: { "application/json": { schema: receipt } },
        },
      },
    }),
    async (c) => {
      const { queue, metricBuffer } = c.env;
      const receipt = await ingest(requestOf(c), queue, Date.now(), metricBuffer);
      c.set("ingested", receipt);
      return c.json(receipt, 202);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/events",
      tags,
      summary: "Decided events with what they matched, newest first",
      request: {
        query: z.strictObject({
          ...pageQuery,
          type: attribute.optional(),
          subject: attribute.optional(),
          from: time.optional().openapi({ description: "Of the event's time, included" }),
          to: time.optional().openapi({ description: "Of the event's time, excluded" }),
        }),
      },
      responses: {
        200: { description: "A page", content: { "application/json": { schema: pageOf(event) } } },
      },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const { rows, next } = await listEvents(
        c.env.db,
        filter,
        limit,
        decodeCursor("events", ["text", "text"], cursor),
      );
      return c.json({ data: rows, next_cursor: encodeCursor("events", next) }, 200);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/events/{id}",
      tags,
      summary: "One decided event with what it matched",
      request: {
        params: z.object({ id: attribute }),
        query: z.strictObject({
          source: attribute.optional().openapi({ description: "Needed when several sources use this id" }),
        }),
      },
      responses: {
        200: { description: "The event", content: { "application/json": { schema: event } } },
        409: problem("Several sources have an event with this id"),
      },
    }),
    async (c) => {
      const [found, another] = await readEvents(
        c.env.db,
        c.req.valid("param").id,
        c.req.valid("query").source,
      );
      if (found === undefined) throw new HttpProblem("not_found");
      if (another !== undefined) {
        throw new HttpProblem("conflict", {
          detail: "Several sources have an event with this id: name one with ?source=",
        });
      }
      return c.json(found, 200);
    },
  );

function requestOf(c: Context<AppEnv>) {
  const caller = c.get("caller");
  const { mediaType, content } = c.get("body");
  return {
    json: content,
    format: FORMATS[mediaType] ?? "events",
    ...(caller.kind === "key"
      ? { defaultSource: caller.name, sources: caller.sources }
      : { defaultSource: DEFAULT_SOURCE, sources: [ANY_SOURCE] }),
    envelope: { ...traceOf(c), sender: senderOf(c) },
  };
}

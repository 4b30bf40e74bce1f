import { z } from "@hono/zod-openapi";
import { v7 as uuidv7 } from "uuid";
import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../limits.ts";
import { recordExport } from "../../storage/subjects.ts";
import { describeError, log } from "../../telemetry/log.ts";
import { formatTime } from "../../time.ts";
import { evidence, outcome } from "../http/gates.ts";
import { id, line, sender, timestamp } from "../http/schemas.ts";
import { actorOf, route, routes } from "../route.ts";
import { eraseSubject } from "../subjects/erase.ts";
import { streamOf, subjectDocument } from "../subjects/export.ts";

const tags = ["Subjects"];
const params = z.object({
  subject: line(1, EVENT_ATTRIBUTE_CHARS_MAX).openapi({ description: "Who the events are about" }),
});

const data = z.record(z.string(), z.unknown());
const decisionOf = { campaign_id: id, campaign_version: z.int() };
const event = {
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  sender,
  time: timestamp,
  received_at: timestamp,
  data,
};

const subjectExport = z
  .object({
    subject: z.string(),
    exported_at: timestamp,
    events: z.array(z.object({ id: z.string(), ...event, processed_at: timestamp })),
    matches: z.array(
      z.object({
        ...decisionOf,
        source: z.string(),
        event_id: z.string(),
        subject: z.string(),
        outcome,
        evidence,
        matched_at: timestamp,
      }),
    ),
    event_conflicts: z
      .array(z.object({ event_id: z.string(), ...event, recorded_at: timestamp }))
      .openapi({ description: "Events sent with an id that was taken by other content" }),
    dead_letters: z
      .array(
        z.object({
          id,
          cause: z.string(),
          error_code: z.string().nullable(),
          source: z.string().nullable(),
          event_id: z.string().nullable(),
          type: z.string().nullable(),
          subject: z.string().nullable(),
          sender,
          attempts: z.int(),
          first_at: timestamp,
          last_at: timestamp,
          status: z.string(),
          replayed_at: timestamp.nullable(),
          resolved_at: timestamp.nullable(),
          discarded_at: timestamp.nullable(),
          discard_reason: z.string().nullable(),
          body: z.string(),
        }),
      )
      .openapi({ description: "What could not be processed, as it came" }),
    named_in_rules: z.array(z.object(decisionOf)).openapi({
      description:
        "Versions of campaigns whose rule holds the subject as a value; erasing leaves rules alone",
    }),
  })
  .openapi("SubjectExport");

const receipt = z
  .object({
    receipt_id: id.openapi({
      description: "What the audit names this erasure by; it tells nothing of the subject",
    }),
    at: timestamp.openapi({ description: "What was received until then is erased" }),
    complete: z.boolean(),
    erased: z
      .object({
        events: z.int(),
        matches: z.int(),
        event_conflicts: z.int(),
        dead_letters: z.int(),
      })
      .openapi({ description: "Rows deleted by this request" }),
  })
  .openapi("ErasureReceipt");
const answer = (description: string) => ({
  description,
  content: { "application/json": { schema: receipt } },
});

export const subjects = routes()
  .openapi(
    route({
      method: "get",
      path: "/v1/subjects/{subject}/export",
      tags,
      summary: "Everything held about one subject",
      description:
        "Streamed, oldest first, so that its size is not limited: an answer that is cut short is not valid JSON. The audit keeps that an export was made, and by whom, not about whom.",
      request: { params },
      responses: {
        200: {
          description: "Everything",
          content: { "application/json": { schema: subjectExport } },
        },
      },
    }),
    async (c) => {
      const { subject } = c.req.valid("param");
      const exportId = uuidv7();
      await recordExport(c.env.db, exportId, actorOf(c));
      const { requestId } = c.var;
      const body = await streamOf(subjectDocument(c.env.db, subject, formatTime(Date.now())), (error) =>
        log("error", "export_broken_off", { request_id: requestId, ...describeError(error) }),
      );
      // Set here, because computing one would collect the whole body in memory first.
      c.header("ETag", `"${exportId}"`);
      c.header("Content-Type", "application/json");
      // The type of a stream cannot be checked; test/api/subjects.test.ts compares it with the schema above.
      return c.body(body, 200) as never;
    },
  )
  .openapi(
    route({
      method: "delete",
      path: "/v1/subjects/{subject}",
      tags,
      summary: "Erase everything held about one subject",
      description:
        "Events that were accepted before and are still in a queue are dropped when they arrive. Events received afterwards are new. Erasing again is harmless, and goes on where a large one stopped.",
      request: { params },
      responses: {
        200: answer("Nothing is left"),
        202: answer("There was more than one request may delete: ask again until `complete`"),
      },
    }),
    async (c) => {
      const erasure = { id: uuidv7(), at: formatTime(Date.now()) };
      const { complete, erased } = await eraseSubject(
        c.env.db,
        c.req.valid("param").subject,
        erasure,
        actorOf(c),
      );
      return c.json(
        { receipt_id: erasure.id, at: erasure.at, complete, erased },
        complete ? (200 as const) : (202 as const),
      );
    },
  );

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HttpProblem } from "../../errors.ts";
import {
  CURSOR_CHARS_MAX,
  DISCARD_LETTERS_MAX,
  DISCARD_REASON_CHARS_MAX,
  EVENT_ATTRIBUTE_CHARS_MAX,
  REPLAY_BYTES_MAX,
  REPLAY_LETTERS_MAX,
} from "../../limits.ts";
import {
  DEAD_LETTER_CAUSES,
  DEAD_LETTER_STATUSES,
  type DeadLetterWithBody,
  discardDeadLetters,
  type LetterToReplay,
  listDeadLetters,
  listLettersToReplay,
  readDeadLetter,
} from "../../storage/dead-letters.ts";
import { replayLetters } from "../dead-letters/replay.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { problem } from "../http/problem.ts";
import { id, line, pageOf, pageQuery, sender, text, time, timestamp } from "../http/schemas.ts";
import { traceOf } from "../http/traceparent.ts";
import { actorOf, route, routes } from "../route.ts";
import type { AppEnv } from "../services.ts";

const tags = ["Dead letters"];
const LIST = "dead-letters";
const attribute = line(1, EVENT_ATTRIBUTE_CHARS_MAX);

const fields = {
  id,
  cause: z.enum(DEAD_LETTER_CAUSES),
  campaign_id: id
    .nullable()
    .openapi({ description: "Of one that was too costly: what took most of the work" }),
  campaign_version: z.int().nullable(),
  error_code: z.string().nullable().openapi({ description: "The database's SQLSTATE, where it refused" }),
  source: z.string().nullable(),
  event_id: z.string().nullable(),
  type: z.string().nullable(),
  subject: z.string().nullable(),
  sender,
  attempts: z.int().openapi({ description: "Deliveries so far, those of replays included" }),
  first_at: timestamp.openapi({ description: "When it was received" }),
  last_at: timestamp.openapi({ description: "When it last came" }),
  status: z.enum(DEAD_LETTER_STATUSES).openapi({
    description:
      "`open` until somebody sees to it, `replayed` while its event is in the queue again, `resolved` once that is decided, `discarded`. One that comes again is open again",
  }),
  replayed_at: timestamp.nullable(),
  resolved_at: timestamp.nullable().openapi({ description: "When its event was found decided" }),
  discarded_at: timestamp.nullable(),
  discard_reason: z.string().nullable(),
};
const letter = z.object(fields).openapi("DeadLetter");
const letterWithBody = z
  .object({
    ...fields,
    body: z.string().openapi({ description: "JSON text of what could not be processed, as it came" }),
  })
  .openapi("DeadLetterWithBody");

const params = z.object({ id });
const filter = {
  cause: z.enum(DEAD_LETTER_CAUSES).optional(),
  type: attribute.optional(),
  source: attribute.optional(),
  event_id: attribute.optional(),
  subject: attribute.optional(),
  from: time.optional().openapi({ description: "Of `last_at`, included" }),
  to: time.optional().openapi({ description: "Of `last_at`, excluded" }),
};
const reason = text(1, DISCARD_REASON_CHARS_MAX).openapi({
  description: "Goes into the audit, which is never erased: say nothing of the subject",
});

const json = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } }) as const;
const body = <Schema extends z.ZodType>(schema: Schema) =>
  ({ required: true, content: json(schema) }) as const;

export const deadLetters = routes()
  .openapi(
    route({
      method: "get",
      path: "/v1/dead-letters",
      tags,
      summary: "What could not be processed, newest first, without bodies",
      description: "By when they last came: a letter that comes again moves to the front.",
      request: {
        query: z.strictObject({ ...pageQuery, status: z.enum(DEAD_LETTER_STATUSES).optional(), ...filter }),
      },
      responses: { 200: { description: "A page", content: json(pageOf(letter)) } },
    }),
    async (c) => {
      const { limit, cursor, ...given } = c.req.valid("query");
      const { rows, next } = await listDeadLetters(
        c.env.db,
        given,
        limit,
        decodeCursor(LIST, ["uuid"], cursor),
      );
      return c.json({ data: rows, next_cursor: encodeCursor(LIST, next) }, 200);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/dead-letters/{id}",
      tags,
      summary: "One dead letter with its body",
      request: { params },
      responses: { 200: { description: "The letter", content: json(letterWithBody) } },
    }),
    async (c) => c.json(shown(await letterOf(c, c.req.valid("param").id)), 200),
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/dead-letters/replay",
      tags,
      summary: "Replay the open letters that fit, newest first",
      description: `Up to ${REPLAY_LETTERS_MAX} letters or ${REPLAY_BYTES_MAX} bytes a call: go on with \`next_cursor\` until it is null.`,
      request: {
        body: body(
          z
            .strictObject({ ...filter, cursor: z.string().min(1).max(CURSOR_CHARS_MAX).optional() })
            .openapi("DeadLetterReplay"),
        ),
      },
      responses: {
        200: {
          description: "What became of them",
          content: json(
            z
              .object({
                replayed: z.int().openapi({ description: "Put into the queue again" }),
                resolved: z
                  .int()
                  .openapi({ description: "Not sent, because their event is decided after all" }),
                refused: z.int().openapi({ description: "Still open: they hold no event that can be read" }),
                unsent: z.int().openapi({ description: "Still open: the queue did not take them" }),
                next_cursor: z
                  .string()
                  .nullable()
                  .openapi({ description: "To replay those that remain; null when that was all" }),
              })
              .openapi("DeadLettersReplayed"),
          ),
        },
      },
    }),
    async (c) => {
      const { cursor, ...given } = c.req.valid("json");
      const { rows, next } = await listLettersToReplay(
        c.env.db,
        given,
        { rows: REPLAY_LETTERS_MAX, bytes: REPLAY_BYTES_MAX },
        decodeCursor(LIST, ["uuid"], cursor),
      );
      const { changed, refused, unsent } = await replayLetters(c.env, rows, traceOf(c), actorOf(c));
      const resolved = changed.filter(({ status }) => status === "resolved").length;
      return c.json(
        {
          replayed: changed.length - resolved,
          resolved,
          refused,
          unsent,
          next_cursor: encodeCursor(LIST, next),
        },
        200,
      );
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/dead-letters/discard",
      tags,
      summary: "Give up the open letters that fit",
      description: `Up to ${DISCARD_LETTERS_MAX} a call: ask again while there are \`more\`.`,
      request: { body: body(z.strictObject({ ...filter, reason }).openapi("DeadLettersDiscard")) },
      responses: {
        200: {
          description: "Discarded",
          content: json(z.object({ discarded: z.int(), more: z.boolean() }).openapi("DeadLettersDiscarded")),
        },
      },
    }),
    async (c) => {
      const { reason, ...given } = c.req.valid("json");
      const discarded = await discardDeadLetters(c.env.db, given, reason, DISCARD_LETTERS_MAX, actorOf(c));
      return c.json({ discarded, more: discarded === DISCARD_LETTERS_MAX }, 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/dead-letters/{id}/replay",
      tags,
      summary: "Put a letter's event into the queue again",
      description:
        "Harmless to repeat: one that is replayed or resolved already is answered as it is. Its event takes effect once, whatever was replayed or sent again.",
      request: { params },
      responses: {
        200: {
          description: "Replayed, or resolved when its event is decided already",
          content: json(letter),
        },
        409: problem("It is discarded, or it holds no event that can be read (`not_replayable`)"),
      },
    }),
    async (c) => {
      const found = await letterOf(c, c.req.valid("param").id);
      if (found.status === "discarded") throw notIn(found);
      if (found.status !== "open") return c.json(withoutBody(found), 200);
      const { changed, refused } = await replayLetters(c.env, [found], traceOf(c), actorOf(c));
      if (refused > 0) throw new HttpProblem("not_replayable");
      // Without a change somebody else replayed it at the same time, or its subject was erased.
      return c.json(changed[0] ?? withoutBody(await letterOf(c, found.id)), 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/dead-letters/{id}/discard",
      tags,
      summary: "Give a letter up",
      description: "It is kept as long as any, and open again if it comes again. Harmless to repeat.",
      request: { params, body: body(z.strictObject({ reason }).openapi("DeadLetterDiscard")) },
      responses: {
        200: { description: "Discarded", content: json(letter) },
        409: problem("It is replayed or resolved"),
      },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await discardDeadLetters(c.env.db, { id }, c.req.valid("json").reason, 1, actorOf(c));
      const found = await letterOf(c, id);
      if (found.status !== "discarded") throw notIn(found);
      return c.json(withoutBody(found), 200);
    },
  );

/** @throws HttpProblem when there is no such letter */
async function letterOf(c: Context<AppEnv>, id: string): Promise<LetterToReplay> {
  const found = await readDeadLetter(c.env.db, id);
  if (found === undefined) throw new HttpProblem("not_found");
  return found;
}

const notIn = ({ status }: LetterToReplay) =>
  new HttpProblem("conflict", { detail: `The dead letter is ${status}` });

function shown({ decided: _, ...letter }: LetterToReplay): DeadLetterWithBody {
  return letter as DeadLetterWithBody;
}

function withoutBody({ decided: _, body: __, ...letter }: LetterToReplay) {
  return letter;
}

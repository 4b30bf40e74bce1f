import { z } from "@hono/zod-openapi";
import { AUDIT_FILTER_CHARS_MAX } from "../../limits.ts";
import { listAudit } from "../../storage/audit.ts";
import { listCheckpoints } from "../../storage/audit-checkpoints.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { id, line, pageOf, pageQuery, time, timestamp } from "../http/schemas.ts";
import { route, routes } from "../route.ts";

const tags = ["Audit"];

const seq = z.int().openapi({ description: "1, 2, 3, … without a gap" });
const hash = z.string().openapi({ description: "SHA-256 in hexadecimal", pattern: "^[0-9a-f]{64}$" });
const image = z
  .record(z.string(), z.unknown())
  .nullable()
  .openapi({ description: "The target's state, without secrets" });

const entry = z
  .object({
    seq,
    id,
    at: timestamp,
    actor_type: z.enum(["user", "api_key", "operator", "anyone"]),
    actor_id: z.string().nullable(),
    actor_address: z.string().nullable().openapi({
      description: "The network the request came from, an IPv4 /24 or an IPv6 /48",
      example: "203.0.113.0/24",
    }),
    action: z.string().openapi({ example: "campaign.update" }),
    target_type: z.string(),
    target_id: z.string(),
    before: image,
    after: image,
    request_id: z.string().nullable(),
    prev_hash: hash,
    hash,
  })
  .openapi("AuditEntry");

const checkpoint = z
  .object({
    seq,
    hash,
    at: timestamp,
    signature: z.string().openapi({
      description: "A compact JWS over `{seq, hash, at}`, to be verified with /.well-known/jwks.json",
    }),
  })
  .openapi("AuditCheckpoint");

export const audit = routes()
  .openapi(
    route({
      method: "get",
      path: "/v1/audit",
      tags,
      summary: "Who changed what, newest first",
      description:
        "Every entry holds a hash over itself and the entry before: `npm run audit:verify` checks an export.",
      request: {
        query: z.strictObject({
          ...pageQuery,
          actor: line(1, AUDIT_FILTER_CHARS_MAX)
            .optional()
            .openapi({ description: "The id of a user or an API key, or `user`, `api_key`, `operator`" }),
          action: line(1, AUDIT_FILTER_CHARS_MAX).optional(),
          target: line(1, AUDIT_FILTER_CHARS_MAX).optional().openapi({
            description: "A type of target, or a type and an id",
            example: "campaign/01970a3c-5f0e-7c6b-9d2e-3f4a5b6c7d8e",
          }),
          from: time.optional().openapi({ description: "Of `at`, included" }),
          to: time.optional().openapi({ description: "Of `at`, excluded" }),
        }),
      },
      responses: {
        200: { description: "A page", content: { "application/json": { schema: pageOf(entry) } } },
      },
    }),
    async (c) => {
      const { limit, cursor, target, ...filter } = c.req.valid("query");
      const position = decodeCursor("audit", ["integer"], cursor);
      const { rows, next } = await listAudit(
        c.env.db,
        { ...filter, target: target === undefined ? undefined : targetOf(target) },
        limit,
        position && Number(position[1]),
      );
      return c.json({ data: rows as z.input<typeof entry>[], next_cursor: encodeCursor("audit", next) }, 200);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/audit/checkpoints",
      tags,
      summary: "Signed moments of the audit's end, newest first",
      description: "`witness` is the last one, as it is kept outside the database; null before the first.",
      request: { query: z.strictObject(pageQuery) },
      responses: {
        200: {
          description: "A page",
          content: {
            "application/json": {
              schema: pageOf(checkpoint).extend({
                witness: z.union([checkpoint, z.null()]),
              }),
            },
          },
        },
      },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const position = decodeCursor("audit-checkpoints", ["integer"], cursor);
      const [{ rows, next }, witness] = await Promise.all([
        listCheckpoints(c.env.db, limit, position && Number(position[1])),
        c.env.witness.last(),
      ]);
      const next_cursor = encodeCursor("audit-checkpoints", next);
      return c.json({ data: rows, next_cursor, witness: witness ?? null }, 200);
    },
  );

/** `campaign/0197…` names one target, `campaign` all of a type. */
function targetOf(text: string): { readonly type: string; readonly id?: string } {
  const slash = text.indexOf("/");
  return slash === -1 ? { type: text } : { type: text.slice(0, slash), id: text.slice(slash + 1) };
}

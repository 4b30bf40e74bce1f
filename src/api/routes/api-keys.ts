import { z } from "@hono/zod-openapi";
import { v7 as uuidv7 } from "uuid";
import { createApiKey as createSecret, hashApiKey, SCOPES } from "../../auth/api-keys.ts";
import { HttpProblem } from "../../errors.ts";
import {
  API_KEY_OVERLAP_SECONDS_DEFAULT,
  API_KEY_OVERLAP_SECONDS_MAX,
  NAME_CHARS_MAX,
} from "../../limits.ts";
import { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from "../../storage/api-keys.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { id, line, pageOf, pageQuery, time, timestamp } from "../http/schemas.ts";
import { actorOf, route, routes } from "../route.ts";

const tags = ["API keys"];

const apiKey = z
  .object({
    id: id.openapi({ description: "Also the client_id of the client_credentials grant" }),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: timestamp,
    expires_at: timestamp.nullable(),
    revoked_at: timestamp.nullable(),
    last_used_at: timestamp.nullable(),
    previous_expires_at: timestamp
      .nullable()
      .openapi({ description: "Until when the secret before the last rotation works too" }),
  })
  .openapi("ApiKey");

const withSecret = apiKey
  .extend({
    client_id: id,
    client_secret: z.string().openapi({ description: "Shown once: only its SHA-256 is stored" }),
  })
  .openapi("ApiKeyWithSecret");
const answersSecret = (description: string) => ({
  description,
  content: { "application/json": { schema: withSecret } },
});

const params = z.object({ id });

export const apiKeys = routes()
  .openapi(
    route({
      method: "get",
      path: "/v1/api-keys",
      tags,
      summary: "API keys, newest first, without their secrets",
      request: { query: z.strictObject(pageQuery) },
      responses: {
        200: { description: "A page", content: { "application/json": { schema: pageOf(apiKey) } } },
      },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const { rows, next } = await listApiKeys(c.env.db, limit, decodeCursor("api-keys", ["uuid"], cursor));
      return c.json({ data: rows, next_cursor: encodeCursor("api-keys", next) }, 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/api-keys",
      tags,
      summary: "Create an API key",
      request: {
        body: {
          required: true,
          content: {
            "application/json": {
              schema: z
                .strictObject({
                  name: line(1, NAME_CHARS_MAX).openapi({
                    description: "The default source of events it posts",
                  }),
                  scopes: z
                    .array(z.enum(SCOPES))
                    .min(1)
                    .max(SCOPES.length)
                    .refine((scopes) => new Set(scopes).size === scopes.length, "must not repeat a scope"),
                  expires_at: time
                    .refine((value) => Date.parse(value) > Date.now(), "must be in the future")
                    .nullish(),
                })
                .openapi("ApiKeyInput"),
            },
          },
        },
      },
      responses: { 201: answersSecret("Created") },
    }),
    async (c) => {
      const { name, scopes, expires_at } = c.req.valid("json");
      const secret = createSecret();
      const created = await createApiKey(
        c.env.db,
        { id: uuidv7(), name, scopes, expiresAt: expires_at ?? null, secretHash: await hashApiKey(secret) },
        actorOf(c),
      );
      return c.json({ ...created, client_id: created.id, client_secret: secret }, 201);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/api-keys/{id}/rotate",
      tags,
      summary: "Give a key a new secret; for a while both work",
      request: {
        params,
        body: {
          required: false,
          content: {
            "application/json": {
              schema: z.strictObject({
                overlap_seconds: z.int().min(0).max(API_KEY_OVERLAP_SECONDS_MAX).optional(),
              }),
            },
          },
        },
      },
      responses: { 200: answersSecret("Rotated") },
    }),
    async (c) => {
      const { overlap_seconds = API_KEY_OVERLAP_SECONDS_DEFAULT } = c.req.valid("json");
      const secret = createSecret();
      const rotated = await rotateApiKey(
        c.env.db,
        c.req.valid("param").id,
        await hashApiKey(secret),
        overlap_seconds,
        actorOf(c),
      );
      if (!rotated.ok) throw new HttpProblem(rotated.reason);
      return c.json({ ...rotated.key, client_id: rotated.key.id, client_secret: secret }, 200);
    },
  )
  .openapi(
    route({
      method: "delete",
      path: "/v1/api-keys/{id}",
      tags,
      summary: "Revoke a key",
      request: { params },
      responses: { 204: { description: "Revoked" } },
    }),
    async (c) => {
      const revoked = await revokeApiKey(c.env.db, c.req.valid("param").id, actorOf(c));
      if (!revoked.ok) throw new HttpProblem(revoked.reason);
      return c.body(null, 204);
    },
  );

import { z } from "@hono/zod-openapi";
import { v7 as uuidv7 } from "uuid";
import {
  ANY_SOURCE,
  areSources,
  createApiKey as createSecret,
  hashApiKey,
  SCOPES,
} from "../../auth/api-keys.ts";
import { HttpProblem } from "../../errors.ts";
import {
  API_KEY_OVERLAP_SECONDS_DEFAULT,
  API_KEY_OVERLAP_SECONDS_MAX,
  EVENT_ATTRIBUTE_CHARS_MAX,
  KEY_CLAIMS_BYTES_MAX,
  KEY_NAME_CHARS_MAX,
  KEY_SOURCES_MAX,
} from "../../limits.ts";
import {
  type ApiKey,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from "../../storage/api-keys.ts";
import { utf8Bytes } from "../../text.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { problem } from "../http/problem.ts";
import { id, line, pageOf, pageQuery, time, timestamp } from "../http/schemas.ts";
import { DEFAULT_SOURCE } from "../ingest/ingest.ts";
import { actorOf, route, routes } from "../route.ts";

const tags = ["API keys"];

const apiKey = z
  .object({
    id: id.openapi({ description: "Also the client_id of the client_credentials grant" }),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    sources: z.array(z.string()).openapi({ description: "What it may write in, or `*` for every source" }),
    warnings: z.array(z.enum(["unrestricted_sources"])).openapi({
      description:
        "`unrestricted_sources`: the key is from before keys had sources, and may write in every one. Replace it",
    }),
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

const input = z
  .strictObject({
    name: line(1, KEY_NAME_CHARS_MAX)
      .refine((name) => name !== ANY_SOURCE, "must not be what stands for every source")
      .openapi({ description: "The default source of events it posts. No two live keys have the same" }),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, "must not repeat a scope"),
    sources: z
      .array(line(1, EVENT_ATTRIBUTE_CHARS_MAX))
      .min(1)
      .max(KEY_SOURCES_MAX)
      .refine(areSources, "must not repeat a source, nor name others beside every source")
      .optional()
      .openapi({
        description: "What it may write in: its own name unless given; `*`, alone, for every source",
      }),
    expires_at: time.refine((value) => Date.parse(value) > Date.now(), "must be in the future").nullish(),
  })
  .refine(({ name, sources = [] }) => utf8Bytes(JSON.stringify([name, sources])) <= KEY_CLAIMS_BYTES_MAX, {
    path: ["sources"],
    message: `must not take, with the name, more than ${KEY_CLAIMS_BYTES_MAX} bytes as JSON`,
  })
  .openapi("ApiKeyInput");

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
      return c.json({ data: rows.map(toWire), next_cursor: encodeCursor("api-keys", next) }, 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/api-keys",
      tags,
      summary: "Create an API key",
      request: {
        body: { required: true, content: { "application/json": { schema: input } } },
      },
      responses: { 201: answersSecret("Created"), 409: problem("A live key has this name (`name_taken`)") },
    }),
    async (c) => {
      const { name, scopes, sources = [name], expires_at } = c.req.valid("json");
      // What events without a source come from when no key sent them: a key of this name could speak for admins.
      if (name === DEFAULT_SOURCE) throw nameTaken();
      const secret = createSecret();
      const created = await createApiKey(
        c.env.db,
        {
          id: uuidv7(),
          name,
          scopes,
          sources,
          expiresAt: expires_at ?? null,
          secretHash: await hashApiKey(secret),
        },
        actorOf(c),
      );
      if (!created.ok) throw nameTaken();
      return c.json(withSecretOf(created.key, secret), 201);
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
      return c.json(withSecretOf(rotated.key, secret), 200);
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

const toWire = ({ has_unchosen_sources, ...key }: ApiKey) => ({
  ...key,
  warnings: has_unchosen_sources ? (["unrestricted_sources"] as const).slice() : [],
});

const withSecretOf = (key: ApiKey, secret: string) => ({
  ...toWire(key),
  client_id: key.id,
  client_secret: secret,
});

const nameTaken = () =>
  new HttpProblem("name_taken", {
    errors: [{ pointer: "/name", code: "name_taken", message: "is taken" }],
  });

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { v7 as uuidv7 } from "uuid";
import { ROLES } from "../../auth/roles.ts";
import { prepareUsername, USERNAME_PROBLEMS } from "../../auth/usernames.ts";
import { HttpProblem } from "../../errors.ts";
import { USERNAME_CHARS_MAX } from "../../limits.ts";
import { createUser, listUsers, readUser, type User, updateUser } from "../../storage/users.ts";
import { hashNewPassword } from "../accounts/password-rules.ts";
import { problemOf } from "../accounts/refusals.ts";
import { etagOf, ifMatch, requiredRevision } from "../http/conditional.ts";
import { decodeCursor, encodeCursor } from "../http/cursor.ts";
import { problem } from "../http/problem.ts";
import { id, newPassword, pageOf, pageQuery, timestamp } from "../http/schemas.ts";
import { actorOf, route, routes } from "../route.ts";
import type { AppEnv } from "../services.ts";
import { accountsOf } from "./account-dependencies.ts";

const tags = ["Users"];

/** Its output is the form that is stored. */
const username = z
  .string()
  .max(2 * USERNAME_CHARS_MAX) // in UTF-16 units
  .transform((given, ctx) => {
    const prepared = prepareUsername(given);
    if (prepared.ok) return prepared.username;
    ctx.addIssue({
      code: "custom",
      message: USERNAME_PROBLEMS[prepared.problem],
      params: { code: prepared.problem },
    });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    minLength: 1,
    description: `1 to ${USERNAME_CHARS_MAX} characters, RFC 8265 (UsernameCaseMapped); letter case is kept, and ignored in comparing`,
  });
const role = z.enum(ROLES);

const user = z
  .object({
    id,
    username: z.string(),
    role,
    disabled: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .openapi("User");
const answer = (description: string) => ({ description, content: { "application/json": { schema: user } } });
const params = z.object({ id });

const changes = z
  .strictObject({ role, disabled: z.boolean(), password: newPassword })
  .partial()
  .refine((given) => Object.keys(given).length > 0, "must change something")
  .openapi("UserChanges");

export const users = routes()
  .openapi(
    route({
      method: "get",
      path: "/v1/users",
      tags,
      summary: "Users, newest first",
      request: { query: z.strictObject(pageQuery) },
      responses: {
        200: { description: "A page", content: { "application/json": { schema: pageOf(user) } } },
      },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const { rows, next } = await listUsers(c.env.db, limit, decodeCursor("users", ["uuid"], cursor));
      return c.json({ data: rows.map(toWire), next_cursor: encodeCursor("users", next) }, 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/users",
      tags,
      summary: "Create a user",
      request: {
        body: {
          required: true,
          content: {
            "application/json": {
              schema: z.strictObject({ username, password: newPassword, role }).openapi("UserInput"),
            },
          },
        },
      },
      responses: { 201: answer("Created"), 409: problem("The username is taken") },
    }),
    async (c) => {
      const given = c.req.valid("json");
      const passwordHash = await hashNew(c, given.password, given.username);
      const created = await createUser(
        c.env.db,
        { id: uuidv7(), username: given.username, role: given.role, passwordHash },
        actorOf(c),
      );
      if (!created.ok) {
        throw new HttpProblem("conflict", {
          errors: [{ pointer: "/username", code: created.reason, message: "is taken" }],
        });
      }
      c.header("ETag", etagOf(created.user.revision));
      c.header("Location", `/v1/users/${created.user.id}`);
      return c.json(toWire(created.user), 201);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/users/{id}",
      tags,
      summary: "One user",
      request: { params },
      responses: { 200: answer("The user") },
    }),
    async (c) => {
      const found = await readUser(c.env.db, c.req.valid("param").id);
      if (found === undefined) throw new HttpProblem("not_found");
      c.header("ETag", etagOf(found.revision));
      return c.json(toWire(found), 200);
    },
  )
  .openapi(
    route({
      method: "patch",
      path: "/v1/users/{id}",
      tags,
      summary: "Disable a user, change their role, or reset their password; ends their sessions",
      request: {
        params,
        headers: ifMatch,
        body: { required: true, content: { "application/json": { schema: changes } } },
      },
      responses: { 200: answer("Changed"), 409: problem("No admin would be left") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const revision = requiredRevision(c);
      const given = c.req.valid("json");
      const before = await readUser(c.env.db, id);
      if (before === undefined) throw new HttpProblem("not_found");
      const passwordHash =
        given.password === undefined ? undefined : await hashNew(c, given.password, before.username);
      const changed = await updateUser(
        c.env.db,
        id,
        revision,
        { role: given.role, disabled: given.disabled, passwordHash },
        actorOf(c),
      );
      if (changed.ok) {
        c.header("ETag", etagOf(changed.user.revision));
        return c.json(toWire(changed.user), 200);
      }
      switch (changed.reason) {
        case "not_found":
          throw new HttpProblem("not_found");
        case "stale":
          throw new HttpProblem("precondition_failed");
        case "last_admin":
          throw new HttpProblem("conflict", { detail: "This is the only admin who is not disabled" });
      }
    },
  );

/** @throws HttpProblem for a password against the rules, and while too many are being hashed */
async function hashNew(c: Context<AppEnv>, password: string, username: string): Promise<string> {
  const hashed = await hashNewPassword(accountsOf(c), password, username);
  if (!hashed.ok) throw problemOf(hashed, "/password");
  return hashed.passwordHash;
}

/** A stored user without the revision, which is the ETag. */
function toWire({ revision: _, ...user }: User) {
  return user;
}

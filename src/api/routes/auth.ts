import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { hashApiKey, parseApiKey, SCOPES } from "../../auth/api-keys.ts";
import { publicJwks } from "../../auth/keys.ts";
import { ROLES, type UserCaller } from "../../auth/roles.ts";
import { issueToken, type TokenFor } from "../../auth/tokens.ts";
import { HttpProblem, type ProblemCode } from "../../errors.ts";
import {
  API_KEY_CHARS_MAX,
  JWKS_AGE_SECONDS_MAX,
  PASSWORD_CHARS_MAX,
  USERNAME_CHARS_MAX,
} from "../../limits.ts";
import { useApiKey } from "../../storage/api-keys.ts";
import { endSession, type LiveSession, readLiveSession } from "../../storage/sessions.ts";
import { changePassword, type PasswordChange } from "../accounts/change-password.ts";
import { type Login, logIn } from "../accounts/login.ts";
import { problemOf } from "../accounts/refusals.ts";
import { problem } from "../http/problem.ts";
import { id, line, newPassword, problemSchema } from "../http/schemas.ts";
import { actorOf, route, routes } from "../route.ts";
import type { AppEnv } from "../services.ts";
import { accountsOf, originOf } from "./account-dependencies.ts";

const tags = ["Authentication"];

const grant = z.discriminatedUnion("grant_type", [
  z.object({
    grant_type: z.literal("password"),
    username: line(1, USERNAME_CHARS_MAX),
    // In UTF-16 units, of which a character has at most two.
    password: z
      .string()
      .min(1)
      .max(2 * PASSWORD_CHARS_MAX),
  }),
  z.object({
    grant_type: z.literal("client_credentials"),
    client_id: z.string().min(1).max(API_KEY_CHARS_MAX),
    client_secret: z.string().min(1).max(API_KEY_CHARS_MAX),
  }),
]);

const passwordChange = z
  .strictObject({
    current_password: z
      .string()
      .min(1)
      .max(2 * PASSWORD_CHARS_MAX),
    new_password: newPassword,
  })
  .openapi("PasswordChange");

const token = z
  .object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.int().openapi({ description: "Seconds" }),
    scope: z.string().optional(),
  })
  .openapi("Token");
const answersToken = { description: "A token", content: { "application/json": { schema: token } } };

/** A problem with the member `error` where the standard defines a code: RFC 6749, section 5.2. */
const oauthError = (description: string) => ({
  description,
  content: {
    "application/problem+json": { schema: problemSchema.extend({ error: z.string().optional() }) },
  },
});

const me = z
  .object({
    id,
    kind: z.enum(["user", "api_key"]),
    username: z.string().nullable().openapi({ description: "Of a user" }),
    role: z.enum(ROLES).nullable().openapi({ description: "Of a user" }),
    name: z.string().nullable().openapi({ description: "Of an API key" }),
    scopes: z.array(z.enum(SCOPES)).openapi({ description: "Of an API key" }),
    sources: z
      .array(z.string())
      .openapi({ description: "Of an API key: what it may write in, or `*` for every source" }),
  })
  .openapi("Me");

const jwks = z.object({
  keys: z.array(
    z.object({
      kty: z.literal("RSA"),
      n: z.string(),
      e: z.string(),
      kid: z.string(),
      alg: z.literal("RS256"),
      use: z.literal("sig"),
      exp: z
        .int()
        .optional()
        .openapi({ description: "When a previous key stops verifying, seconds since 1970" }),
    }),
  ),
});

export const auth = routes()
  .openapi(
    route({
      method: "get",
      path: "/.well-known/jwks.json",
      tags,
      summary: "The public keys that tokens are signed with, current and previous",
      responses: { 200: { description: "A JWKS", content: { "application/json": { schema: jwks } } } },
    }),
    (c) => {
      c.header("Cache-Control", `public, max-age=${JWKS_AGE_SECONDS_MAX}`);
      return c.json({ keys: publicJwks(c.env.keys, new Date()).keys.map((key) => ({ ...key })) }, 200);
    },
  )
  .openapi(
    route(
      {
        method: "post",
        path: "/v1/auth/token",
        tags,
        summary: "Log in with a password, or exchange an API key for a token",
        description: "OAuth 2.0 token endpoint (RFC 6749): a token lives 30 minutes.",
        request: {
          body: { required: true, content: { "application/x-www-form-urlencoded": { schema: grant } } },
        },
        responses: {
          200: answersToken,
          400: oauthError("The form is malformed"),
          401: oauthError("The credentials are wrong"),
        },
      },
      refuseForm,
    ),
    async (c) => {
      const given = c.req.valid("form");
      return given.grant_type === "password"
        ? c.json(await loginWithPassword(c, given.username, given.password), 200)
        : c.json(await exchangeApiKey(c, given.client_id, given.client_secret), 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/auth/refresh",
      tags,
      summary: "A new token for the same session, until the session's absolute end",
      responses: { 200: answersToken },
    }),
    async (c) => {
      const session = await readLiveSession(c.env.db, userOf(c).sessionId);
      if (session === undefined || !outlivesThisSecond(session)) throw new HttpProblem("unauthenticated");
      return c.json(await tokenFor(c, forSession(session)), 200);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/auth/logout",
      tags,
      summary: "End the session: its tokens stop working",
      responses: { 204: { description: "Ended" } },
    }),
    async (c) => {
      const { sessionId } = userOf(c);
      await endSession(c.env.db, sessionId, actorOf(c));
      c.env.sessions.delete(sessionId);
      return c.body(null, 204);
    },
  )
  .openapi(
    route({
      method: "post",
      path: "/v1/auth/password",
      tags,
      summary: "Change one's own password: ends all one's sessions, and answers a token of a new one",
      request: { body: { required: true, content: { "application/json": { schema: passwordChange } } } },
      responses: {
        200: answersToken,
        403: problem("The current password is wrong, this is no user's session, or HTTPS is required"),
        409: problem("The password was changed meanwhile"),
      },
    }),
    async (c) => {
      const caller = userOf(c);
      const { current_password, new_password } = c.req.valid("json");
      const changed = await changePassword(
        accountsOf(c),
        originOf(c),
        caller.id,
        current_password,
        new_password,
      );
      if (!changed.ok) throw refusalOf(c, changed);
      c.env.sessions.delete(caller.sessionId);
      return c.json(await tokenFor(c, forSession(changed.session)), 200);
    },
  )
  .openapi(
    route({
      method: "get",
      path: "/v1/auth/me",
      tags,
      summary: "Who am I",
      responses: { 200: { description: "The caller", content: { "application/json": { schema: me } } } },
    }),
    async (c) => {
      const { caller } = c.var;
      if (caller.kind === "key") {
        const { id, name, scopes, sources } = caller;
        const key = { name, scopes: [...scopes], sources: [...sources] };
        return c.json({ id, kind: "api_key" as const, username: null, role: null, ...key }, 200);
      }
      const session = await readLiveSession(c.env.db, userOf(c).sessionId);
      if (session === undefined) throw new HttpProblem("unauthenticated");
      const { user_id, username, role } = session;
      const noKey = { name: null, scopes: [], sources: [] };
      return c.json({ id: user_id, kind: "user" as const, username, role, ...noKey }, 200);
    },
  );

/** In the standard's own words: to an OAuth client an invalid request is a 400. */
function refuseForm(form: unknown): HttpProblem {
  const { grant_type } = form as Readonly<Record<string, unknown>>;
  const known = grant.options.flatMap(({ shape }): string[] => [shape.grant_type.value]);
  const isOther = typeof grant_type === "string" && !known.includes(grant_type);
  return oauthProblem(isOther ? "unsupported_grant_type" : "invalid_request");
}

/** @throws HttpProblem for whoever is not let in */
async function loginWithPassword(c: Context<AppEnv>, username: string, password: string) {
  const login = await logIn(accountsOf(c), originOf(c), username, password);
  if (!login.ok) throw refusalOf(c, login);
  return tokenFor(c, forSession(login.session));
}

/** The answer to whoever is not let in, or may not change their password so. */
function refusalOf(c: Context<AppEnv>, refused: Extract<Login | PasswordChange, { ok: false }>): HttpProblem {
  switch (refused.reason) {
    case "wrong_credentials":
      return oauthProblem("invalid_grant");
    case "no_such_user":
      return new HttpProblem("unauthenticated");
    case "wrong_password":
      return new HttpProblem("wrong_password");
    case "changed_meanwhile":
      return new HttpProblem("conflict");
    case "throttled":
      c.set("refusal", "login");
      return problemOf(refused, "/new_password");
    default:
      return problemOf(refused, "/new_password");
  }
}

/** @throws HttpProblem for an unknown key, or a secret that is not its own */
async function exchangeApiKey(c: Context<AppEnv>, clientId: string, clientSecret: string) {
  const secret = parseApiKey(clientSecret);
  const key =
    secret === undefined ? undefined : await useApiKey(accountsOf(c).admission, await hashApiKey(secret));
  if (key === undefined || key.id !== clientId) throw oauthProblem("invalid_client");
  const { id: keyId, name: keyName, scopes, sources } = key;
  const answer = await tokenFor(c, { kind: "key", keyId, keyName, scopes, sources });
  return { ...answer, scope: scopes.join(" ") };
}

async function tokenFor(c: Context<AppEnv>, subject: TokenFor) {
  const { token, expiresIn } = await issueToken(c.env.keys, c.env.config.token, subject, new Date());
  return { access_token: token, token_type: "Bearer" as const, expires_in: expiresIn };
}

const forSession = (session: LiveSession): TokenFor => ({
  kind: "session",
  userId: session.user_id,
  sessionId: session.id,
  role: session.role,
  sessionEnd: new Date(session.expires_at),
});

/** A token's times are whole seconds: in the session's last second a new token would already have ended. */
const outlivesThisSecond = (session: LiveSession): boolean =>
  Math.floor(Date.parse(session.expires_at) / 1_000) > Math.floor(Date.now() / 1_000);

/**
 * The route table lets only users in here.
 * @throws HttpProblem `forbidden` for anybody else
 */
function userOf(c: Context<AppEnv>): UserCaller {
  const { caller } = c.var;
  if (caller.kind !== "user") throw new HttpProblem("forbidden");
  return caller;
}

/** A problem that OAuth clients understand too: `error` is the code of RFC 6749, section 5.2. */
const oauthProblem = (code: ProblemCode) => new HttpProblem(code, { extensions: { error: code } });

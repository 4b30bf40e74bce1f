/** Who may call what, tried on every route of the table; and the documents that describe the routes. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { ACCESS, type RouteKey } from "../../src/api/access.ts";
import { createApp } from "../../src/api/app.ts";
import { route } from "../../src/api/route.ts";
import { SCOPES } from "../../src/auth/api-keys.ts";
import type { Access } from "../../src/auth/roles.ts";
import { exchange, logIn, newKey, newUser, tokenOf } from "../support/accounts.ts";
import { openApi, operations } from "../support/contract.ts";
import type { System } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const ROUTES = Object.entries(ACCESS) as [RouteKey, Access][];
const ID = "018f0000-0000-7000-8000-000000000000";

/** Whoever may call: none of them is allowed everything, and each is sure to be refused something. */
const CALLERS = {
  anonymous: async () => undefined,
  "with garbage": async () => "garbage",
  "with an unknown key": async () => `cm_live_${"A".repeat(43)}`,
  "with an expired key": async (system: System) => {
    const { id, secret } = await newKey(system, { scopes: SCOPES });
    await system.database.sql`update api_keys set expires_at = now() - interval '1 second' where id = ${id}`;
    return secret;
  },
  "with a revoked key": async (system: System) => {
    const { id, secret } = await newKey(system, { scopes: SCOPES });
    await system.call("DELETE", `/v1/api-keys/${id}`, { token: await system.login("admin") });
    return secret;
  },
  "a user": (system: System) => session(system, "user"),
  "an admin": (system: System) => session(system, "admin"),
  ...Object.fromEntries(
    SCOPES.flatMap((scope) => [
      [`a key with ${scope}`, async (system: System) => (await newKey(system, { scopes: [scope] })).secret],
      [
        `a key's token with ${scope}`,
        async (system: System) => tokenOf(exchange(system, await newKey(system, { scopes: [scope] }))),
      ],
    ]),
  ),
} as Readonly<Record<string, (system: System) => Promise<string | undefined>>>;

/** A session of its own, because one of the routes ends it. */
async function session(system: System, role: "admin" | "user"): Promise<string> {
  const { username } = await newUser(system, role);
  return tokenOf(logIn(system, username));
}

/** Written anew from what security.md says, so as not to repeat the code under test. */
function expected(access: Access, caller: string): 401 | 403 | "in" {
  if (access === "anyone") return "in";
  if (caller === "anonymous" || caller.startsWith("with ")) return 401;
  const isKey = caller.startsWith("a key");
  if (access === "authenticated") return "in";
  if (access === "session") return isKey ? 403 : "in";
  if (isKey) return access.scope !== undefined && caller.endsWith(access.scope) ? "in" : 403;
  if (access.role === undefined) return 403;
  return caller === "an admin" || access.role === "user" ? "in" : 403;
}

const system = useSystem();

describe.each(Object.entries(CALLERS))("%s", (caller, credential) => {
  let token: string | undefined;
  beforeAll(async () => {
    token = await credential(system);
  });

  // Logout last: it ends what the other calls need.
  const routes = ROUTES.toSorted(([a], [b]) => Number(a.endsWith("logout")) - Number(b.endsWith("logout")));
  test.each(routes)("%s", async (key, access) => {
    const [method = "", path = ""] = key.split(" ");
    const answer = await system.call(method, path.replace("{file}", "start.js").replaceAll(/\{\w+\}/g, ID), {
      token,
      // Never acceptable where a route takes a body: nothing is to happen but the decision who may call.
      ...(method === "POST" || method === "PATCH" ? { json: { nothing: true } } : {}),
    });
    const outcome = answer.status === 401 || answer.status === 403 ? answer.status : "in";
    expect(outcome).toBe(expected(access, caller));
    expect(answer.status).toBeLessThan(500);
    if (outcome === 401) {
      expect(answer.json).toMatchObject({ code: "unauthenticated" });
      expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
    }
  });
});

describe("a refused credential", () => {
  let admin: string;
  beforeAll(async () => {
    admin = await session(system, "admin");
  });

  test.each<[string, (token: string) => Record<string, string>]>([
    ["another scheme", (token) => ({ Authorization: `Basic ${token}` })],
    ["no scheme", (token) => ({ Authorization: token })],
    ["two tokens", (token) => ({ Authorization: `Bearer ${token}, Bearer ${token}` })],
    ["words after it", (token) => ({ Authorization: `Bearer ${token} x` })],
    ["a cookie", (token) => ({ Cookie: `token=${token}` })],
    ["another header", (token) => ({ "X-Api-Key": token })],
    ["a truncated signature", (token) => ({ Authorization: `Bearer ${token.slice(0, -1)}` })],
  ])("answers one uniform 401: %s", async (_, headersOf) => {
    const answer = await system.call("GET", "/v1/campaigns", { headers: headersOf(admin) });
    const { request_id: _id, ...document } = answer.json;
    expect(document).toEqual({
      type: "urn:campaign-manager:problem:unauthenticated",
      title: "Valid credentials are required",
      status: 401,
      code: "unauthenticated",
    });
  });

  test("comes before anything is said about the body or the thing asked for", async () => {
    const answer = await system.call("PATCH", "/v1/campaigns/no-uuid", { body: "{", headers: {} });
    expect(answer.status).toBe(401);
  });

  test("may name its scheme in any letter case", async () => {
    const answer = await system.call("GET", "/v1/campaigns", {
      headers: { Authorization: `bEARER ${admin}` },
    });
    expect(answer.status).toBe(200);
  });
});

describe("the table", () => {
  test("has an entry for every route of the Worker, and every entry a route", () => {
    const routed = createApp()
      .routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect([...new Set(routed)].sort()).toEqual(Object.keys(ACCESS).sort());
  });

  test("keeps the Worker from starting with a route that it lacks", () => {
    expect(() => route({ method: "get", path: "/v1/unlisted", responses: {} })).toThrow("GET /v1/unlisted");
  });

  test("names the very routes of the OpenAPI document", () => {
    expect([...operations].sort()).toEqual(Object.keys(ACCESS).sort());
  });

  test("agrees with the document on which routes ask for credentials", () => {
    const open = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => (operation as { security?: unknown[] }).security?.length === 0)
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(open.sort()).toEqual(
      ROUTES.filter(([, access]) => access === "anyone")
        .map(([key]) => key)
        .sort(),
    );
  });
});

describe("/openapi.json", () => {
  test("is a valid OpenAPI 3.1 document", async () => {
    const result = await new Validator().validate(structuredClone(openApi) as never);
    expect(result).toMatchObject({ valid: true });
    expect((openApi as unknown as { openapi: string }).openapi).toBe("3.1.0");
  });

  test("answers the committed document, and 304 to who has it", async () => {
    const answer = await system.call("GET", "/openapi.json");
    expect(answer.json).toEqual(openApi);
    const again = await system.call("GET", "/openapi.json", {
      headers: { "If-None-Match": answer.headers.get("ETag") ?? "" },
    });
    expect([again.status, again.text]).toEqual([304, ""]);
  });

  test("documents the 401 and 403 of every route that asks for credentials, and what a body may be refused for", () => {
    for (const [path, methods] of Object.entries(openApi.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const statuses = Object.keys(operation.responses);
        const access = ACCESS[`${method.toUpperCase()} ${path}` as RouteKey];
        if (access !== "anyone") expect(statuses).toEqual(expect.arrayContaining(["401", "403"]));
        if ("requestBody" in operation) {
          expect(statuses).toEqual(expect.arrayContaining(["400", "413", "415", "422"]));
        }
      }
    }
  });
});

describe("/docs", () => {
  const OWN = /^\/(?!\/)/;

  test("is a page whose every reference is on this origin, and every file is there", async () => {
    const page = await system.call("GET", "/docs");
    expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
    const references = [...page.text.matchAll(/(?:src|href|action)\s*=\s*"([^"]*)"/g)].map(
      (match) => match[1],
    );
    expect(references.length).toBeGreaterThanOrEqual(3);
    for (const reference of references) {
      expect(reference).toMatch(OWN);
      const file = await system.call("GET", reference ?? "");
      expect(file.status).toBe(200);
      expect(file.text.length).toBeGreaterThan(50);
      expect(file.headers.get("Content-Type")).toMatch(
        reference?.endsWith(".css") ? /^text\/css/ : /^text\/javascript/,
      );
    }
    // No script or style written into the page itself: the policy would not run it.
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=/i);
  });

  test("has a style sheet that fetches nothing, and starts from our own document", async () => {
    const css = await system.call("GET", "/docs/swagger-ui.css");
    const urls = [...css.text.matchAll(/url\(\s*["']?([^"')]{0,40})/g)].map((match) => match[1]);
    for (const url of urls) expect(url).toMatch(/^data:/);
    expect(css.text).not.toContain("@import");
    const start = await system.call("GET", "/docs/start.js");
    expect(start.text).toContain('"/openapi.json"');
    expect(start.text).not.toMatch(/https?:/);
  });

  test("forbids the browser anything but this origin", async () => {
    const page = await system.call("GET", "/docs");
    const policy = Object.fromEntries(
      (page.headers.get("Content-Security-Policy") ?? "").split(";").map((directive) => {
        const [name = "", ...sources] = directive.trim().split(" ");
        return [name, sources];
      }),
    );
    expect(policy["default-src"]).toEqual(["'none'"]);
    expect(policy["script-src"]).toEqual(["'self'"]);
    expect(policy["connect-src"]).toEqual(["'self'"]);
    for (const sources of Object.values(policy)) {
      for (const source of sources)
        expect(["'none'", "'self'", "'unsafe-inline'", "data:"]).toContain(source);
    }
  });

  test.each([
    "index.html",
    "swagger-initializer.js",
    "package.json",
    "constructor",
    "__proto__",
    "..%2fpackage.json",
  ])("serves nothing else: %s", async (file) => {
    expect((await system.call("GET", `/docs/${file}`)).status).toBe(404);
  });
});

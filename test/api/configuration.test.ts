/** Workers that are set up wrong: they answer and decide nothing, and the log names every fault at once. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeBindings } from "../../src/config.ts";
import { runScript } from "../support/command.ts";
import { eventually, type System, startSystem } from "../support/system.ts";

const problemsLogged = (system: System): string[][] =>
  system.harness
    .getLogs()
    .map(({ message }) => message)
    .filter((message) => message.includes('"misconfigured"'))
    .map((message) => JSON.parse(message).problems);

describe("an API Worker set up wrong", () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      vars: {
        JWT_ISSUER: "no canary address",
        JWT_AUDIENCE: "",
        PASSWORD_HASH: "md5-canary",
        BCRYPT_ROUNDS: "99",
        ALLOW_HTTP: "canary",
        CORS_ORIGINS: "https://console.example.com/canary",
        NEON_FETCH_ENDPOINT: "https://canary.example.com/sql",
        JWT_PREVIOUS_KEYS: '{"keys": [{"kty": "RSA", "d": "canary"}]}',
      },
      secrets: { DATABASE_URL: "postgres://canary", JWT_SIGNING_KEY: "canary" },
    });
  });
  afterAll(() => system?.close());

  test.each([
    ["GET", "/health"],
    ["GET", "/.well-known/jwks.json"],
    ["GET", "/openapi.json"],
    ["POST", "/v1/events"],
    ["GET", "/nowhere"],
  ])("answers %s %s with 500 and no reason", async (method, path) => {
    const response = await system.harness.getWorker("campaign-manager-api").fetch(path, { method });
    expect(response.status).toBe(500);
    const problem = await response.json();
    expect(problem).toEqual({
      type: "urn:campaign-manager:problem:internal",
      title: expect.any(String),
      status: 500,
      code: "internal",
      request_id: expect.any(String),
    });
  });

  test("names every fault in the log, by binding, and no value", () => {
    const [problems = []] = problemsLogged(system);
    expect(problems).toEqual([
      "DATABASE_URL names no user and no database",
      "NEON_FETCH_ENDPOINT is not a loopback http:// URL",
      'PASSWORD_HASH is neither "argon2id" nor "bcrypt"',
      "BCRYPT_ROUNDS is above 14",
      "JWT_ISSUER is not a URL",
      "JWT_AUDIENCE is missing",
      'ALLOW_HTTP is not "loopback"',
      "CORS_ORIGINS is not a comma-separated list of origins such as https://console.example.com",
      "JWT_SIGNING_KEY is not PEM text",
      "JWT_PREVIOUS_KEYS keys[0] holds a private member: only public keys belong here",
    ]);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });

  test("does nothing by cron", async () => {
    await system.harness.getWorker("campaign-manager-api").scheduled({ cron: "*/10 * * * *" });
    expect(await system.database.sql`select 1 from audit_checkpoints`).toEqual([]);
  });
});

describe("a consumer Worker set up wrong", () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      consumerVars: { NEON_FETCH_ENDPOINT: "https://canary.example.com", RETENTION_EVENTS_DAYS: "0" },
    });
  });
  afterAll(() => system?.close());

  test("takes no message, and names every fault in the log", async () => {
    await system.enqueue({ anything: true });
    const problems = await eventually(async () => problemsLogged(system)[0]);
    expect(problems).toEqual([
      "NEON_FETCH_ENDPOINT is not a loopback http:// URL",
      expect.stringMatching(/^RETENTION_EVENTS_DAYS is /),
    ]);
    expect(await system.database.sql`select 1 from dead_letters`).toEqual([]);
  });
});

describe("the table of bindings in docs/deploy.md", () => {
  test("is the one that the schemas make", async () => {
    expect(await runScript("dev/generate/config-table.ts", ["--check"])).toMatchObject({ ok: true });
  });

  test("says of every binding what it is for, and marks as secret what is", () => {
    const bindings = describeBindings();
    expect(bindings.filter(({ description }) => description.length < 10)).toEqual([]);
    expect(bindings.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      "DATABASE_URL",
      "JWT_SIGNING_KEY",
    ]);
    expect(bindings.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      "DATABASE_URL",
      "JWT_SIGNING_KEY",
      "JWT_ISSUER",
      "JWT_AUDIENCE",
    ]);
  });
});

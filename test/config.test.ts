import { describe, expect, test } from "vitest";
import { isLoopback, parseApiConfig, parseConsumerConfig } from "../src/config.ts";
import { DATABASE_TIMEOUT_MS } from "../src/limits.ts";

const DATABASE_URL = "postgresql://owner:canary@ep-cool.eu-central-1.aws.neon.tech/neondb?sslmode=require";
const GOOD = {
  DATABASE_URL,
  JWT_SIGNING_KEY: "-----BEGIN PRIVATE KEY-----",
  JWT_ISSUER: "https://campaign-manager.example",
  JWT_AUDIENCE: "campaign-manager",
};

describe("the API's environment", () => {
  test("has defaults for all that is optional; empty counts as absent", () => {
    const empty = {
      JWT_PREVIOUS_KEYS: "",
      NEON_FETCH_ENDPOINT: "",
      ALLOW_HTTP: "",
      CORS_ORIGINS: "",
      PASSWORD_HASH: "",
      BCRYPT_ROUNDS: "",
    };
    for (const env of [GOOD, { ...GOOD, ...empty }]) {
      expect(parseApiConfig(env)).toEqual({
        ok: true,
        config: {
          database: { url: DATABASE_URL, timeoutMs: DATABASE_TIMEOUT_MS },
          signingKey: GOOD.JWT_SIGNING_KEY,
          previousKeys: undefined,
          token: { issuer: GOOD.JWT_ISSUER, audience: GOOD.JWT_AUDIENCE },
          passwords: { algorithm: "argon2id" },
          passwordWords: [],
          allowLoopbackHttp: false,
          corsOrigins: [],
        },
      });
    }
  });

  test("takes what is set", () => {
    expect(
      parseApiConfig({
        ...GOOD,
        JWT_PREVIOUS_KEYS: '{"keys":[]}',
        NEON_FETCH_ENDPOINT: "http://127.0.0.1:4444/sql",
        ALLOW_HTTP: "loopback",
        CORS_ORIGINS: " https://console.example.com,http://localhost:5173 ,",
        PASSWORD_HASH: "bcrypt",
        BCRYPT_ROUNDS: "11",
        PASSWORD_WORDS: "Acme, rocket ,",
        UNKNOWN: "kept out",
      }),
    ).toMatchObject({
      ok: true,
      config: {
        database: { fetchEndpoint: "http://127.0.0.1:4444/sql" },
        previousKeys: '{"keys":[]}',
        passwords: { algorithm: "bcrypt", rounds: 11 },
        passwordWords: ["Acme", "rocket"],
        allowLoopbackHttp: true,
        corsOrigins: ["https://console.example.com", "http://localhost:5173"],
      },
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["no database", { DATABASE_URL: undefined }, "DATABASE_URL is missing"],
    ["an empty database", { DATABASE_URL: "" }, "DATABASE_URL is missing"],
    [
      "another database",
      { DATABASE_URL: "mysql://canary@x/y" },
      "DATABASE_URL is not a Postgres connection string",
    ],
    ["text for a database", { DATABASE_URL: "canary" }, "DATABASE_URL is not a Postgres connection string"],
    ...(
      [
        ["postgres://canary", "no user and no database"],
        ["postgres://canary@db.example.com", "no database"],
        ["postgres://canary@db.example.com/", "no database"],
        ["postgresql://db.example.com/canary", "no user"],
        ["postgres://:canary@db.example.com/x", "no user"],
        ["postgres:///canary", "no user and no host"],
        ["postgres://", "no user and no host and no database"],
        // Postgres's own clients know these; the driver for Neon does not.
        ["postgres:///x?host=canary&user=canary", "no user and no host"],
      ] as const
    ).map(([DATABASE_URL, missing]): [string, Record<string, unknown>, string] => [
      `a database such as ${DATABASE_URL}`,
      { DATABASE_URL },
      `DATABASE_URL names ${missing}`,
    ]),
    ["no signing key", { JWT_SIGNING_KEY: undefined }, "JWT_SIGNING_KEY is missing"],
    ["no issuer", { JWT_ISSUER: undefined }, "JWT_ISSUER is missing"],
    ["an issuer that is no URL", { JWT_ISSUER: "canary" }, "JWT_ISSUER is not a URL"],
    ["no audience", { JWT_AUDIENCE: "" }, "JWT_AUDIENCE is missing"],
    [
      "an endpoint elsewhere",
      { NEON_FETCH_ENDPOINT: "http://canary.example/sql" },
      "NEON_FETCH_ENDPOINT is not a loopback http:// URL",
    ],
    ["HTTP everywhere", { ALLOW_HTTP: "true" }, 'ALLOW_HTTP is not "loopback"'],
    ["another hash", { PASSWORD_HASH: "md5" }, 'PASSWORD_HASH is neither "argon2id" nor "bcrypt"'],
    ["too few rounds", { BCRYPT_ROUNDS: "9" }, "BCRYPT_ROUNDS is below 10"],
    ["too many rounds", { BCRYPT_ROUNDS: "15" }, "BCRYPT_ROUNDS is above 14"],
    ["half a round", { BCRYPT_ROUNDS: "10.5" }, "BCRYPT_ROUNDS is not a whole number"],
    ["rounds in words", { BCRYPT_ROUNDS: "canary" }, "BCRYPT_ROUNDS is not a number"],
    ...[
      "*",
      "null",
      "console.example.com",
      "https://console.example.com/",
      "https://a.example;https://b.example",
    ].map((origins): [string, Record<string, unknown>, string] => [
      `origins ${origins}`,
      { CORS_ORIGINS: origins },
      "CORS_ORIGINS is not a comma-separated list of origins such as https://console.example.com",
    ]),
  ])("is refused with %s", (_, env, problem) => {
    const parsed = parseApiConfig({ ...GOOD, ...env });
    expect(parsed).toEqual({ ok: false, problems: [problem] });
  });

  test("names every problem at once, by binding, and says no value", () => {
    const parsed = parseApiConfig({
      DATABASE_URL: "http://canary",
      JWT_ISSUER: "canary",
      BCRYPT_ROUNDS: "canary",
    });
    if (parsed.ok) throw new Error("it is not");
    expect(parsed.problems.map((problem) => problem.split(" ")[0]).sort()).toEqual([
      "BCRYPT_ROUNDS",
      "DATABASE_URL",
      "JWT_AUDIENCE",
      "JWT_ISSUER",
      "JWT_SIGNING_KEY",
    ]);
    expect(JSON.stringify(parsed)).not.toContain("canary");
  });
});

describe("the consumer's environment", () => {
  test("is a database, and no key that it could hold", () => {
    const parsed = parseConsumerConfig({ ...GOOD, JWT_SIGNING_KEY: "canary-key" });
    expect(parsed).toMatchObject({
      ok: true,
      config: { database: { url: DATABASE_URL, timeoutMs: DATABASE_TIMEOUT_MS } },
    });
    expect(JSON.stringify(parsed)).not.toContain("canary-key");
    expect(parseConsumerConfig({})).toEqual({ ok: false, problems: ["DATABASE_URL is missing"] });
  });
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.255.0.9", true],
  ["[::1]", true],
  ["localhost.example.com", false],
  ["127.0.0.1.example.com", false],
  ["128.0.0.1", false],
  ["0.0.0.0", false],
  ["[::2]", false],
  ["", false],
])("%s is loopback: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

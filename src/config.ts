/** The environment, checked once when a Worker starts: every problem at once, by binding name, never by value. */
import * as z from "zod";
import type { PasswordScheme } from "./auth/passwords.ts";
import { BCRYPT_ROUNDS_MAX, BCRYPT_ROUNDS_MIN, DATABASE_TIMEOUT_MS } from "./limits.ts";

export interface DatabaseSettings {
  readonly url: string;
  readonly fetchEndpoint?: string;
  readonly timeoutMs: number;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);

const url = (protocols: readonly string[]) => (value: string) =>
  URL.canParse(value) && protocols.includes(new URL(value).protocol);

const databaseShape = {
  DATABASE_URL: z
    .string("is missing")
    .refine(url(["postgres:", "postgresql:"]), "is not a postgres:// connection string"),
  /** Local development only. */
  NEON_FETCH_ENDPOINT: z
    .string()
    .refine(
      (value) => url(["http:"])(value) && isLoopback(new URL(value).hostname),
      "is not a loopback http:// URL",
    )
    .optional(),
};

const consumerSchema = z.object(databaseShape);

const list = z.string().transform((value) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean),
);

/** How new passwords are hashed. */
const passwordShape = {
  PASSWORD_HASH: z.enum(["argon2id", "bcrypt"], 'is neither "argon2id" nor "bcrypt"').default("argon2id"),
  BCRYPT_ROUNDS: z.coerce
    .number("is not a number")
    .int("is not a whole number")
    .min(BCRYPT_ROUNDS_MIN, `is below ${BCRYPT_ROUNDS_MIN}`)
    .max(BCRYPT_ROUNDS_MAX, `is above ${BCRYPT_ROUNDS_MAX}`)
    .default(12),
};

const apiSchema = z.object({
  ...databaseShape,
  ...passwordShape,
  /** PKCS#8 PEM of an RSA key; checked further by auth/keys.ts. */
  JWT_SIGNING_KEY: z.string("is missing"),
  /** JWKS of public keys that still verify during a rotation. */
  JWT_PREVIOUS_KEYS: z.string().optional(),
  JWT_ISSUER: z.string("is missing").refine(url(["https:", "http:"]), "is not a URL"),
  JWT_AUDIENCE: z.string("is missing"),
  /** Only `npm run dev` sets it: plain HTTP is then answered on loopback addresses. */
  ALLOW_HTTP: z.literal("loopback", 'is not "loopback"').optional(),
  /** Comma-separated origins that browsers may call from. None by default. */
  CORS_ORIGINS: list
    .refine(
      (origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
      {
        message: "is not a comma-separated list of origins such as https://console.example.com",
      },
    )
    .default([]),
});

export interface ConsumerConfig {
  readonly database: DatabaseSettings;
}

export interface ApiConfig extends ConsumerConfig {
  readonly signingKey: string;
  readonly previousKeys: string | undefined;
  readonly token: { readonly issuer: string; readonly audience: string };
  readonly passwords: PasswordScheme;
  readonly allowLoopbackHttp: boolean;
  readonly corsOrigins: readonly string[];
}

/** `problems` read `BINDING what is wrong with it`. */
export type Parsed<Config> =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

export function parseConsumerConfig(env: object): Parsed<ConsumerConfig> {
  return parse(consumerSchema, env, (checked) => ({ database: databaseSettings(checked) }));
}

export function parseApiConfig(env: object): Parsed<ApiConfig> {
  return parse(apiSchema, env, (checked) => ({
    database: databaseSettings(checked),
    signingKey: checked.JWT_SIGNING_KEY,
    previousKeys: checked.JWT_PREVIOUS_KEYS,
    token: { issuer: checked.JWT_ISSUER, audience: checked.JWT_AUDIENCE },
    passwords:
      checked.PASSWORD_HASH === "bcrypt"
        ? { algorithm: "bcrypt", rounds: checked.BCRYPT_ROUNDS }
        : { algorithm: "argon2id" },
    allowLoopbackHttp: checked.ALLOW_HTTP === "loopback",
    corsOrigins: checked.CORS_ORIGINS,
  }));
}

/** An empty binding counts as an absent one. */
function parse<Schema extends z.ZodType, Config>(
  schema: Schema,
  env: object,
  toConfig: (checked: z.output<Schema>) => Config,
): Parsed<Config> {
  const result = schema.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")),
  );
  if (result.success) return { ok: true, config: toConfig(result.data) };
  return {
    ok: false,
    problems: result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`),
  };
}

function databaseSettings(checked: z.output<typeof consumerSchema>): DatabaseSettings {
  return {
    url: checked.DATABASE_URL,
    timeoutMs: DATABASE_TIMEOUT_MS,
    ...(checked.NEON_FETCH_ENDPOINT === undefined ? {} : { fetchEndpoint: checked.NEON_FETCH_ENDPOINT }),
  };
}

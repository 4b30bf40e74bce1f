/**
 * The environment, checked once when a Worker starts. All problems are reported together, with the binding's name and
 * never its value. The descriptions in `meta` are what `npm run config` writes into the documentation.
 */
import * as z from "zod";
import type { PasswordScheme } from "./auth/passwords.ts";
import {
  BCRYPT_ROUNDS_DEFAULT,
  BCRYPT_ROUNDS_MAX,
  BCRYPT_ROUNDS_MIN,
  DATABASE_TIMEOUT_MS,
  RETENTION_DAYS_MAX,
  RSA_BITS_MIN,
} from "./limits.ts";

export interface DatabaseSettings {
  readonly url: string;
  readonly fetchEndpoint?: string;
  readonly timeoutMs: number;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);

const url = (protocols: readonly string[]) => (value: string) =>
  URL.canParse(value) && protocols.includes(new URL(value).protocol);

/**
 * What is wrong with a connection string, without its value; undefined when it names a user, a host and a database:
 * the driver takes what names less for a mistake too, but only when the first query comes.
 * @param options.fromQuery whether `?user=` and `?host=` count, as they do for Postgres's own clients
 */
export function databaseUrlProblem(value: string, { fromQuery = false } = {}): string | undefined {
  if (!url(["postgres:", "postgresql:"])(value)) return "is not a Postgres connection string";
  const { username, hostname, pathname, searchParams } = new URL(value);
  const parts = {
    user: username || (fromQuery && searchParams.get("user")),
    host: hostname || (fromQuery && searchParams.get("host")),
    database: pathname.slice(1),
  };
  const missing = Object.entries(parts).flatMap(([name, part]) => (part ? [] : [`no ${name}`]));
  return missing.length === 0 ? undefined : `names ${missing.join(" and ")}`;
}

const databaseShape = () => ({
  DATABASE_URL: z
    .string("is missing")
    .superRefine((value, { addIssue }) => {
      const message = databaseUrlProblem(value);
      if (message !== undefined) addIssue({ code: "custom", message });
    })
    .meta({
      secret: true,
      description:
        "The Neon database, `postgres://user:password@host/name`, as the Worker's own user (docs/security/database-roles.md)",
    }),
  NEON_FETCH_ENDPOINT: z
    .string()
    .refine(
      (value) => url(["http:"])(value) && isLoopback(new URL(value).hostname),
      "is not a loopback http:// URL",
    )
    .optional()
    .meta({ description: "Local development only: where SQL is posted instead of to Neon" }),
});

/** A number of days; null for "forever". */
const days = (byDefault: number, description: string) =>
  z
    .string()
    .refine(
      (value) => value === "forever" || (/^[1-9]\d{0,5}$/.test(value) && Number(value) <= RETENTION_DAYS_MAX),
      `is neither a whole number of days from 1 to ${RETENTION_DAYS_MAX} nor "forever"`,
    )
    .transform((value) => (value === "forever" ? null : Number(value)))
    .default(byDefault)
    .meta({ description });

const consumerSchema = () =>
  z.object({
    ...databaseShape(),
    RETENTION_EVENTS_DAYS: days(
      90,
      'Days from the receipt of an event until it is deleted with its matches and conflicts, or "forever"',
    ),
    RETENTION_DEAD_LETTERS_DAYS: days(90, 'Days until what could not be processed is deleted, or "forever"'),
    RETENTION_SESSIONS_DAYS: days(
      30,
      'Days from the absolute end of a session until it is deleted, or "forever"',
    ),
  });

const list = () =>
  z.string().transform((value) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  );

/** How new passwords are hashed. */
const passwordShape = () => ({
  PASSWORD_HASH: z
    .enum(["argon2id", "bcrypt"], 'is neither "argon2id" nor "bcrypt"')
    .default("argon2id")
    .meta({
      description:
        "How new passwords are hashed, `argon2id` or `bcrypt`; both verify, and a login brings the stored hash over",
    }),
  BCRYPT_ROUNDS: z.coerce
    .number("is not a number")
    .int("is not a whole number")
    .min(BCRYPT_ROUNDS_MIN, `is below ${BCRYPT_ROUNDS_MIN}`)
    .max(BCRYPT_ROUNDS_MAX, `is above ${BCRYPT_ROUNDS_MAX}`)
    .default(BCRYPT_ROUNDS_DEFAULT)
    .meta({
      description: `With \`PASSWORD_HASH=bcrypt\`: the logarithm of the iterations, ${BCRYPT_ROUNDS_MIN} to ${BCRYPT_ROUNDS_MAX}`,
    }),
});

/** Words that a new password must be more than. */
const wordsShape = () => ({
  PASSWORD_WORDS: list().default([]).meta({
    description:
      "Comma-separated words of your own, such as the company's name, that a new password must be more than; the username and the product's name always count",
  }),
});

const apiSchema = () =>
  z.object({
    ...databaseShape(),
    ...passwordShape(),
    ...wordsShape(),
    /** The keys themselves are checked by auth/keys.ts. */
    JWT_SIGNING_KEY: z.string("is missing").meta({
      secret: true,
      description: `The RSA key that signs tokens, PKCS#8 PEM, ${RSA_BITS_MIN} bits or more (\`npm run keys:rotate\` makes one)`,
    }),
    JWT_PREVIOUS_KEYS: z.string().optional().meta({
      description: "During a rotation: a JWKS of public keys that verify too, each until its `exp`",
    }),
    JWT_ISSUER: z
      .string("is missing")
      .refine(url(["https:", "http:"]), "is not a URL")
      .meta({ description: "`iss` of every token: the API's own URL" }),
    JWT_AUDIENCE: z.string("is missing").meta({ description: "`aud` of every token" }),
    ALLOW_HTTP: z.literal("loopback", 'is not "loopback"').optional().meta({
      description: "Local development only: `loopback` answers plain HTTP on this machine's own addresses",
    }),
    CORS_ORIGINS: list()
      .refine(
        (origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
        {
          message: "is not a comma-separated list of origins such as https://console.example.com",
        },
      )
      .default([])
      .meta({ description: "Comma-separated origins that browsers may call from, none unless set" }),
  });

/** How many days each kind of data is kept; null is forever. */
export interface RetentionDays {
  readonly events: number | null;
  readonly deadLetters: number | null;
  readonly sessions: number | null;
}

export interface ConsumerConfig {
  readonly database: DatabaseSettings;
  readonly retention: RetentionDays;
}

export interface ApiConfig {
  readonly database: DatabaseSettings;
  readonly signingKey: string;
  readonly previousKeys: string | undefined;
  readonly token: { readonly issuer: string; readonly audience: string };
  readonly passwords: PasswordScheme;
  readonly passwordWords: readonly string[];
  readonly allowLoopbackHttp: boolean;
  readonly corsOrigins: readonly string[];
}

/** Each of `problems` is the binding's name followed by what is wrong with it. */
export type Parsed<Config> =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

export function parseConsumerConfig(env: object): Parsed<ConsumerConfig> {
  return parse(consumerSchema(), env, (checked) => ({
    database: databaseSettings(checked),
    retention: {
      events: checked.RETENTION_EVENTS_DAYS,
      deadLetters: checked.RETENTION_DEAD_LETTERS_DAYS,
      sessions: checked.RETENTION_SESSIONS_DAYS,
    },
  }));
}

export function parseApiConfig(env: object): Parsed<ApiConfig> {
  return parse(apiSchema(), env, (checked) => ({
    database: databaseSettings(checked),
    signingKey: checked.JWT_SIGNING_KEY,
    previousKeys: checked.JWT_PREVIOUS_KEYS,
    token: { issuer: checked.JWT_ISSUER, audience: checked.JWT_AUDIENCE },
    passwords:
      checked.PASSWORD_HASH === "bcrypt"
        ? { algorithm: "bcrypt", rounds: checked.BCRYPT_ROUNDS }
        : { algorithm: "argon2id" },
    passwordWords: checked.PASSWORD_WORDS,
    allowLoopbackHttp: checked.ALLOW_HTTP === "loopback",
    corsOrigins: checked.CORS_ORIGINS,
  }));
}

/** What an operator needs to know to set a binding. */
export interface BindingDescription {
  readonly name: string;
  readonly workers: readonly ("api" | "consumer")[];
  readonly required: boolean;
  /** To be set with `wrangler secret put`, never in a file. */
  readonly secret: boolean;
  readonly default: string | undefined;
  readonly description: string;
}

/** Every binding of both Workers that holds a value, in the order of the schemas. */
export function describeBindings(): readonly BindingDescription[] {
  const shapes = { api: apiSchema().shape, consumer: consumerSchema().shape };
  const schemas: Readonly<Record<string, z.ZodType>> = { ...shapes.api, ...shapes.consumer };
  return Object.entries(schemas).map(([name, schema]) => {
    const { secret = false, description = "" } = schema.meta() ?? {};
    const defaultValue: unknown = schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
    return {
      name,
      workers: (["api", "consumer"] as const).filter((worker) => name in shapes[worker]),
      required: !(schema instanceof z.ZodDefault || schema instanceof z.ZodOptional),
      secret: secret === true,
      default: defaultValue === undefined || String(defaultValue) === "" ? undefined : String(defaultValue),
      description,
    };
  });
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

function databaseSettings(
  checked: z.output<z.ZodObject<ReturnType<typeof databaseShape>>>,
): DatabaseSettings {
  return {
    url: checked.DATABASE_URL,
    timeoutMs: DATABASE_TIMEOUT_MS,
    ...(checked.NEON_FETCH_ENDPOINT === undefined ? {} : { fetchEndpoint: checked.NEON_FETCH_ENDPOINT }),
  };
}

import { chance, integer, pick, type Random, randomFor, weighted } from "../random.ts";
import * as hostile from "./hostile.ts";
import { mutated } from "./mutate.ts";
import { type Schema, type ValueSource, validValue } from "./values.ts";

/** Requests to every operation of an OpenAPI document, good and bad. Pure: a seed and a number make one request. */

export const CALLERS = [
  "nobody",
  "admin",
  "user",
  "writing key",
  "metrics key",
  "revoked key",
  "key's secret",
  "ended session",
  "garbage",
] as const;
export type Caller = (typeof CALLERS)[number];

export interface FuzzRequest {
  readonly number: number;
  /** The operation that it was made from, `METHOD /path`. */
  readonly operation: string;
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Values that exist in the system, by `METHOD /path name` or by `name` alone. */
export type Existing = Readonly<Record<string, readonly unknown[]>>;

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Asked for less often: each hashes a password, or answers a megabyte. */
const COSTLY = /auth\/token|(POST|PATCH) \/v1\/users|GET \/docs\/|GET \/openapi.json/;
const COSTLY_WEIGHT = 0.15;
/** Rarer still: it ends the caller's session, and until a new login every request of that caller is only a 401. */
const LOGOUT = "POST /v1/auth/logout";
const LOGOUT_WEIGHT = 0.1;

/** The maker of the requests of one seed. */
export function fuzzRequests(
  document: OpenApi,
  seed: number,
  existing: Existing,
): (number: number) => FuzzRequest {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation as Operation] as const,
    ),
  );
  const weights = operations.map((entry) => [weightOf(entry[0]), entry] as const);
  return (number) => {
    const random = randomFor(seed, `request ${number}`);
    const [key, operation] = weighted(random, weights);
    const from: ValueSource = {
      resolve: (reference) => document.components.schemas[reference.split("/").at(-1) ?? ""] ?? {},
      known: (name) => existing[`${key} ${name}`] ?? existing[name] ?? [],
    };
    return { number, operation: key, caller: callerOf(random), ...requestOf(random, key, operation, from) };
  };
}

function weightOf(key: string): number {
  if (key === LOGOUT) return LOGOUT_WEIGHT;
  return COSTLY.test(key) ? COSTLY_WEIGHT : 1;
}

/** Mostly admins: requests that are refused for the caller test little else. */
function callerOf(random: Random): Caller {
  return chance(random, 0.55) ? "admin" : chance(random, 0.35) ? "user" : pick(random, CALLERS);
}

function requestOf(random: Random, key: string, operation: Operation, from: ValueSource) {
  const [documented = "", template = ""] = key.split(" ");
  const method = chance(random, 0.05) ? pick(random, hostile.METHODS) : documented;
  const parameters = operation.parameters ?? [];
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    segment(random, parameters.find((parameter) => parameter.name === name)?.schema ?? {}, name, from),
  );
  const suffix = chance(random, 0.02) ? pick(random, ["/", "/x", "//", ".json", "/../users", "/%2e"]) : "";
  const headers: Record<string, string> = {
    "CF-Connecting-IP": `203.0.113.${integer(random, 1, 254)}`,
    ...(parameters.some(({ name }) => name === "if-match") && chance(random, 0.85)
      ? { "If-Match": pick(random, hostile.IF_MATCH) }
      : {}),
  };
  const body = method === "GET" || method === "HEAD" ? {} : bodyOf(random, operation, from);
  if (body.type !== undefined) headers["Content-Type"] = body.type;
  if (chance(random, 0.12)) {
    const [name, value] = pick(random, hostile.HEADERS);
    headers[name] = value;
  }
  return {
    method,
    path: `${path}${suffix}${queryOf(random, parameters, from)}`,
    headers,
    ...(body.body === undefined ? {} : { body: body.body }),
  };
}

function segment(random: Random, schema: Schema, name: string, from: ValueSource): string {
  return weighted<() => string>(random, [
    [16, () => encoded(validValue(random, schema, from, name))],
    [3, () => encoded(pick(random, hostile.STRINGS)).slice(0, 4_000)],
    [1, () => pick(random, hostile.RAW_SEGMENTS)],
  ])();
}

function queryOf(random: Random, parameters: readonly Parameter[], from: ValueSource): string {
  const given = parameters
    .filter((parameter) => parameter.in === "query" && chance(random, 0.3))
    .map(({ name, schema }): readonly [string, unknown] => [
      name,
      chance(random, 0.75) ? validValue(random, schema, from, name) : pick(random, hostile.STRINGS),
    ]);
  const [first] = given;
  if (first !== undefined && chance(random, 0.05)) given.push(first);
  if (chance(random, 0.03))
    given.push([pick(random, ["sort", "filter", "access_token", "x", "limit[]"]), "1"]);
  if (given.length === 0) return "";
  return `?${given.map(([name, value]) => `${name}=${encoded(value).slice(0, 6_000)}`).join("&")}`;
}

interface Body {
  readonly type?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

function bodyOf(random: Random, { requestBody }: Operation, from: ValueSource): Body {
  const contents = Object.entries(requestBody?.content ?? {});
  if (contents.length === 0) {
    return chance(random, 0.05) ? { type: "application/json", body: brokenBody(random) } : {};
  }
  const [type, { schema }] = pick(random, contents);
  const valid = () => validValue(random, schema, from);
  return weighted<() => Body>(random, [
    [50, () => ({ type, body: written(type, valid()) })],
    [32, () => ({ type, body: written(type, mutated(random, valid())) })],
    [8, () => ({ type, body: brokenBody(random) })],
    [6, () => ({ type: pick(random, hostile.CONTENT_TYPES), body: written(type, valid()) })],
    [2, () => ({ type, body: written(type, valid()).slice(0, -1) })],
    [2, () => ({ type })],
  ])();
}

function brokenBody(random: Random): string | Uint8Array<ArrayBuffer> {
  const body = pick(random, hostile.BROKEN_BODIES);
  return typeof body === "string" ? body : new Uint8Array(body);
}

/** As JSON, or as a form: whose members are texts, and lists for a name that repeats. */
function written(type: string, value: unknown): string {
  if (!type.includes("urlencoded")) return JSON.stringify(value) ?? "";
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .flatMap(([name, member]) =>
      Array.isArray(member) ? member.map((one) => [name, one]) : [[name, member]],
    )
    .map(([name, member]) => `${encoded(name)}=${encoded(member)}`)
    .join("&");
}

function encoded(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return encodeURIComponent(text.toWellFormed());
}

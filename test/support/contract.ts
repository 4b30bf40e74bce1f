import { readFileSync } from "node:fs";
import { Ajv2020, type AnySchema, type ValidateFunction } from "ajv/dist/2020.js";
import ajvFormats from "ajv-formats";

/**
 * Holds answers to the published contract: what openapi.json documents for the route and status, and what every
 * answer has in common. Objects are closed while checking: a member that is not documented is a leak.
 */

type Json = Record<string, unknown>;
interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: Json }>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

export const openApi: Document = JSON.parse(
  readFileSync(new URL("../../openapi.json", import.meta.url), "utf8"),
);

/** `METHOD /path` of every operation documented, path parameters in braces. */
export const operations: readonly string[] = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajvFormats(ajv);
for (const [name, schema] of Object.entries(openApi.components.schemas)) {
  ajv.addSchema({ ...pointed(schema), $id: `open:${name}` } as AnySchema);
  ajv.addSchema({ ...closed(schema), $id: `closed:${name}` } as AnySchema);
}

const PROBLEM: Json = { $ref: "#/components/schemas/Problem" };
const PROBLEM_TYPE = "application/problem+json";

const HEADERS_OF_EVERY_ANSWER = {
  "strict-transport-security": /^max-age=\d{8,}/,
  "content-security-policy": /^default-src 'none'/,
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^no-referrer$/,
  "cross-origin-resource-policy": /^same-origin$/,
  "cache-control": /^(no-store|public, max-age=\d+)$/,
  "x-request-id": /^[A-Za-z0-9._-]{1,128}$/,
};

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** @throws Error that says how the answer departs from the contract */
export function checkAnswer(method: string, path: string, answer: Answered): void {
  const faults = [...faultsOfHeaders(answer.headers), ...faultsOfBody(method, pathOf(path), answer)];
  if (faults.length === 0) return;
  throw new Error(`${method} ${path} answered ${answer.status}: ${faults.join("; ")}\n${answer.text}`);
}

/** A schema as it is, its references pointing at the schemas added above. */
function pointed(schema: Json): Json {
  return mapReferences(schema, "open") as Json;
}

function mapReferences(value: unknown, as: "open" | "closed"): unknown {
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, as));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === "$ref" ? [key, referenceOf(String(inner), as)] : [key, mapReferences(inner, as)],
    ),
  );
}

function referenceOf(pointer: string, as: "open" | "closed"): string {
  return `${as}:${pointer.slice("#/components/schemas/".length)}`;
}

/** The schema with every object in it closed, unless it says itself what else it may hold. */
function closed(schema: Json): Json {
  const { $ref, allOf, properties, items, anyOf, oneOf } = schema;
  if (typeof $ref === "string") return { ...schema, $ref: referenceOf($ref, "closed") };
  const all = (list: unknown) => (Array.isArray(list) ? list.map((item: Json) => closed(item)) : undefined);
  return {
    ...schema,
    // Parts of a whole stay open: only together do they name every member.
    ...(Array.isArray(allOf) ? { allOf: allOf.map((part: Json) => pointed(part)) } : {}),
    ...(isObject(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, closed(v as Json)])) }
      : {}),
    ...(isObject(items) ? { items: closed(items) } : {}),
    ...(anyOf === undefined ? {} : { anyOf: all(anyOf) }),
    ...(oneOf === undefined ? {} : { oneOf: all(oneOf) }),
    ...((properties !== undefined || allOf !== undefined) && schema["additionalProperties"] === undefined
      ? { unevaluatedProperties: false }
      : {}),
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const compiled = new Map<Json, ValidateFunction>();
function faultsOf(schema: Json, value: unknown): string[] {
  const validate = compiled.get(schema) ?? ajv.compile(closed(schema));
  compiled.set(schema, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath || "the body"} ${error.message}`);
}

const pathOf = (path: string): string => new URL(path, "http://localhost").pathname;

function operationOf(method: string, path: string): { known: boolean; operation?: Operation | undefined } {
  // HEAD answers what GET would, without its body.
  const name = (method === "HEAD" ? "GET" : method).toLowerCase();
  const exact = openApi.paths[path];
  // A path of its own may stand where another has a parameter (`/v1/campaigns/analyze`): its other methods are that
  // one's, with "analyze" as an id.
  if (exact?.[name] !== undefined) return { known: true, operation: exact[name] };
  for (const [template, methods] of Object.entries(openApi.paths)) {
    if (!template.includes("{")) continue;
    const pattern = new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    if (pattern.test(path)) return { known: true, operation: methods[name] };
  }
  return { known: exact !== undefined };
}

function faultsOfHeaders(headers: Headers): string[] {
  return Object.entries(HEADERS_OF_EVERY_ANSWER)
    .filter(([name, pattern]) => !pattern.test(headers.get(name) ?? ""))
    .map(([name]) => `${name} is ${headers.get(name)}`);
}

function faultsOfBody(method: string, path: string, answer: Answered): string[] {
  const { known, operation } = operationOf(method, path);
  if (operation === undefined) {
    // A preflight of an allowed origin is the one thing that is answered without being a route.
    if (method === "OPTIONS" && answer.status === 204) return answer.text === "" ? [] : ["has a body"];
    const expected = known ? 405 : 404;
    // Plain HTTP is refused before anybody looks whether there is such a route.
    if (answer.status !== expected && answer.status !== 403) return [`no such route: expected ${expected}`];
    return faultsOfContent({ [PROBLEM_TYPE]: { schema: PROBLEM } }, method, answer);
  }
  const documented = operation.responses[String(answer.status)];
  if (documented === undefined) return ["this status is not documented"];
  return faultsOfContent(documented.content ?? {}, method, answer);
}

function faultsOfContent(
  content: Readonly<Record<string, { schema: Json }>>,
  method: string,
  { status, headers, text }: Answered,
): string[] {
  if (method === "HEAD" || Object.keys(content).length === 0) return text === "" ? [] : ["has a body"];
  const type = (headers.get("Content-Type") ?? "").split(";")[0] ?? "";
  const schema = content[type]?.schema;
  if (schema === undefined) return [`Content-Type ${type} is not documented`];
  if (!type.endsWith("json")) return [];
  const body: unknown = JSON.parse(text);
  return [
    ...faultsOf(schema, body),
    ...(type === PROBLEM_TYPE ? faultsOfProblem(body as Json, status, headers) : []),
  ];
}

/** RFC 9457, and a 5xx that says nothing of its cause. */
function faultsOfProblem(body: Json, status: number, headers: Headers): string[] {
  return [
    ...(body["status"] === status ? [] : ["status differs from the answer's"]),
    ...(body["type"] === `urn:campaign-manager:problem:${body["code"]}`
      ? []
      : ["type does not name the code"]),
    ...(body["request_id"] === headers.get("X-Request-Id") ? [] : ["request_id is not X-Request-Id"]),
    ...(status >= 500 && ("detail" in body || "errors" in body) ? ["a 5xx speaks of its cause"] : []),
    ...(status === 401 && !headers.has("WWW-Authenticate") ? ["a 401 without WWW-Authenticate"] : []),
  ];
}

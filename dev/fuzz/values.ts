import { CANARY } from "../../test/support/leaks.ts";
import { chance, integer, pick, type Random } from "../random.ts";

/** A JSON Schema, in the part of the language that openapi.json uses. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ValueSource {
  /** The schema that a `$ref` names. */
  resolve(reference: string): Schema;
  /** Values known to mean something for a member of this name: an id that exists, a path of an event. */
  known(name: string): readonly unknown[];
}

/** Below this depth a choice takes a branch without references, so that recursive schemas end. */
const DEPTH_MAX = 4;
const KNOWN = 0.6;

/** A value that the schema accepts. `known` supplies what a schema cannot express, such as a field's path. */
export function validValue(random: Random, schema: Schema, from: ValueSource, name = "", depth = 0): unknown {
  const known = from.known(name);
  if (known.length > 0 && chance(random, KNOWN)) return pick(random, known);
  const { $ref, allOf, enum: options } = schema;
  const inner = (part: unknown, as = name) => validValue(random, part as Schema, from, as, depth + 1);
  if (typeof $ref === "string") return inner(from.resolve($ref));
  if (Array.isArray(allOf)) return Object.assign({}, ...allOf.map((part) => inner(part)));
  const choices = schema["oneOf"] ?? schema["anyOf"];
  if (Array.isArray(choices)) return inner(chooseBranch(random, choices, depth));
  if (Array.isArray(options)) return pick(random, options);
  switch (typeOf(random, schema)) {
    case "object":
      return objectOf(random, schema, inner);
    case "array":
      return arrayOf(random, schema, inner);
    case "string":
      return textOf(random, schema, name);
    case "integer":
      return integer(random, number(schema["minimum"], -1_000), number(schema["maximum"], 1_000));
    case "number":
      return chance(random, 0.5) ? integer(random, -500, 500) : (random() - 0.5) * 1e6;
    case "boolean":
      return chance(random, 0.5);
    case "null":
      return null;
    default:
      return pick(random, ["x", 1, true, null]);
  }
}

function chooseBranch(random: Random, branches: readonly unknown[], depth: number): unknown {
  const flat = branches.filter((branch) => !JSON.stringify(branch).includes("$ref"));
  return pick(random, depth > DEPTH_MAX && flat.length > 0 ? flat : branches);
}

function typeOf(random: Random, { type, properties }: Schema): unknown {
  if (Array.isArray(type)) return pick(random, type);
  return type ?? (properties === undefined ? undefined : "object");
}

type Inner = (part: unknown, as?: string) => unknown;

function objectOf(random: Random, schema: Schema, inner: Inner): Record<string, unknown> {
  const required = (schema["required"] as readonly string[] | undefined) ?? [];
  const members = Object.entries((schema["properties"] as Record<string, Schema> | undefined) ?? {})
    .filter(([name]) => required.includes(name) || chance(random, 0.5))
    .map(([name, part]) => [name, inner(part, name)] as const);
  const value: Record<string, unknown> = Object.fromEntries(members);
  if (schema["additionalProperties"] !== true) return value;
  for (const name of required) value[name] ??= inner({ type: "string", maxLength: 40 }, name);
  return { ...value, ...freeMembers(random) };
}

/** What an event's `data` may hold: anything. */
function freeMembers(random: Random): Record<string, unknown> {
  const members: readonly (readonly [string, unknown])[] = [
    ["amount", integer(random, -10, 500)],
    ["user", { tier: pick(random, ["gold", "silver"]), address: { country: "DE" } }],
    ["items", [{ sku: "A1", qty: integer(random, 0, 5) }, { sku: "B2" }]],
    ["note", CANARY],
    ["a.b", null],
  ];
  return Object.fromEntries(members.filter(() => chance(random, 0.4)));
}

function arrayOf(random: Random, schema: Schema, inner: Inner): unknown[] {
  const { prefixItems, items } = schema;
  if (Array.isArray(prefixItems)) return prefixItems.map((part) => inner(part));
  const low = number(schema["minItems"], 0);
  const high = Math.min(number(schema["maxItems"], low + 3), low + 3);
  return Array.from({ length: integer(random, low, high) }, () => inner(items ?? {}));
}

function textOf(random: Random, schema: Schema, name: string): string {
  switch (schema["format"]) {
    case "uuid":
      return uuid(random);
    case "date-time":
      return new Date(Date.UTC(2025, 0, 1) + integer(random, 0, 600) * 86_400_000).toISOString();
  }
  if (String(schema["pattern"]).includes("[smhd]"))
    return `${integer(random, 1, 400)}${pick(random, ["s", "m", "h", "d"])}`;
  if (/password|secret/.test(name)) return `${CANARY}-${letters(random, 8)}`;
  const low = number(schema["minLength"], 0);
  const high = number(schema["maxLength"], 40);
  const length = chance(random, 0.1)
    ? pick(random, [low, high])
    : integer(random, Math.max(low, 6), Math.min(high, 30));
  return letters(random, Math.min(Math.max(length, low), high));
}

const ALPHABET = [..."abcdefghijklmnopqrstuvwxyz0123456789-_ éß漢"];

function letters(random: Random, length: number): string {
  return Array.from({ length }, () => pick(random, ALPHABET)).join("");
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => integer(random, 0, 15).toString(16)).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const number = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);

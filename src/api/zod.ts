/**
 * zod for routes. Its schemas are built when they are first used, because a Worker starts with those of all routes:
 * it needs those of the few it is asked for, and what describes answers only when somebody reads the OpenAPI document.
 * A builder of zod that is missing below is added there.
 */
import { z as zod } from "@hono/zod-openapi";

export type * from "zod";

export const array = deferring(zod.array);
export const boolean = deferring(zod.boolean);
export const custom = deferring(zod.custom);
export const discriminatedUnion = deferring(zod.discriminatedUnion);
const enumeration = deferring(zod.enum);

export { enumeration as enum };
export const int = deferring(zod.int);
export const iso = { datetime: deferring(zod.iso.datetime) };
export const literal = deferring(zod.literal);
export const looseObject = deferring(zod.looseObject);
export const number = deferring(zod.number);
export const object = deferring(zod.object);
export const record = deferring(zod.record);
export const strictObject = deferring(zod.strictObject);
export const string = deferring(zod.string);
export const union = deferring(zod.union);
const nothing = deferring(zod.undefined);

export { nothing as undefined };
export const unknown = deferring(zod.unknown);
export const uuid = deferring(zod.uuid);

/** Methods that make another schema of one, which is not built before that is either. */
const STEPS = new Set<PropertyKey>(
  "default extend max min nullable nullish openapi optional partial pipe refine regex transform".split(" "),
);
/** Methods that a validator is recognised by, long before it calls them. */
const CHECKS = new Set<PropertyKey>(["parse", "parseAsync", "safeParse", "safeParseAsync"]);

type Methods = Record<PropertyKey, (...args: unknown[]) => zod.ZodType>;

/** What builds a schema that something stands for. */
const builders = new WeakMap<object, () => zod.ZodType>();

/** Stands for the schema that `make` makes. Being asked for anything but another schema builds it, once. */
export function deferred<Schema extends zod.ZodType>(make: () => Schema): Schema {
  let made: Schema | undefined;
  const build = () => (made ??= make());
  const call = (method: PropertyKey, args: unknown[]) =>
    (build() as unknown as Methods)[method]?.(...args) as zod.ZodType;
  const standIn = new Proxy({} as Schema, {
    get(_, key) {
      if (STEPS.has(key)) return (...args: unknown[]) => deferred(() => call(key, args.map(built)));
      if (CHECKS.has(key)) return (...args: unknown[]) => call(key, args);
      return build()[key as keyof Schema];
    },
    has: (_, key) => key in build(),
  });
  builders.set(standIn, build);
  return standIn;
}

/** `value` with every schema in it built. */
export function built<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const build = builders.get(value);
  if (build !== undefined) return build() as Value;
  if (Array.isArray(value)) return value.map(built) as Value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, built(part)])) as Value;
}

function deferring<Make extends (...args: never[]) => zod.ZodType>(make: Make): Make {
  const later = (...args: unknown[]) => deferred(() => make(...(args.map(built) as never[])));
  return later as unknown as Make;
}

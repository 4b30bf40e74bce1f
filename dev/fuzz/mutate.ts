import { chance, integer, pick, type Random, weighted } from "../random.ts";
import { STRINGS, VALUES } from "./hostile.ts";

/** The value with one place in it changed to something hostile, now and then several places. */
export function mutated(random: Random, value: unknown): unknown {
  const once = spoil(random, value);
  return chance(random, 0.25) ? mutated(random, once) : once;
}

/** Descends at random, so that deep places are changed as well as the whole. */
function spoil(random: Random, value: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && chance(random, 0.7)) {
    const at = integer(random, 0, value.length - 1);
    return value.with(at, spoil(random, value[at]));
  }
  if (isObject(value)) {
    const names = Object.keys(value);
    if (names.length > 0 && chance(random, 0.6)) {
      const name = pick(random, names);
      return { ...value, [name]: spoil(random, value[name]) };
    }
    return spoilMembers(random, value, names);
  }
  return weighted<() => unknown>(random, [
    [3, () => pick(random, STRINGS)],
    [3, () => pick(random, VALUES)],
    [1, () => [value]],
    [1, () => ({ value })],
    [1, () => (typeof value === "string" ? value.repeat(50).slice(0, 5_000) : String(value))],
    [1, () => nested(value, integer(random, 10, 80))],
  ])();
}

function spoilMembers(random: Random, value: Record<string, unknown>, names: readonly string[]): unknown {
  return weighted<() => unknown>(random, [
    [
      3,
      () => {
        const gone = names.length > 0 ? pick(random, names) : "";
        return Object.fromEntries(Object.entries(value).filter(([name]) => name !== gone));
      },
    ],
    [
      3,
      () => ({
        ...value,
        [pick(random, ["role", "id", "owner", "created_at", "constructor", "x"])]: "admin",
      }),
    ],
    // A plain assignment would set the prototype; a computed member is an own one, and is sent.
    [1, () => ({ ...value, ["__proto__"]: { role: "admin" } })],
    [1, () => ({ ...value, [pick(random, STRINGS)]: 1 })],
    [2, () => [value]],
    [1, () => Array.from({ length: integer(random, 2, 1_001) }, () => value)],
    [1, () => pick(random, VALUES)],
    [1, () => pick(random, STRINGS)],
  ])();
}

function nested(value: unknown, depth: number): unknown {
  let result = value;
  for (let level = 0; level < depth; level++) result = level % 2 === 0 ? [result] : { a: result };
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import type { Path } from "../language/path.ts";
import { spend, type Work } from "./work.ts";

/**
 * The values a path reaches from `root`, in document order, none of them null or an array. This is all of
 * the language's reading of documents:
 * - only own properties are read, and null counts as missing;
 * - an array met anywhere, at the end too and inside other arrays, stands for each of its elements, so an
 *   empty array reaches nothing;
 * - a segment is a key, never an index.
 */
export function valuesAt(root: unknown, path: Path, work: Work): unknown[] {
  const values: unknown[] = [];
  visit(root, path, 0, work, (value) => flatten(value, values, work));
  return values;
}

/**
 * What `some` ranges over: the elements, null ones left out, of the arrays at the end of the path. An
 * element that is an array itself is one element, and its own elements are reached by `"."` inside.
 */
export function elementsAt(root: unknown, path: Path, work: Work): unknown[] {
  const elements: unknown[] = [];
  visit(root, path, 0, work, (value) => {
    if (!Array.isArray(value)) return;
    spend(work, value.length);
    for (const element of value) if (element !== null && element !== undefined) elements.push(element);
  });
  return elements;
}

/** What the path ends at, null left out: an array as it is, not its elements. */
export function wholesAt(root: unknown, path: Path, work: Work): unknown[] {
  const wholes: unknown[] = [];
  visit(root, path, 0, work, (value) => wholes.push(value));
  return wholes;
}

/** Calls `found` with what stands at the end of the path, arrays whole, null left out. */
function visit(value: unknown, path: Path, depth: number, work: Work, found: (value: unknown) => void): void {
  if (value === null || value === undefined) return;
  const segment = path[depth];
  if (segment === undefined) {
    found(value);
  } else if (Array.isArray(value)) {
    spend(work, value.length);
    for (const element of value) visit(element, path, depth, work, found);
  } else if (isObject(value) && Object.hasOwn(value, segment)) {
    visit(value[segment], path, depth + 1, work, found);
  }
}

function flatten(value: unknown, into: unknown[], work: Work): void {
  if (Array.isArray(value)) {
    spend(work, value.length);
    for (const element of value) flatten(element, into, work);
  } else if (value !== null && value !== undefined) {
    into.push(value);
  }
}

interface JsonObject {
  readonly [key: string]: unknown;
}

/** An array is one too. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

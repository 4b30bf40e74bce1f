import { EVENT_NUMBER_MAX } from "../../limits.ts";
import { formatTime } from "../../time.ts";
import { namedValues } from "../index/normalise.ts";
import { foldCase } from "../language/case-folding.ts";
import { isExactNumber } from "../language/exact-numbers.ts";
import type { Condition, Scalar, TextCase, TypeName } from "../language/rule.ts";
import { parseDuration, parseTime } from "../language/time.ts";

/*
 * Values worth trying for a positive condition. Where `isComplete` says so they stand for all values: if none
 * of them satisfies the condition and spares the denied ones, no value does.
 */

/** The value of an object: present, and nothing else that a condition can ask for. */
export const ANY_OBJECT: object = Object.freeze({});

/** @param denied what the value must not satisfy. @param now the event's time. */
export function candidatesFor(condition: Condition, denied: readonly Condition[], now: number): unknown[] {
  switch (condition.operator) {
    case "equals":
    case "not_equals":
      return equals([condition.value], condition.case);
    case "in":
    case "not_in":
      return equals(condition.value, condition.case);
    case "greater_than":
    case "at_least":
    case "less_than":
    case "at_most":
    case "between":
      return numbersAround([condition, ...denied].flatMap(numbersIn));
    case "before":
    case "after":
      return timesAround([condition, ...denied].flatMap(timesIn));
    case "within_last":
      return [timeText(now), timeText(now - parseDuration(condition.value))];
    case "older_than":
      return [timeText(now - parseDuration(condition.value) - 1), "0001-01-01T00:00:00Z"];
    case "contains":
    case "not_contains":
    case "starts_with":
    case "ends_with":
      return condition.case === "sensitive"
        ? textsWith(condition.value)
        : spellings(condition.value).flatMap(textsWith);
    case "matches":
      return textsLike(condition.value);
    case "sorts_after":
    case "sorts_at_or_after":
      return [condition.value, `${condition.value}~`];
    case "sorts_before":
    case "sorts_at_or_before":
      return [condition.value, condition.value.slice(0, -1).toWellFormed(), "!", ""];
    case "semver_equals":
    case "semver_greater_than":
    case "semver_at_least":
    case "semver_less_than":
    case "semver_at_most":
      return [condition.value, versionAfter(condition.value), FIRST_VERSION];
    case "in_cidr":
      return [condition.value.replace(/\/.*$/, "")];
    case "length_equals":
    case "length_at_least":
    case "length_at_most":
      return condition.value <= LENGTH_MAX ? [arrayOf(condition.value)] : [];
    case "type_is":
      return [SOME_OF[condition.value]];
    case "exists":
    case "missing":
      return [ANY_OBJECT, "~", 0.5, true];
  }
}

const FIRST_VERSION = "0.0.0-0";

function versionAfter(version: string): string {
  const [major, minor, patch = "0"] = version.replace(/[-+].*$/, "").split(".");
  return `${major}.${minor}.${BigInt(patch) + 1n}`;
}

const LENGTH_MAX = 10_000; // elements of a candidate

function arrayOf(length: number): object[] {
  return Array.from({ length }, () => ({}));
}

const SOME_OF: { readonly [type in TypeName]: unknown } = {
  string: "~",
  number: 0.5,
  boolean: true,
  object: ANY_OBJECT,
  array: arrayOf(1),
};

/**
 * Whether `candidatesFor` stands for all values. Equality names its values. Between two neighbouring numbers
 * (or times) that conditions name, all numbers (times) satisfy the same conditions, so one from each gap is
 * enough; for times only as long as the denied conditions look at nothing else of the text. An object
 * satisfies the least, as long as nothing asks for its type.
 */
export function isComplete(condition: Condition, denied: readonly Condition[]): boolean {
  switch (condition.operator) {
    case "before":
    case "after":
      return denied.every(
        ({ operator }) =>
          operator === "before" || operator === "after" || operator === "exists" || NUMERIC.has(operator),
      );
    case "equals":
    case "in":
      return namedValues(condition) !== null;
    case "exists":
      return denied.every(({ operator }) => operator !== "type_is");
    default:
      return NUMERIC.has(condition.operator);
  }
}

/** Whether a condition's answer depends on the event's own time. */
export function isRelative({ operator }: Condition): boolean {
  return operator === "within_last" || operator === "older_than";
}

export const NUMERIC: ReadonlySet<string> = new Set([
  "greater_than",
  "at_least",
  "less_than",
  "at_most",
  "between",
]);

function numbersIn(condition: Condition): number[] {
  if (!("value" in condition)) return [];
  const values: readonly unknown[] = Array.isArray(condition.value) ? condition.value : [condition.value];
  return values.filter((value): value is number => typeof value === "number");
}

/** Of the numbers that events may have, one wherever conditions with these constants may tell them apart. */
function numbersAround(points: readonly number[]): number[] {
  return [
    ...points.flatMap((point) => [point, neighbour(point, 1), neighbour(point, -1)]),
    EVENT_NUMBER_MAX,
    -EVENT_NUMBER_MAX,
  ].filter(isExactNumber);
}

/** The next double up or down. */
function neighbour(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * Number.MIN_VALUE;
  const double = new Float64Array([value]);
  const bits = new BigInt64Array(double.buffer);
  bits[0] = (bits[0] as bigint) + BigInt(value > 0 === direction > 0 ? 1 : -1);
  return double[0] as number;
}

/** The first and last instants that RFC 3339 can write, to the minute. */
const FIRST_TIME = parseTime("0000-01-01T00:00:00+23:59");
const LAST_TIME = parseTime("9999-12-31T23:59:59.999-23:59");

function timesIn(condition: Condition): number[] {
  return condition.operator === "before" || condition.operator === "after"
    ? [parseTime(condition.value)]
    : [];
}

function timesAround(points: readonly number[]): string[] {
  return points
    .flatMap((point) => [point, point - 1, point + 1])
    .filter((time) => time >= FIRST_TIME && time <= LAST_TIME)
    .map(timeText);
}

/** RFC 3339 text of any instant that has one. */
export function timeText(time: number): string {
  const day = 24 * 60 * 60 * 1_000;
  if (time < parseTime("0000-01-01T00:00:00Z")) {
    return new Date(time + day - 60_000).toISOString().replace("Z", "+23:59");
  }
  if (time > parseTime("9999-12-31T23:59:59.999Z")) {
    return new Date(time - day + 60_000).toISOString().replace("Z", "-23:59");
  }
  return formatTime(time);
}

/** A text in the letter cases that are worth trying. */
function spellings(text: string): string[] {
  return [...new Set([text, foldCase(text), text.toUpperCase()])];
}

/** What equality names, and what is equal to it in another letter case where that does not count. */
function equals(values: readonly Scalar[], textCase: TextCase | undefined): Scalar[] {
  const possible = values.filter((value) => typeof value !== "number" || isExactNumber(value));
  if (textCase !== "ignored") return possible;
  return possible.flatMap((value): Scalar[] => (typeof value === "string" ? spellings(value) : [value]));
}

function textsWith(part: string): string[] {
  return [part, `${part}~`, `~${part}`, `~${part}~`];
}

/** Texts that a simple pattern may find: itself without anchors and escapes, and the letters in it. */
function textsLike(pattern: string): string[] {
  const plain = pattern.replace(/^\(\?i\)|^\^|\$$/g, "");
  return [plain, plain.replace(/\\(.)/g, "$1"), plain.replace(/[^\p{L}\p{N}]/gu, ""), "", "a", "0", "a@a.a"];
}

/** Single values for a field that holds one text, which must satisfy all of `conditions`. */
export function textCandidates(conditions: readonly Condition[], now: number): string[] {
  const named = conditions.flatMap((condition) => namedValues(condition) ?? []);
  const textsOf = (operator: Condition["operator"]): string[] =>
    conditions.flatMap((condition) =>
      condition.operator === operator && "value" in condition ? [String(condition.value)] : [],
    );
  const longest = (texts: readonly string[]): string =>
    texts.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
  const start = longest(textsOf("starts_with"));
  const end = longest(textsOf("ends_with"));
  const middle = textsOf("contains").join("~");
  return [
    ...named.filter((value): value is string => typeof value === "string"),
    ...conditions
      .flatMap((condition) => candidatesFor(condition, [], now))
      .filter((value) => typeof value === "string"),
    `${start}${middle}${end}`,
    `${start}~${middle}~${end}`,
    "~",
    "~~",
  ];
}

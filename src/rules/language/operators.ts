import * as z from "zod";
import { LIST_VALUES_MAX, PATTERN_CHARS_MAX, STRING_VALUE_CHARS_MAX } from "../../limits.ts";
import { isStorable } from "../../text.ts";
import { parseCidr } from "./cidr.ts";
import { isExactNumber, NOT_EXACT } from "./exact-numbers.ts";
import { compilePattern } from "./pattern.ts";
import type { Operator } from "./rule.ts";
import { parseVersion } from "./semver.ts";
import { parseDuration, parseTime } from "./time.ts";

const string = once(() =>
  z
    .string("expected a string")
    .max(STRING_VALUE_CHARS_MAX, `a string has at most ${STRING_VALUE_CHARS_MAX} characters`)
    .refine(isStorable, {
      error: "text holds no NUL and no lone surrogate",
      params: { code: "invalid_text" },
    }),
);

const TOO_LARGE = `${NOT_EXACT}, and compare that`;

/**
 * No event has a larger number, and a larger one may not be the one that was written. The JSON schema says nothing of
 * it: that describes stored rules too, and those from before may have larger ones.
 */
const number = once(() =>
  z.number("expected a finite number").refine(isExactNumber, {
    error: TOO_LARGE,
    params: { code: "number_not_exact" },
  }),
);

/** One value of a list too. */
export const scalar = once(() =>
  z.union([string(), number(), z.boolean()], "expected a string, a finite number or a boolean"),
);

const list = once(() =>
  z
    .array(scalar(), "expected a list of strings, numbers and booleans")
    .min(1, "a list holds at least one value")
    .max(LIST_VALUES_MAX, `a list holds at most ${LIST_VALUES_MAX} values`),
);

const interval = once(() =>
  z
    .tuple([number(), number()], "expected [low, high], two finite numbers")
    .refine(([low, high]) => low <= high, { error: "low is over high", params: { code: "invalid_range" } }),
);

const time = once(() =>
  string()
    .refine((text) => !Number.isNaN(parseTime(text)), {
      error: 'expected an RFC 3339 time with its offset, such as "2026-11-21T10:00:00Z"',
      params: { code: "invalid_time" },
    })
    .meta({ format: "date-time" }),
);

const duration = once(() =>
  string()
    .refine((text) => !Number.isNaN(parseDuration(text)), {
      error: 'expected a duration of at most 100 years, such as "90s", "15m", "24h" or "7d"',
      params: { code: "invalid_duration" },
    })
    .meta({ pattern: "^[0-9]{1,10}[smhd]$", examples: ["24h"] }),
);

const pattern = once(() =>
  string()
    .max(PATTERN_CHARS_MAX, { error: `a pattern has at most ${PATTERN_CHARS_MAX} characters`, abort: true })
    .superRefine((source, context) => {
      const pattern = compilePattern(source);
      if (typeof pattern !== "string") return;
      context.addIssue({ code: "custom", message: pattern, params: { code: "invalid_pattern" } });
    })
    .meta({ format: "regex" }),
);

const length = once(() =>
  z
    .int({ error: ({ code }) => (code === "too_big" ? TOO_LARGE : "expected a whole number") })
    .min(1, 'a length is at least 1: for no elements ask "missing"'),
);

const version = once(() =>
  string()
    .refine((text) => parseVersion(text) !== null, {
      error: 'expected a version of Semantic Versioning 2.0.0, such as "1.4.0" or "2.0.0-rc.1"',
      params: { code: "invalid_version" },
    })
    .meta({ examples: ["1.4.0"] }),
);

const cidr = once(() =>
  string()
    .refine((text) => parseCidr(text) !== null, {
      error:
        'expected a range: its first address and how many bits they share, such as "10.0.0.0/8" or "2001:db8::/32"',
      params: { code: "invalid_cidr" },
    })
    .meta({ examples: ["10.0.0.0/8"] }),
);

const typeName = once(() =>
  z.enum(
    ["string", "number", "boolean", "object", "array"],
    'expected "string", "number", "boolean", "object" or "array"; for null ask "missing"',
  ),
);

/** What a condition may say of letter case. */
export const CASES = ["sensitive", "ignored"] as const;

const WITH_CASE: ReadonlySet<string> = new Set<Operator>([
  "equals",
  "not_equals",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
]);

/** Whether an operator's conditions may say whether letter case counts. */
export function takesCase(operator: Operator): boolean {
  return WITH_CASE.has(operator);
}

/**
 * What each operator compares with, made when it is first asked for; null where it takes no value. The order is the
 * documentation's.
 */
export const OPERATOR_VALUES: { readonly [operator in Operator]: (() => z.ZodType) | null } = {
  equals: scalar,
  not_equals: scalar,
  in: list,
  not_in: list,
  greater_than: number,
  at_least: number,
  less_than: number,
  at_most: number,
  between: interval,
  before: time,
  after: time,
  within_last: duration,
  older_than: duration,
  contains: string,
  not_contains: string,
  starts_with: string,
  ends_with: string,
  matches: pattern,
  sorts_after: string,
  sorts_at_or_after: string,
  sorts_before: string,
  sorts_at_or_before: string,
  semver_equals: version,
  semver_greater_than: version,
  semver_at_least: version,
  semver_less_than: version,
  semver_at_most: version,
  in_cidr: cidr,
  length_equals: length,
  length_at_least: length,
  length_at_most: length,
  type_is: typeName,
  exists: null,
  missing: null,
};

export const OPERATORS = Object.keys(OPERATOR_VALUES) as readonly Operator[];

export function isOperator(name: unknown): name is Operator {
  return typeof name === "string" && Object.hasOwn(OPERATOR_VALUES, name);
}

function once<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

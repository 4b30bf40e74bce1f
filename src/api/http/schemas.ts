/** Schemas that several routes share. They validate, and the OpenAPI document is made from them. */

import { z } from "@hono/zod-openapi";
import type { Faults, FieldError } from "../../errors.ts";
import {
  CURSOR_CHARS_MAX,
  PAGE_ROWS_DEFAULT,
  PAGE_ROWS_MAX,
  PASSWORD_CHARS_MAX,
  PASSWORD_CHARS_MIN,
  TIME_CHARS_MAX,
} from "../../limits.ts";
import { parseEventTime } from "../../rules/language/time.ts";
import { isStorable } from "../../text.ts";
import { formatTime } from "../../time.ts";

/** Text that people write, of `min` to `max` characters. */
export const text = (min: number, max: number) =>
  z.string().min(min).max(max).refine(isStorable, "must hold neither NUL nor a lone surrogate");

/** Text on one line, as in names and ids: no control characters either. */
export const line = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, "must hold no control characters")
    .refine((value) => value.isWellFormed(), "must hold no lone surrogate");

/** Of a size that can be hashed; `requireGoodPassword` knows the exact rules. */
export const newPassword = z
  .string()
  .max(2 * PASSWORD_CHARS_MAX) // in UTF-16 units
  .openapi({
    description: `${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters, none of the commonest, more than the username or the product's name`,
  });

export const id = z.uuid().openapi({ description: "UUID" });

/** An RFC 3339 time; its output is the one form of `formatTime`. */
export const time = z
  .string()
  .max(TIME_CHARS_MAX)
  .refine((value) => !Number.isNaN(parseEventTime(value)), "must be an RFC 3339 time in the years 1 to 9999")
  .transform((value) => formatTime(parseEventTime(value)))
  .openapi({ type: "string", format: "date-time" });

/** A time as we answer it. */
export const timestamp = z.iso.datetime().openapi({ format: "date-time" });

/** A parameter of a query that must appear at most once. */
const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(1).max(max))
    .openapi({ type: "integer", minimum: 1, maximum: max });

export const pageQuery = {
  limit: wholeNumber(PAGE_ROWS_MAX).default(PAGE_ROWS_DEFAULT),
  cursor: z
    .string()
    .min(1)
    .max(CURSOR_CHARS_MAX)
    .optional()
    .openapi({ description: "`next_cursor` of the page before" }),
};

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    next_cursor: z
      .string()
      .nullable()
      .openapi({ description: "Where the next page begins; null on the last one" }),
  });

export const fieldErrorSchema = z.object({
  pointer: z.string().openapi({ description: "JSON pointer (RFC 6901) to the field or parameter at fault" }),
  code: z.string(),
  message: z.string(),
});

/** Beside a list of errors. */
export const moreErrors = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: "How many faults there are beside those that `errors` names" });

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().openapi({ description: "Stable; texts are not" }),
    detail: z.string().optional(),
    request_id: z.string(),
    errors: z.array(fieldErrorSchema).optional(),
    more_errors: moreErrors,
  })
  .openapi("Problem");

/** Who posted an event. */
export const sender = z
  .object({ kind: z.enum(["user", "api_key"]), id })
  .nullable()
  .openapi({
    description: "Who posted it; null where it was accepted before this was kept, or is not known",
  });

/** A JSON pointer (RFC 6901). */
export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The first `max` of the faults that a schema finds, an unknown key at the key itself. */
export function faultsOf(error: z.core.$ZodError, max: number): Faults {
  const errors: FieldError[] = [];
  let more = 0;
  for (const issue of error.issues.flatMap(within)) {
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : undefined;
    const named = (unknown ?? [undefined]).slice(0, max - errors.length);
    for (const key of named) {
      errors.push(
        key === undefined
          ? { pointer: pointer(issue.path), code: codeOf(issue), message: issue.message }
          : { pointer: pointer([...issue.path, key]), code: "unknown_key", message: "is not known here" },
      );
    }
    more += (unknown?.length ?? 1) - named.length;
  }
  return { errors, more };
}

/** What is wrong within the one shape of a union that a value has; of none of the shapes, the union itself says so. */
function within(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const [option, another] = issue.errors.filter((issues) => !issues.some(isOfAnotherShape));
  if (option === undefined || another !== undefined) return [issue];
  return option.flatMap(within).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

const isOfAnotherShape = ({ code, path }: z.core.$ZodIssue): boolean =>
  code === "invalid_type" && path.length === 0;

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "custom") return issue.code;
  const code: unknown = issue.params?.["code"];
  return typeof code === "string" ? code : "invalid_value";
}

import type { z } from "@hono/zod-openapi";
import { type FieldError, HttpProblem } from "../../errors.ts";
import { BODY_BYTES_MAX, JSON_DEPTH_MAX } from "../../limits.ts";
import { parseJson } from "../http/json.ts";
import { parseMediaType } from "../http/media-type.ts";
import { invalidInput } from "../http/problem.ts";
import { pointer } from "../http/schemas.ts";
import type { Check } from "./check.ts";

/** A body that a route takes. */
export interface ReadableBody {
  /** By media type, the schema of what it holds; undefined where the handler checks that. */
  readonly schemas: ReadonlyMap<string, z.ZodType | undefined>;
  /** Without it an empty body, with or without a type, stands for an empty object. */
  readonly required: boolean;
  /** What is answered to content that its schema refuses. */
  readonly refuse?: ((content: unknown, error: z.ZodError) => HttpProblem) | undefined;
}

const FORM = "application/x-www-form-urlencoded";
// Strict. A byte order mark is kept, so that JSON with one is malformed, as RFC 8259 allows.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a body: its type and size are checked before it is read, its encoding and depth before it is parsed, and that
 * no name is repeated in its JSON after. What a
 * schema has checked is `c.req.valid("json")` or `c.req.valid("form")`, what has none is the variable `body`.
 * @throws HttpProblem 400, 413, 415 or 422, or what `refuse` makes
 */
export function readBody({ schemas, required, refuse }: ReadableBody): Check {
  const mediaTypes = [...schemas.keys()];
  const unsupported = () =>
    new HttpProblem("unsupported_media_type", { detail: `Content-Type must be ${mediaTypes.join(" or ")}` });

  return async function readBody(c) {
    const contentType = c.req.header("Content-Type");
    const given = contentType === undefined ? undefined : utf8TypeOf(contentType);
    const isSupported = given !== undefined && schemas.has(given);
    if (!isSupported && (required || contentType !== undefined)) throw unsupported();
    const encoding = c.req.header("Content-Encoding");
    if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
      throw new HttpProblem("unsupported_media_type", { detail: "A compressed body is not accepted" });
    }
    const text = decode(await read(c.req.raw));
    if (!isSupported && text !== "") throw unsupported();

    const mediaType = given ?? mediaTypes[0] ?? "";
    const content = text === "" && !required ? {} : mediaType === FORM ? parseForm(text) : jsonOf(text);
    const schema = schemas.get(mediaType);
    if (schema === undefined) {
      c.set("body", { mediaType, content });
      return;
    }
    const checked = schema.safeParse(content);
    if (!checked.success) throw refuse?.(content, checked.error) ?? invalidInput(checked.error);
    c.req.addValidatedData(mediaType === FORM ? "form" : "json", checked.data as object);
  };
}

/** Undefined for what is no media type, and for any charset but UTF-8. */
function utf8TypeOf(contentType: string): string | undefined {
  const mediaType = parseMediaType(contentType);
  if (mediaType === undefined) return undefined;
  const { essence, charset = "utf-8" } = mediaType;
  return charset === "utf-8" || charset === "utf8" ? essence : undefined;
}

async function read(request: Request): Promise<Uint8Array> {
  const announced = Number(request.headers.get("Content-Length") ?? Number.NaN);
  if (announced > BODY_BYTES_MAX) throw tooLarge();
  // HTTP itself ends a body at its announced length, so that one can be read at once.
  if (announced >= 0) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new HttpProblem("malformed_body", { detail: "The body is not UTF-8" });
  }
}

function jsonOf(text: string): unknown {
  const parsed = parseJson(text);
  if (parsed.ok) return parsed.value;
  switch (parsed.reason) {
    case "malformed":
      throw new HttpProblem("malformed_json");
    case "too_deep":
      throw invalid({ pointer: "", code: "too_deep", message: `nests deeper than ${JSON_DEPTH_MAX}` });
    case "duplicate_key":
      throw invalid({ pointer: pointer(parsed.path), code: "duplicate_key", message: "is given twice" });
  }
}

/** A field that is repeated has its values in an array. */
function parseForm(text: string): Record<string, string | string[]> {
  const form: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const before = form[name];
    form[name] = before === undefined ? value : [before, value].flat();
  }
  return form;
}

const invalid = (error: FieldError) => new HttpProblem("invalid", { errors: [error] });

const tooLarge = () => new HttpProblem("body_too_large", { detail: `The limit is ${BODY_BYTES_MAX} bytes` });

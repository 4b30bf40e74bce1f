import { createMiddleware } from "hono/factory";
import { HttpProblem } from "../../errors.ts";
import { BODY_BYTES_MAX, JSON_DEPTH_MAX } from "../../limits.ts";
import { parseJson } from "../http/json.ts";
import type { AppEnv } from "../services.ts";

/**
 * Reads a body of one of `mediaTypes`: its type and size are checked before it is read, its encoding and depth
 * before it is parsed. Later readers (validators, `c.req.text()`) get the text read here; JSON is in `c.var.json`.
 * @param required without it an empty body, with or without a type, stands for an empty object
 */
export function readBody(mediaTypes: readonly string[], required: boolean) {
  const unsupported = () =>
    new HttpProblem("unsupported_media_type", { detail: `Content-Type must be ${mediaTypes.join(" or ")}` });

  return createMiddleware<AppEnv>(async function readBody(c, next) {
    const contentType = c.req.header("Content-Type");
    const mediaType = mediaTypeOf(contentType);
    const isSupported = mediaType !== undefined && mediaTypes.includes(mediaType);
    if (!isSupported && (required || contentType !== undefined)) throw unsupported();
    const encoding = c.req.header("Content-Encoding");
    if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
      throw new HttpProblem("unsupported_media_type", { detail: "A compressed body is not accepted" });
    }
    const given = decode(await read(c.req.raw));
    if (!isSupported && given !== "") throw unsupported();
    const text = isSupported && !required && given === "" ? "{}" : given;
    // Typed as its content, read by Hono as a promise of it.
    c.req.bodyCache.text = Promise.resolve(text) as unknown as string;
    if (isSupported && mediaType.endsWith("json")) {
      const parsed = parseJson(text);
      if (!parsed.ok && parsed.reason === "malformed") throw new HttpProblem("malformed_json");
      if (!parsed.ok) {
        throw new HttpProblem("invalid", {
          errors: [{ pointer: "", code: "too_deep", message: `nests deeper than ${JSON_DEPTH_MAX}` }],
        });
      }
      c.set("json", parsed.value);
    }
    await next();
  });
}

/** The media type without parameters, lower case; undefined also when it names a charset other than UTF-8. */
function mediaTypeOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset) ? type : undefined;
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

/** Strict UTF-8. A byte order mark is kept, so that JSON with one is malformed, as RFC 8259 allows. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new HttpProblem("malformed_body", { detail: "The body is not UTF-8" });
  }
}

const tooLarge = () => new HttpProblem("body_too_large", { detail: `The limit is ${BODY_BYTES_MAX} bytes` });

import { z } from "@hono/zod-openapi";
import { isJson, parseMediaType } from "../http/media-type.ts";

/**
 * CloudEvents 1.0 in the JSON format. Extension attributes are allowed and not kept: matching does not need
 * them. `data` must be a JSON object, as in our own events.
 */
const cloudEventSchema = z
  .looseObject({
    specversion: z.literal("1.0", 'must be "1.0"'),
    source: z.string("is required"),
    datacontenttype: z
      .string()
      .refine(isJsonType, { message: "must be a JSON media type", params: { code: "invalid_format" } })
      .optional(),
    dataschema: z.string().optional(),
    data_base64: z.undefined("binary data is not accepted").optional(),
  })
  .openapi({ description: "CloudEvents 1.0, JSON format. Extension attributes are allowed and not kept" });

function isJsonType(text: string): boolean {
  const mediaType = parseMediaType(text);
  return mediaType !== undefined && isJson(mediaType);
}

const ENVELOPE = new Set(["specversion", "datacontenttype", "dataschema"]);
const OURS = new Set(["id", "source", "type", "subject", "time", "data"]);
const EXTENSION = /^[a-z0-9]+$/;

/** The event inside a CloudEvent, still to be checked, or what is wrong with the envelope. */
export function unwrapCloudEvent(
  input: unknown,
): { readonly ok: true; readonly event: unknown } | { readonly ok: false; readonly error: z.core.$ZodError } {
  const parsed = cloudEventSchema.safeParse(input);
  if (!parsed.success) return { ok: false, error: parsed.error };
  // A name that CloudEvents does not allow for an extension stays, and is refused as unknown.
  const kept = Object.entries(parsed.data).filter(
    ([name]) => OURS.has(name) || (!ENVELOPE.has(name) && !EXTENSION.test(name)),
  );
  return { ok: true, event: Object.fromEntries(kept) };
}

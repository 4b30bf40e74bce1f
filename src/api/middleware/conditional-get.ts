import { etag, RETAINED_304_HEADERS } from "hono/etag";
import { CROSS_ORIGIN_HEADERS } from "./cross-origin.ts";

/** Gives an answer to GET its ETag, a hash of its body unless it has one, and answers 304 to whoever has it. */
export const conditionalGet = etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...CROSS_ORIGIN_HEADERS] });

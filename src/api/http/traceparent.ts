import type { Context } from "hono";
import type { AppEnv } from "../services.ts";

const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const ZEROS = /^0+$/;

/** A W3C Trace Context `traceparent` (version 00) when it is valid, otherwise undefined. */
export function traceparentOf(header: string | undefined): string | undefined {
  const [, traceId, parentId] = header === undefined ? [] : (FORM.exec(header) ?? []);
  if (traceId === undefined || parentId === undefined) return undefined;
  return ZEROS.test(traceId) || ZEROS.test(parentId) ? undefined : header;
}

/** What connects a request with everything that it causes: its id, and its `traceparent` when it sent a valid one. */
export function traceOf(c: Context<AppEnv>): { readonly request_id: string; readonly traceparent?: string } {
  const traceparent = traceparentOf(c.req.header("traceparent"));
  return { request_id: c.get("requestId"), ...(traceparent === undefined ? {} : { traceparent }) };
}

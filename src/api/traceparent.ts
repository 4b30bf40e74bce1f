const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const ZEROS = /^0+$/;

/** A W3C Trace Context `traceparent` (version 00) when it is valid, otherwise undefined. */
export function traceparentOf(header: string | undefined): string | undefined {
  const [, traceId, parentId] = header === undefined ? [] : (FORM.exec(header) ?? []);
  if (traceId === undefined || parentId === undefined) return undefined;
  return ZEROS.test(traceId) || ZEROS.test(parentId) ? undefined : header;
}

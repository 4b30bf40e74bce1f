/** Answers as the API gives them, to be spoiled one way or another. */

/** What every answer has; the content type of JSON. */
export const HEADERS = {
  "Content-Type": "application/json",
  "Strict-Transport-Security": "max-age=63072000",
  "Content-Security-Policy": "default-src 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
  "X-Request-Id": "r-1",
};
export const PROBLEM = { "Content-Type": "application/problem+json" };
export const problem = (code: string, status: number, more: object = {}) => ({
  type: `urn:campaign-manager:problem:${code}`,
  title: "A title",
  status,
  code,
  request_id: "r-1",
  ...more,
});

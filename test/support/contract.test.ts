import { describe, expect, test } from "vitest";
import { HEADERS, PROBLEM, problem } from "./canned-answers.ts";
import { checkAnswer } from "./contract.ts";

const check = (method: string, path: string, status: number, body: unknown, headers: object = {}) =>
  checkAnswer(method, path, {
    status,
    headers: new Headers({ ...HEADERS, ...headers }),
    text: body === undefined ? "" : JSON.stringify(body),
  });

const CAMPAIGN = {
  id: "018f0000-0000-7000-8000-000000000000",
  name: "n",
  description: null,
  status: "draft",
  version: 1,
  rule: { field: "type", operator: "exists" },
  starts_at: null,
  ends_at: null,
  ...{ schedule: null, sample: null, holdout: null, group: null, priority: null },
  created_at: "2026-11-21T10:00:00Z",
  updated_at: "2026-11-21T10:00:00Z",
};

describe("checkAnswer", () => {
  test("lets pass what the document promises", () => {
    check("GET", "/health", 200, { status: "ok" });
    check("GET", `/v1/campaigns/${CAMPAIGN.id}?x=1`, 200, CAMPAIGN);
    check("GET", "/v1/campaigns", 200, { data: [CAMPAIGN], next_cursor: null });
    check("GET", "/nowhere", 404, problem("not_found", 404), PROBLEM);
    check("PUT", "/health", 405, problem("method_not_allowed", 405), PROBLEM);
    check("POST", "/v1/auth/logout", 204, undefined);
  });

  test.each<[string, () => void]>([
    ["an undocumented member", () => check("GET", "/health", 200, { status: "ok", version: "1" })],
    [
      "one deep in a list",
      () => check("GET", "/v1/campaigns", 200, { data: [{ ...CAMPAIGN, revision: 1 }], next_cursor: null }),
    ],
    ["one in a composed object", () => check("POST", "/v1/api-keys", 201, { secret_hash: "x" })],
    ["a missing member", () => check("GET", "/v1/campaigns", 200, { data: [] })],
    [
      "a wrong format",
      () => check("GET", `/v1/campaigns/${CAMPAIGN.id}`, 200, { ...CAMPAIGN, created_at: "now" }),
    ],
    ["an undocumented status", () => check("GET", "/health", 418, { status: "ok" })],
    ["an unknown path that answers", () => check("GET", "/nowhere", 200, {})],
    ["a body where there is none", () => check("POST", "/v1/auth/logout", 204, {})],
    [
      "another content type",
      () => check("GET", "/health", 200, { status: "ok" }, { "Content-Type": "text/plain" }),
    ],
    [
      "a header that is not there",
      () => check("GET", "/health", 200, { status: "ok" }, { "X-Content-Type-Options": "" }),
    ],
    [
      "a 5xx with a cause",
      () => check("GET", "/v1/campaigns", 503, problem("unavailable", 503, { detail: "x" }), PROBLEM),
    ],
    [
      "a 401 without a challenge",
      () => check("GET", "/v1/campaigns", 401, problem("unauthenticated", 401), PROBLEM),
    ],
    ["a status of its own", () => check("GET", "/nowhere", 404, problem("not_found", 400), PROBLEM)],
    [
      "another request's id",
      () => check("GET", "/nowhere", 404, problem("not_found", 404, { request_id: "x" }), PROBLEM),
    ],
  ])("finds %s", (_, answer) => {
    expect(answer).toThrow();
  });
});

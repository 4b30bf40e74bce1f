/** A short run of `npm run fuzz` (docs/security/measurements.md holds long ones), and that it would find something. */
import { beforeAll, describe, expect, test } from "vitest";
import { describeFailure } from "../../dev/fuzz/report.ts";
import { type FuzzRun, fuzzSystem, outcomeOf } from "../../dev/fuzz/run.ts";
import { populate } from "../../dev/fuzz/system.ts";
import { HEADERS, PROBLEM, problem } from "../support/canned-answers.ts";
import { operations } from "../support/contract.ts";
import { CANARY } from "../support/leaks.ts";
import { expectSound } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const REQUESTS = 600;
const SEED = 1;

describe("generated requests through the real Workers", () => {
  const system = useSystem();
  let run: FuzzRun;
  beforeAll(async () => {
    run = await fuzzSystem(system, await populate(system), {
      seed: SEED,
      requests: REQUESTS,
      concurrency: 8,
    });
  });
  // Looks for leaks in both Workers' logs and in the audit.

  test("meet no 5xx, no answer outside the contract and no leak", () => {
    expect(run.failures.map((failure) => describeFailure(failure, SEED))).toEqual([]);
    expect(run.requests).toBe(REQUESTS);
  });

  test("reach nearly every operation, and are accepted as well as refused", () => {
    expect(run.statuses.size).toBeGreaterThan(0.8 * operations.length);
    const statuses = new Set([...run.statuses.values()].flatMap((counts) => [...counts.keys()]));
    for (const status of [200, 201, 202, 400, 401, 403, 404, 405, 422]) expect(statuses).toContain(status);
  });
});

interface Canned {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const outcomeOfAnswer = (method: string, path: string, { status, body, headers = {} }: Canned) => {
  const answer = {
    status,
    headers: new Headers({ ...HEADERS, ...headers }),
    text: typeof body === "string" ? body : JSON.stringify(body),
  };
  return outcomeOf(async () => {
    expectSound(method, path, answer);
    return answer;
  });
};

describe("an answer", () => {
  test.each<[string, string, string, Canned]>([
    ["200", "GET", "/health", { status: 200, body: { status: "ok" } }],
    ["404", "GET", "/nowhere", { status: 404, body: problem("not_found", 404), headers: PROBLEM }],
  ])("that is sound passes: %s", async (_, method, path, answer) => {
    expect(await outcomeOfAnswer(method, path, answer)).toEqual({ status: answer.status });
  });

  test.each<[string, string, string, Canned]>([
    [
      "a 500 as documented",
      "GET",
      "/v1/campaigns",
      { status: 500, body: problem("internal", 500), headers: PROBLEM },
    ],
    [
      "a 503 as documented",
      "GET",
      "/v1/campaigns",
      { status: 503, body: problem("unavailable", 503), headers: PROBLEM },
    ],
    ["a status without description", "GET", "/health", { status: 418, body: { status: "ok" } }],
    ["a member without description", "GET", "/health", { status: 200, body: { status: "ok", host: "db-1" } }],
    ["a member missing", "GET", "/v1/campaigns", { status: 200, body: { data: [] } }],
    [
      "a type of content without description",
      "GET",
      "/health",
      { status: 200, body: "ok", headers: { "Content-Type": "text/html" } },
    ],
    ["no JSON", "GET", "/health", { status: 200, body: "{" }],
    [
      "a header missing",
      "GET",
      "/health",
      { status: 200, body: { status: "ok" }, headers: { "X-Content-Type-Options": "" } },
    ],
    ["an unknown path that answers", "GET", "/nowhere", { status: 200, body: {} }],
    [
      "a payload in a refusal",
      "POST",
      "/v1/campaigns",
      { status: 422, body: problem("invalid", 422, { detail: `not ${CANARY}` }), headers: PROBLEM },
    ],
    [
      "a statement in a refusal",
      "POST",
      "/v1/campaigns",
      {
        status: 422,
        body: problem("invalid", 422, { detail: "select id from users where id = $1" }),
        headers: PROBLEM,
      },
    ],
    [
      "a connection string in a refusal",
      "GET",
      "/nowhere",
      {
        status: 404,
        body: problem("not_found", 404, { detail: "postgres://u:p@host/db" }),
        headers: PROBLEM,
      },
    ],
  ])("that is wrong is reported: %s", async (_, method, path, answer) => {
    expect(await outcomeOfAnswer(method, path, answer)).toHaveProperty("failure", expect.any(String));
  });

  test("that never comes is reported", async () => {
    const outcome = await outcomeOf(() => Promise.reject(new Error("connection reset")));
    expect(outcome).toEqual({ failure: "connection reset" });
  });
});

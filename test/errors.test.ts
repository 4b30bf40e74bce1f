import { describe, expect, test } from "vitest";
import { HttpProblem, problemDocument } from "../src/errors.ts";

describe("problemDocument", () => {
  test("has the members of RFC 9457 and ours, and no empty ones", () => {
    expect(problemDocument(new HttpProblem("not_found"), "r-1")).toEqual({
      type: "urn:campaign-manager:problem:not_found",
      title: "There is nothing here",
      status: 404,
      code: "not_found",
      request_id: "r-1",
    });
  });

  test("carries what the problem says of itself, but its headers", () => {
    const errors = [{ pointer: "/a", code: "c", message: "m" }];
    const problem = new HttpProblem("invalid_grant", {
      detail: "d",
      errors,
      headers: { "Retry-After": "5" },
      extensions: { error: "invalid_grant" },
    });
    expect(problemDocument(problem, "r-1")).toMatchObject({
      status: 401,
      detail: "d",
      errors,
      error: "invalid_grant",
    });
    expect(JSON.stringify(problemDocument(problem, "r-1"))).not.toContain("Retry-After");
  });

  test("is an error whose message is its code alone: a log that prints it tells nothing more", () => {
    const problem = new HttpProblem("conflict", { detail: "customer-42" });
    expect(problem).toBeInstanceOf(Error);
    expect(String(problem)).toBe("HttpProblem: conflict");
  });
});

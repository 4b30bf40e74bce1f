import { NeonDbError } from "@neondatabase/serverless";
import { expect, test } from "vitest";
import { failureOf, isRefusedBy } from "../../../src/storage/core/failure.ts";

function refusal(code: string | undefined, constraint?: string): NeonDbError {
  const error = new NeonDbError("secret text");
  return Object.assign(error, { code, constraint });
}

test.each([
  ["CM001", { kind: "epoch_moved" }],
  ["08006", { kind: "unavailable", code: "08006" }],
  ["40001", { kind: "unavailable", code: "40001" }],
  ["40P01", { kind: "unavailable", code: "40P01" }],
  ["53300", { kind: "unavailable", code: "53300" }],
  ["55P03", { kind: "unavailable", code: "55P03" }],
  ["57014", { kind: "unavailable", code: "57014" }],
  ["57P01", { kind: "unavailable", code: "57P01" }],
  [undefined, { kind: "unavailable", code: "no_answer" }],
  ["22P05", { kind: "refused", code: "22P05" }],
  ["23514", { kind: "refused", code: "23514" }],
  ["54000", { kind: "refused", code: "54000" }],
  ["42P01", { kind: "broken", code: "42P01" }],
  ["42501", { kind: "broken", code: "42501" }],
  ["25006", { kind: "broken", code: "25006" }],
  ["XX000", { kind: "broken", code: "XX000" }],
  ["CM003", { kind: "broken", code: "CM003" }],
])("SQLSTATE %s is %o", (code, failure) => {
  expect(failureOf(refusal(code))).toEqual(failure);
});

test("is found behind what a library wraps around it", () => {
  const wrapped = new Error("Failed query", {
    cause: new Error("again", { cause: refusal("23505", "users_key") }),
  });
  expect(failureOf(wrapped)).toEqual({ kind: "refused", code: "23505", constraint: "users_key" });
  expect(isRefusedBy(wrapped, "users_key")).toBe(true);
  expect(isRefusedBy(wrapped, "other_key")).toBe(false);
});

test.each([
  [new TypeError("secret"), "TypeError"],
  ["secret", "string"],
  [undefined, "undefined"],
])("what no database threw is broken, and only its kind is told", (thrown, code) => {
  expect(failureOf(thrown)).toEqual({ kind: "broken", code });
});

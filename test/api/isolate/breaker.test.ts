import { expect, test } from "vitest";
import { createBreaker } from "../../../src/api/isolate/breaker.ts";
import { BREAKER_PROBE_MS } from "../../../src/limits.ts";

test("asks while answers come", () => {
  const breaker = createBreaker();
  expect([breaker.mayAsk(0), breaker.mayAsk(0)]).toEqual([true, true]);
  breaker.answered();
  expect(breaker.mayAsk(1)).toBe(true);
});

test("after a failure lets one ask at a time, until an answer comes", () => {
  const breaker = createBreaker();
  breaker.failed(1_000);
  expect(breaker.mayAsk(1_000)).toBe(false);
  expect(breaker.mayAsk(1_000 + BREAKER_PROBE_MS - 1)).toBe(false);
  expect(breaker.mayAsk(1_000 + BREAKER_PROBE_MS)).toBe(true);
  // That one has not heard yet, or was cancelled.
  expect(breaker.mayAsk(1_000 + BREAKER_PROBE_MS)).toBe(false);
  expect(breaker.mayAsk(1_000 + 2 * BREAKER_PROBE_MS)).toBe(true);
  breaker.failed(1_000 + 2 * BREAKER_PROBE_MS);
  expect(breaker.mayAsk(1_000 + 2 * BREAKER_PROBE_MS)).toBe(false);
  breaker.answered();
  expect([breaker.mayAsk(0), breaker.mayAsk(0)]).toEqual([true, true]);
});

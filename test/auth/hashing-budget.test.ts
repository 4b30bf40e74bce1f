import { expect, test } from "vitest";
import { createHashingBudget } from "../../src/auth/hashing-budget.ts";
import { hashingKib } from "../../src/auth/passwords.ts";
import {
  ARGON2_MEMORY_KIB_MAX,
  HASHING_GONE_MS,
  HASHING_HOLD_MS_MAX,
  HASHING_KIB_MAX,
} from "../../src/limits.ts";

const ARGON2 = hashingKib({ algorithm: "argon2id" });
const salt = "A".repeat(22);
const tag = "A".repeat(43);

test("as many hashes as fit are let in, and another one when one ends", () => {
  const budget = createHashingBudget();
  const fit = Math.floor(HASHING_KIB_MAX / ARGON2);
  const releases = Array.from({ length: fit }, () => budget.enqueue().enter(ARGON2, 0));
  expect(fit).toBe(3);
  expect(releases.every((release) => release !== undefined)).toBe(true);
  const [next, last] = [budget.enqueue(), budget.enqueue()];
  expect(next.enter(ARGON2, 0)).toBeUndefined();
  releases[0]?.();
  expect(next.enter(ARGON2, 0)).toBeDefined();
  expect(last.enter(ARGON2, 0)).toBeUndefined();
});

test("whoever waits is let in before those who came later, however small their hash is", () => {
  const budget = createHashingBudget();
  const release = budget.enqueue().enter(1, 0);
  const [first, second] = [budget.enqueue(), budget.enqueue()];
  expect(first.enter(HASHING_KIB_MAX, 0)).toBeUndefined();
  expect(second.enter(1, 0)).toBeUndefined();
  release?.();
  expect(second.enter(1, 1)).toBeUndefined();
  const entered = first.enter(HASHING_KIB_MAX, 2);
  expect(entered).toBeDefined();
  entered?.();
  expect(second.enter(1, 3)).toBeDefined();
});

test("whoever leaves the queue, or has not looked for a while, holds nobody up", () => {
  const budget = createHashingBudget();
  const release = budget.enqueue().enter(HASHING_KIB_MAX, 0);
  const [leaving, cancelled, next] = [budget.enqueue(), budget.enqueue(), budget.enqueue()];
  for (const place of [leaving, cancelled, next]) expect(place.enter(1, 0)).toBeUndefined();
  release?.();
  leaving.leave();
  expect(next.enter(1, HASHING_GONE_MS)).toBeUndefined();
  expect(next.enter(1, HASHING_GONE_MS + 1)).toBeDefined();
});

test("what is given back twice counts once", () => {
  const budget = createHashingBudget();
  const release = budget.enqueue().enter(HASHING_KIB_MAX, 0);
  release?.();
  release?.();
  expect(budget.enqueue().enter(HASHING_KIB_MAX, 0)).toBeDefined();
  expect(budget.enqueue().enter(1, 0)).toBeUndefined();
});

test("a hash whose request was cancelled stops counting after a while", () => {
  const budget = createHashingBudget();
  budget.enqueue().enter(HASHING_KIB_MAX, 0);
  const next = budget.enqueue();
  expect(next.enter(1, HASHING_HOLD_MS_MAX)).toBeUndefined();
  expect(next.enter(1, HASHING_HOLD_MS_MAX + 1)).toBeDefined();
});

test("an imported hash counts with the memory it asks for, and the largest that is taken fits", () => {
  expect(hashingKib(`$argon2id$v=19$m=65536,t=3,p=1$${salt}$${tag}`)).toBe(65_536);
  expect(hashingKib("$2b$12$abcdefghijklmnopqrstuuWmWnWZdkhRVZkDaYRNqKPWmxsUO0wCq")).toBe(ARGON2);
  expect(ARGON2_MEMORY_KIB_MAX).toBeLessThanOrEqual(HASHING_KIB_MAX);
});

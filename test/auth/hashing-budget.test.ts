import { expect, test } from "vitest";
import { createHashingBudget } from "../../src/auth/hashing-budget.ts";
import { workingMemoryKib } from "../../src/auth/passwords.ts";
import { ARGON2_MEMORY_KIB_MAX, HASHING_HOLD_MS_MAX, HASHING_KIB_MAX } from "../../src/limits.ts";

const ARGON2 = workingMemoryKib({ algorithm: "argon2id" });
const salt = "A".repeat(22);
const tag = "A".repeat(43);

test("as many hashes run at once as fit, and another one when one ends", () => {
  const budget = createHashingBudget();
  const fit = Math.floor(HASHING_KIB_MAX / ARGON2);
  const releases = Array.from({ length: fit }, () => budget.reserve(ARGON2, 0));
  expect(fit).toBe(3);
  expect(releases.every((release) => release !== undefined)).toBe(true);
  expect(budget.reserve(ARGON2, 0)).toBeUndefined();
  releases[0]?.();
  expect(budget.reserve(ARGON2, 0)).toBeDefined();
  expect(budget.reserve(ARGON2, 0)).toBeUndefined();
});

test("what is given back twice counts once", () => {
  const budget = createHashingBudget();
  const release = budget.reserve(HASHING_KIB_MAX, 0);
  release?.();
  release?.();
  expect(budget.reserve(HASHING_KIB_MAX, 0)).toBeDefined();
  expect(budget.reserve(1, 0)).toBeUndefined();
});

test("a hash whose request was cancelled stops counting after a while", () => {
  const budget = createHashingBudget();
  budget.reserve(HASHING_KIB_MAX, 0);
  expect(budget.reserve(1, HASHING_HOLD_MS_MAX)).toBeUndefined();
  expect(budget.reserve(1, HASHING_HOLD_MS_MAX + 1)).toBeDefined();
});

test("an imported hash counts with the memory it asks for, and the largest that is taken fits", () => {
  expect(workingMemoryKib(`$argon2id$v=19$m=65536,t=3,p=1$${salt}$${tag}`)).toBe(65_536);
  expect(workingMemoryKib("$2b$12$abcdefghijklmnopqrstuuWmWnWZdkhRVZkDaYRNqKPWmxsUO0wCq")).toBe(ARGON2);
  expect(ARGON2_MEMORY_KIB_MAX).toBeLessThanOrEqual(HASHING_KIB_MAX);
});

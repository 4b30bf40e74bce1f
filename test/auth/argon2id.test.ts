/** The package `argon2id` as it is used here, held to an audited implementation of the whole algorithm. */
import { argon2id } from "@noble/hashes/argon2.js";
import setupWasm from "argon2id/lib/setup.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import wasm from "#argon2id/wasm";
import { CURRENT, hash, parse, type TagOf, tagOf, verify } from "../../src/auth/argon2id.ts";
import { ARGON2_LANES_MAX, ARGON2_MEMORY_KIB_MAX, ARGON2_PASSES_MAX } from "../../src/limits.ts";

const PASSWORD = new TextEncoder().encode("correct horse battery staple");
const SALT = new Uint8Array(16).fill(7);
const CHEAP = { m: 8, t: 1, p: 1 };

/** Every password of no byte or one byte. */
const SHORT = [new Uint8Array(), ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))];
/** Those of them that the package throws on. */
const REFUSED = SHORT.slice(0, 9); // empty, and 0 to 7

const instantiate = (imports: WebAssembly.Imports) => ({
  module: wasm,
  instance: new WebAssembly.Instance(wasm, imports),
});
const unavailable = () => {
  throw new Error("the binary without SIMD is not there");
};

const oracle = (password: Uint8Array, salt: Uint8Array, cost: typeof CURRENT, dkLen: number) =>
  argon2id(password, salt, { ...cost, dkLen });

/** A stored hash of `password`, made by the oracle. */
const storedOf = (password: Uint8Array, cost = CHEAP) => ({
  ...cost,
  salt: SALT,
  tag: oracle(password, SALT, cost, 32),
});

describe("the tag", () => {
  test("is that of @noble/hashes for any password, salt, cost and length", async () => {
    const costs = fc
      .record({
        p: fc.integer({ min: 1, max: ARGON2_LANES_MAX }),
        t: fc.integer({ min: 1, max: ARGON2_PASSES_MAX }),
        extra: fc.nat(300),
      })
      .map(({ p, t, extra }) => ({ m: 8 * p + extra, t, p }));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 2, maxLength: 300 }),
        fc.uint8Array({ minLength: 8, maxLength: 80 }),
        costs,
        fc.integer({ min: 16, max: 200 }),
        async (password, salt, cost, length) => {
          expect(await tagOf(password, salt, cost, length)).toEqual(oracle(password, salt, cost, length));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ["today's cost", CURRENT],
    [
      "the most memory and lanes that a stored hash may ask for",
      { m: ARGON2_MEMORY_KIB_MAX, t: 1, p: ARGON2_LANES_MAX },
    ],
    ["memory that its lanes do not divide", { m: ARGON2_MEMORY_KIB_MAX - 1, t: 1, p: 3 }],
    ["today's cost again, in a memory that was used", CURRENT],
  ])("is that of @noble/hashes at %s", async (_, cost) => {
    expect(await tagOf(PASSWORD, SALT, cost, 32)).toEqual(oracle(PASSWORD, SALT, cost, 32));
  });

  test("is each one's own when several are asked for at once", async () => {
    const passwords = ["one", "two", "three", "four", "five"].map((text) => new TextEncoder().encode(text));
    const cost = { m: 256, t: 2, p: 2 };
    const tags = await Promise.all(passwords.map((password) => tagOf(password, SALT, cost, 32)));
    expect(tags).toEqual(passwords.map((password) => oracle(password, SALT, cost, 32)));
  });
});

test("one memory serves every hash, and it never grows", async () => {
  const memories: WebAssembly.Memory[] = [];
  const compute = await setupWasm((imports) => {
    memories.push(imports["env"]?.["memory"] as WebAssembly.Memory);
    return instantiate(imports);
  }, unavailable);
  const [memory] = memories;
  const bytes = memory?.buffer.byteLength ?? 0;
  const params = { password: PASSWORD, salt: SALT, passes: 1, tagLength: 32 };
  for (const parallelism of [1, ARGON2_LANES_MAX]) {
    compute({ ...params, memorySize: ARGON2_MEMORY_KIB_MAX, parallelism });
  }
  expect(memories).toHaveLength(1);
  expect(memory?.buffer.byteLength).toBe(bytes);
  // An isolate has 128 MB for everything.
  expect(bytes).toBeLessThan(70_000_000);
});

describe("passwords of one byte or none", () => {
  test("are too short for the package when they are empty or a control character up to U+0007, and only then", async () => {
    const compute = await setupWasm(instantiate, unavailable);
    // It looks at the password first. A tag that is too short ends the others before they are hashed.
    const params = { salt: SALT, memorySize: 8, passes: 1, parallelism: 1, tagLength: 1 };
    const refused = SHORT.filter((password) => {
      try {
        compute({ ...params, password });
        return false;
      } catch (error) {
        return (error as Error).message.startsWith("password size");
      }
    });
    expect(refused).toEqual(REFUSED);
  });

  test("are refused by us there, and hashed everywhere else", async () => {
    for (const password of REFUSED) {
      expect(await verify(password, storedOf(password))).toBe(false);
      await expect(hash(password, SALT)).rejects.toThrow(RangeError);
    }
    for (const password of [0x08, 0x20, 0xff].map((byte) => Uint8Array.of(byte))) {
      expect(await verify(password, storedOf(password))).toBe(true);
      expect(await verify(password, storedOf(PASSWORD))).toBe(false);
      expect(parse(await hash(password, SALT))?.tag).toEqual(oracle(password, SALT, CURRENT, 32));
    }
  });

  test("cost what any other wrong password costs: one hash with the stored salt and parameters", async () => {
    const stored = storedOf(PASSWORD, { m: 64, t: 3, p: 2 });
    for (const password of [...REFUSED, PASSWORD, new TextEncoder().encode("wrong")]) {
      const asked: Parameters<TagOf>[] = [];
      const recorded: TagOf = (...parameters) => {
        asked.push(parameters);
        return tagOf(...parameters);
      };
      await verify(password, stored, recorded);
      expect(asked.map(([, ...others]) => others)).toEqual([[stored.salt, stored, 32]]);
    }
  });

  test("do not match a hash of what is hashed in their place", async () => {
    const stored = storedOf(new Uint8Array(8));
    for (const password of REFUSED) expect(await verify(password, stored)).toBe(false);
    expect(await verify(new Uint8Array(8), stored)).toBe(true);
  });
});

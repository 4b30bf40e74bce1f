import { argon2id } from "@noble/hashes/argon2.js";
import * as bcrypt from "bcryptjs";
import { describe, expect, it } from "vitest";
import {
  dummyHash,
  hashPassword,
  isPasswordHash,
  mayRehash,
  needsRehash,
  type PasswordScheme,
  verifyPassword,
} from "../../src/auth/passwords.ts";

const ARGON2ID: PasswordScheme = { algorithm: "argon2id" };
const BCRYPT: PasswordScheme = { algorithm: "bcrypt", rounds: 10 };
const PASSWORD = "correct horse battery staple";

/** What `argon2 sixteenbytesalt! -id -t 2 -k 19456 -p 1 -l 32 -e` of the reference implementation prints. */
const REFERENCE =
  "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbmJ5dGVzYWx0IQ$FY0dSvYcwDYwIPm8ffQcifseQmzjcKXJTa0zhwORJH0";
const REFERENCE_64_MIB =
  "$argon2id$v=19$m=65536,t=2,p=1$c2l4dGVlbmJ5dGVzYWx0IQ$cGpIFKKms3/Hdc/Lf2Kbqar8fhz9x1PhpkprcHvmWFc";
const REFERENCE_2_LANES =
  "$argon2id$v=19$m=256,t=2,p=2$c2l4dGVlbmJ5dGVzYWx0IQ$n9uuUiguyRXTJQgSpmp/BOOB0Jl2voKYVXuBhkBJXwQ";
const REFERENCE_UNICODE =
  "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbmJ5dGVzYWx0IQ$O3h35B7wMP6E+HK0/t5XInWWgiGIqnXUU069tLIQnKg";

describe("argon2id, by its specification", () => {
  it("gives the tag of RFC 9106, section 5.3", () => {
    const tag = argon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), {
      m: 32,
      t: 3,
      p: 4,
      dkLen: 32,
      key: new Uint8Array(8).fill(3),
      personalization: new Uint8Array(12).fill(4),
    });
    expect(Buffer.from(tag).toString("hex")).toBe(
      "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
    );
  });

  it.each([
    ["today's parameters", PASSWORD, REFERENCE],
    ["64 MiB", PASSWORD, REFERENCE_64_MIB],
    ["two lanes", PASSWORD, REFERENCE_2_LANES],
    ["letters of many alphabets", "pässwörd 密码 🔑", REFERENCE_UNICODE],
  ])("verifies the reference implementation's PHC string: %s", async (_, password, phc) => {
    expect(await verifyPassword(password, phc)).toBe(true);
    expect(await verifyPassword(`${password}x`, phc)).toBe(false);
  });
});

describe("bcrypt, by its reference vectors", () => {
  it.each([
    ["", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"],
    ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
    ["U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
    ["U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
    ["abcdefghijklmnopqrstuvwxyz", "$2a$10$fVH8e28OQRj9tqiDXs1e1uxpsjN0c7II7YPKXua2NAKYvM6iQk7dq"],
    [
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
      "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
    ],
  ])("verifies %j", async (password, hash) => {
    expect(await verifyPassword(password, hash)).toBe(true);
    expect(await verifyPassword(`x${password}`, hash)).toBe(false);
    // $2b$ differs from $2a$ for passwords over 255 bytes alone.
    expect(await verifyPassword(password, hash.replace("$2a$", "$2b$"))).toBe(true);
  });
});

describe.each([
  ["argon2id", ARGON2ID, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/],
  ["bcrypt", BCRYPT, /^\$2b\$10\$[./A-Za-z0-9]{53}$/],
])("a password hashed with %s", (_, scheme, form) => {
  it("verifies, under a new salt each time", async () => {
    const [one, two] = await Promise.all([hashPassword(PASSWORD, scheme), hashPassword(PASSWORD, scheme)]);
    expect(one).toMatch(form);
    expect(one).not.toBe(two);
    expect(await verifyPassword(PASSWORD, one)).toBe(true);
    expect(await verifyPassword(PASSWORD, two)).toBe(true);
    expect(await verifyPassword("correct horse battery stapl", one)).toBe(false);
    expect(await verifyPassword("Correct horse battery staple", one)).toBe(false);
    expect(await verifyPassword("", one)).toBe(false);
  });

  it("is the same however its accents were typed", async () => {
    const hash = await hashPassword("caf\u00e9 au lait", scheme);
    expect(await verifyPassword("cafe\u0301 au lait", hash)).toBe(true);
    expect(await verifyPassword("cafe au lait", hash)).toBe(false);
  });

  it("has a dummy of the same form and cost, which no password matches", async () => {
    const dummy = dummyHash(scheme);
    expect(dummy).toMatch(form);
    expect(needsRehash(dummy, scheme)).toBe(false);
    expect(await verifyPassword(PASSWORD, dummy)).toBe(false);
    expect(await verifyPassword("", dummy)).toBe(false);
  });
});

describe("bcrypt's 72 bytes", () => {
  it("are all that a new password may have", async () => {
    expect(await hashPassword("x".repeat(72), BCRYPT)).toMatch(/^\$2b\$/);
    await expect(hashPassword("x".repeat(73), BCRYPT)).rejects.toThrow(RangeError);
    await expect(hashPassword("é".repeat(37), BCRYPT)).rejects.toThrow(RangeError);
  });
});

describe("stored hashes that are not ours", () => {
  const [, , , salt, tag] = REFERENCE.split("$").slice(1);
  const phc = (parameters: string, s = salt, t = tag) => `$argon2id$v=19$${parameters}$${s}$${t}`;
  it.each([
    ["nothing", ""],
    ["a word", "password"],
    ["argon2i", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"],
    ["an older version", REFERENCE.replace("v=19", "v=16")],
    ["no version", REFERENCE.replace("$v=19", "")],
    ["other parameters first", phc("t=2,m=19456,p=1")],
    ["more memory than an isolate has", phc("m=65537,t=2,p=1")],
    ["4 GiB", phc("m=4194304,t=2,p=1")],
    ["too many passes", phc("m=19456,t=11,p=1")],
    ["too many lanes", phc("m=19456,t=2,p=5")],
    ["no passes", phc("m=19456,t=0,p=1")],
    ["less memory than its lanes need", phc("m=8,t=2,p=4")],
    ["a short salt", phc("m=19456,t=2,p=1", "c2FsdA")],
    ["a short tag", phc("m=19456,t=2,p=1", salt, "FY0dSvYcwDY")],
    ["padding", `${REFERENCE}=`],
    ["the other base64", REFERENCE.replace("iekCn0Y3spW+", "iekCn0Y3spW-").replace("cwDYw", "cw_Yw")],
    ["a line break after it", `${REFERENCE}\n`],
    [
      "a missing dollar",
      "$argon2id$v=19$m=65536,t=2,p=1c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
    ],
    ["another bcrypt", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
    ["bcrypt that would take minutes", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
    ["bcrypt with too few rounds", "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
    ["a truncated bcrypt", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe"],
    ["a bcrypt and more", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWx"],
  ])("%s: verifies nothing, at once", async (_, hash) => {
    expect(isPasswordHash(hash)).toBe(false);
    expect(await verifyPassword(PASSWORD, hash)).toBe(false);
    expect(await verifyPassword("", hash)).toBe(false);
    expect(needsRehash(hash, ARGON2ID)).toBe(true);
    expect(needsRehash(hash, BCRYPT)).toBe(true);
  });
});

describe("mayRehash", () => {
  const LONG = "é".repeat(37); // 74 bytes
  it.each([
    ["a password that bcrypt read whole", "é".repeat(36), dummyHash(BCRYPT), ARGON2ID, true],
    ["one of which bcrypt read a part", LONG, dummyHash(BCRYPT), ARGON2ID, false],
    ["one that bcrypt would not take", LONG, REFERENCE, BCRYPT, false],
    ["a long one between costs of argon2id", LONG, REFERENCE_64_MIB, ARGON2ID, true],
    ["one that is hashed as it should be", "short", REFERENCE, ARGON2ID, false],
  ])("%s", (_, password, hash, scheme, expected) => {
    expect(mayRehash(password, hash, scheme)).toBe(expected);
  });
});

describe("needsRehash", () => {
  it.each([
    ["today's argon2id", REFERENCE, ARGON2ID, false],
    ["argon2id with more memory", REFERENCE_64_MIB, ARGON2ID, true],
    ["argon2id with more lanes", REFERENCE_2_LANES, ARGON2ID, true],
    [
      "argon2id with a shorter salt",
      REFERENCE.replace("c2l4dGVlbmJ5dGVzYWx0IQ", "c29tZXNhbHQ"),
      ARGON2ID,
      true,
    ],
    ["bcrypt where argon2id is written", dummyHash(BCRYPT), ARGON2ID, true],
    ["argon2id where bcrypt is written", REFERENCE, BCRYPT, true],
    ["bcrypt of the same rounds", dummyHash(BCRYPT), BCRYPT, false],
    ["bcrypt of fewer rounds", dummyHash(BCRYPT), { algorithm: "bcrypt", rounds: 12 } as const, true],
    ["$2a$ of the same rounds", dummyHash(BCRYPT).replace("$2b$", "$2a$"), BCRYPT, false],
  ])("%s", (_, hash, scheme, expected) => {
    expect(isPasswordHash(hash)).toBe(true);
    expect(needsRehash(hash, scheme)).toBe(expected);
  });
});

it("an unknown user costs bcrypt's own rounds, where bcrypt is written", () => {
  expect(bcrypt.getRounds(dummyHash({ algorithm: "bcrypt", rounds: 12 }))).toBe(12);
});

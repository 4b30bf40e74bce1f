import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createApiKey, hashApiKey, isScope, parseApiKey } from "../../src/auth/api-keys.ts";

const ZEROS = `cm_live_${"A".repeat(43)}`;

describe("createApiKey", () => {
  it("writes 256 random bits after the prefix", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index * 8);
    expect(createApiKey(() => bytes)).toBe(`cm_live_${Buffer.from(bytes).toString("base64url")}`);
    expect(createApiKey((count) => new Uint8Array(count))).toBe(ZEROS);
  });

  it("never makes the same key twice, nor one that does not parse", () => {
    const keys = Array.from({ length: 1_000 }, () => createApiKey());
    expect(new Set(keys).size).toBe(1_000);
    for (const key of keys) {
      expect(key).toMatch(/^cm_live_[A-Za-z0-9_-]{43}$/);
      expect(parseApiKey(key)).toBe(key);
    }
  });
});

describe("parseApiKey", () => {
  it.each([
    ["nothing", ""],
    ["the prefix alone", "cm_live_"],
    ["another prefix", ZEROS.replace("live", "test")],
    ["a prefix in capitals", ZEROS.replace("cm_live_", "CM_LIVE_")],
    ["a character too few", ZEROS.slice(0, -1)],
    ["a character too many", `${ZEROS}A`],
    ["padding", `${ZEROS}=`],
    ["unused bits set", ZEROS.replace(/A$/, "B")],
    ["a blank before", ` ${ZEROS}`],
    ["a line break after", `${ZEROS}\n`],
    ["the standard alphabet", ZEROS.replace(/AA$/, "+A")],
    ["a letter outside ASCII", ZEROS.replace(/AA$/, "АA")],
    ["1 MB", `cm_live_${"A".repeat(1_000_000)}`],
    ["a token", "eyJhbGciOiJSUzI1NiJ9.e30.AA"],
  ])("refuses %s", (_, text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });
});

describe("hashApiKey", () => {
  it("is the SHA-256 of the whole key in hexadecimal", async () => {
    expect(await hashApiKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2, B.1
    expect(await hashApiKey(ZEROS)).toBe(createHash("sha256").update(ZEROS).digest("hex"));
  });
});

describe("isScope", () => {
  it.each(["events:write", "metrics:read"])("knows %s", (scope) => {
    expect(isScope(scope)).toBe(true);
  });
  it.each(["", "events:Write", "events:*", "admin", null, ["events:write"], "__proto__"])(
    "refuses %j",
    (scope) => {
      expect(isScope(scope)).toBe(false);
    },
  );
});

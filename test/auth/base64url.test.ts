import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as base64url from "../../src/auth/base64url.ts";

describe("base64url", () => {
  it("encodes the example of RFC 7515, appendix C", () => {
    expect(base64url.encode(Uint8Array.of(3, 236, 255, 224, 193))).toBe("A-z_4ME");
  });

  it.each([
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg"],
    ["fooba", "Zm9vYmE"],
    ["foobar", "Zm9vYmFy"],
  ])("encodes %j of RFC 4648, section 10, without padding", (text, encoded) => {
    expect(base64url.encode(new TextEncoder().encode(text))).toBe(encoded);
    expect(base64url.decode(encoded)).toEqual(new TextEncoder().encode(text));
  });

  it.each([
    ["padding", "Zg=="],
    ["the standard alphabet", "A+z/4ME"],
    ["a space", "Zm 9v"],
    ["a line break at the end", "Zm9v\n"],
    ["an unused bit set, two characters", "Zh"],
    ["an unused bit set, three characters", "Zm9"],
    ["a lonely character", "Zm9vY"],
    ["a character outside ASCII", "Zm9é"],
    ["a dot", "Zm.v"],
  ])("refuses %s", (_, text) => {
    expect(base64url.decode(text)).toBeUndefined();
  });

  it("has exactly one text for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(base64url.decode(base64url.encode(bytes))).toEqual(bytes);
        expect(base64url.encode(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), (text) => {
        const bytes = base64url.decode(text);
        if (bytes !== undefined) expect(base64url.encode(bytes)).toBe(text);
      }),
    );
  });
});

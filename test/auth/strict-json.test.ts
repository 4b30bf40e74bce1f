import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictObject } from "../../src/auth/strict-json.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseStrictObject", () => {
  it.each([
    ["{}", {}],
    [' { "a" : 1 }\n', { a: 1 }],
    ['{"a":{"b":1},"b":{"b":2}}', { a: { b: 1 }, b: { b: 2 } }],
    ['{"a":["a","a",{"a":"a"}]}', { a: ["a", "a", { a: "a" }] }],
    [String.raw`{"a":"{\"b\":1,\"b\":2}","b":"\\"}`, { a: '{"b":1,"b":2}', b: "\\" }],
    ['{"a:":":","a":"a:"}', { "a:": ":", a: "a:" }],
  ])("reads %s", (text, value) => {
    expect(parseStrictObject(bytes(text), 8)).toEqual(value);
  });

  it.each([
    ["a member twice", '{"a":1,"a":1}'],
    ["a member twice with another between", '{"a":1,"b":[{}],"a":2}'],
    ["a member twice, once escaped", String.raw`{"a":1,"\u0061":2}`],
    ["a member twice further in", '{"x":[{"a":1},{"a":1,"a":2}]}'],
    ["__proto__", '{"__proto__":{}}'],
    ["__proto__ escaped and further in", String.raw`{"a":{"\u005f_proto__":1}}`],
    ["a list", "[]"],
    ["a string", '"a"'],
    ["null", "null"],
    ["a number", "1"],
    ["nothing", ""],
    ["a trailing comma", '{"a":1,}'],
    ["a comment", "{/**/}"],
    ["bytes after the object", "{}x"],
    ["NUL after the object", "{}\0"],
    ["a second object", "{}{}"],
    ["a byte order mark", "\ufeff{}"],
    ["single quotes", "{'a':1}"],
    ["NaN", '{"a":NaN}'],
    ["nesting too deep", '{"a":[[[]]]}'],
    ["nesting far too deep", `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`],
  ])("refuses %s", (_, text) => {
    expect(parseStrictObject(bytes(text), 3)).toBeUndefined();
  });

  it("reads nesting as deep as allowed", () => {
    expect(parseStrictObject(bytes('{"a":[[]]}'), 3)).toEqual({ a: [[]] });
  });

  it.each([
    ["a stray continuation byte", [0x7b, 0x80, 0x7d]],
    ["an overlong slash", [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]],
    ["a surrogate in UTF-8", [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
  ])("refuses %s", (_, invalid) => {
    expect(parseStrictObject(Uint8Array.from(invalid), 8)).toBeUndefined();
  });

  it("reads whatever JSON.stringify writes", () => {
    const noProto = (value: unknown): boolean => !JSON.stringify(value).includes("__proto__");
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()).filter(noProto), (object) => {
        const text = JSON.stringify(object);
        expect(parseStrictObject(bytes(text), 100)).toEqual(JSON.parse(text));
      }),
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { formatPath, parsePath, pathOf } from "../../../src/rules/language/path.ts";

test.each([
  ["data", ["data"]],
  ["data.a.b", ["data", "a", "b"]],
  ["data.a\\.b", ["data", "a.b"]],
  ["data.a\\\\.b", ["data", "a\\", "b"]],
  ["data.0", ["data", "0"]],
  ["data. ", ["data", " "]],
])("%s is %j", (text, path) => {
  expect(parsePath(text, false)).toEqual({ ok: true, path });
  expect(formatPath(path)).toBe(text);
});

test('inside some "." is the element itself', () => {
  expect(parsePath(".", true)).toEqual({ ok: true, path: [] });
  expect(parsePath("\\.", true)).toEqual({ ok: true, path: ["."] });
});

test("every list of non-empty keys has one spelling, which reads back as the list", () => {
  const keys = fc.array(fc.string({ minLength: 1, unit: fc.constantFrom(".", "\\", "a", " ", "é") }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(keys, (path) => {
      expect(pathOf(formatPath(path))).toEqual(path);
    }),
  );
});

test("a path that is accepted is spelled the only way", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(".", "\\", "a", "b") }), (text) => {
      const result = parsePath(text, true);
      if (result.ok) expect(formatPath(result.path)).toBe(text);
    }),
  );
});

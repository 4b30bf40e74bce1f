import { expect, test } from "vitest";
import * as zod from "zod";
// @ts-expect-error: plain JavaScript, only for the bundles
import * as bundled from "../../src/vendor/zod.js";

/** What the bundles do without. Reached by nothing here; one that becomes needed goes into src/vendor/zod.js. */
const LEFT_OUT = [
  "$input",
  "$output",
  "INVALID",
  "ZodCompileAsyncError",
  "ZodCompileUnsupportedError",
  "compile",
  "core",
  "deepPartial",
  "default",
  "fromJSONSchema",
  "getDiscriminatedOption",
  "input",
  "locales",
  "memoizer",
  "output",
  "toZod",
  "withParser",
];

test("the bundles' zod has every name of zod but those left out, and the very same things under them", () => {
  const names = Object.keys(zod).filter((name) => !LEFT_OUT.includes(name));
  expect(Object.keys(bundled).sort()).toEqual(names.sort());
  const fromBundle: Record<string, unknown> = { ...bundled };
  const fromPackage: Record<string, unknown> = { ...zod };
  for (const name of ["object", "strictObject", "string", "ZodType", "toJSONSchema"]) {
    expect(fromBundle[name]).toBe(fromPackage[name]);
  }
});

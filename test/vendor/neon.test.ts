import { readFile } from "node:fs/promises";
import { NeonDbError, neonConfig, types } from "@neondatabase/serverless";
import { expect, test } from "vitest";
import { cutNeon } from "../../dev/vendor/neon.ts";
// @ts-expect-error: plain JavaScript, only for the bundles
import * as bundled from "../../src/vendor/neon.js";

test("the bundles' driver is what `npm run vendor` cuts from the installed package", async () => {
  expect(await readFile("src/vendor/neon.js", "utf8")).toBe(await cutNeon());
});

test("it has what src/storage imports, with the package's own settings and types", () => {
  expect(Object.keys(bundled).sort()).toEqual(["NeonDbError", "neon", "neonConfig", "types"]);
  expect(new bundled.NeonDbError("x")).toMatchObject({ name: new NeonDbError("x").name, message: "x" });
  expect(Object.keys(bundled.neonConfig)).toEqual(Object.keys(neonConfig));
  expect(bundled.types.builtins).toEqual(types.builtins);
});

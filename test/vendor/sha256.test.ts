import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { cutSha256 } from "../../dev/vendor/sha256.ts";

test("the bundles' SHA-256 is what `npm run vendor` takes from the installed package", async () => {
  expect((await readFile("src/vendor/sha256.wasm")).equals(await cutSha256())).toBe(true);
});

/**
 * The tests of the index with one mutant in its place, that of MUTANT, in Node: they are pure, and start there in a
 * second. Nothing is written: the file's text is changed as it is loaded.
 */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";
import { PATIENCE_MS } from "../../test/support/patience.ts";
import { applied, IN_PLACE } from "./apply.ts";
import { MUTANTS } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const name = process.env["MUTANT"];

function mutating(): Plugin {
  const mutant = MUTANTS.find((mutant) => mutant.name === name);
  if (mutant === undefined) throw new Error(`no mutant is called ${name}`);
  return {
    name: "mutant",
    enforce: "pre",
    transform(text, id) {
      if (id !== ROOT + mutant.file) return null;
      const result = applied(text, mutant);
      if (!result.ok) throw new Error(result.reason);
      console.error(IN_PLACE);
      return { code: result.text, map: null };
    },
  };
}

export default defineConfig({
  root: ROOT,
  plugins: name === undefined ? [] : [mutating()],
  test: {
    include: ["test/rules/index/**/*.test.ts"],
    setupFiles: [fileURLToPath(new URL("fixed-seed.ts", import.meta.url))],
    testTimeout: PATIENCE_MS,
    // It would hand out what was loaded under another mutant, or none.
    fsModuleCache: false,
    // Of the same process, so that one that goes on for ever ends with it.
    pool: "threads",
    isolate: false,
    maxWorkers: 1,
    bail: 1,
  },
});

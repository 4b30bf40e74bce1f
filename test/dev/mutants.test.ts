import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { applied } from "../../dev/mutants/apply.ts";
import { MUTANTS } from "../../dev/mutants/mutants.ts";
import { ROOT } from "../../ops/subprocess.ts";
import { runScript } from "../support/command.ts";

/* Whether the tests kill them is what `npm run mutants` finds out. Here: that the list follows the code. */

const mutant = { name: "m", file: "f.ts", find: "a < b", replace: "a <= b" };

test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))("%s: still fits the code", (_, mutant) => {
  expect(applied(readFileSync(ROOT + mutant.file, "utf8"), mutant)).toMatchObject({ ok: true });
});

test("each has a name of its own", () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

test("a mutant changes one place and nothing else", () => {
  expect(applied("f(a < b);", mutant)).toEqual({ ok: true, text: "f(a <= b);" });
  expect(applied("x = 1;", { ...mutant, find: "1", replace: "'$&'" })).toEqual({
    ok: true,
    text: "x = '$&';",
  });
});

describe("does not fit", () => {
  test.each([
    ["a place that is gone", "f(b > a);", mutant],
    ["a place that is there twice", "f(a < b, a < b);", mutant],
    ["a change that changes nothing", "f(a < b);", { ...mutant, replace: "a < b" }],
    ["a change that leaves no TypeScript", "f(a < b);", { ...mutant, replace: "a <= b)" }],
  ])("%s", (_, text, mutant) => {
    expect(applied(text, mutant)).toMatchObject({ ok: false, reason: expect.stringMatching(/.{10,}/) });
  });
});

describe("npm run mutants", () => {
  test("refuses a text that no mutant has", async () => {
    const { ok, output } = await runScript("dev/mutants/command.ts", ["--only", "no such"]);
    expect(ok).toBe(false);
    expect(output).toContain('no mutant has "no such"');
  });
});

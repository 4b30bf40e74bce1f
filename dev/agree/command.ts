/**
 * `npm run agree`: random rules and events over the whole grammar, old and new semantics together, decided by the
 * evaluator and by every faster way. Exits 1 with the smallest case in which one says something else.
 */
import { parseArgs, styleText } from "node:util";
import { CannotRun, runCommand } from "../../ops/command.ts";
import { agree } from "./agree.ts";

const USAGE = "npm run agree -- [--pairs N] [--seed N]";
const PROGRESS_MS = 5_000;

await runCommand(async () => {
  const { pairs, seed } = readArguments();
  const began = performance.now();
  let next = began + PROGRESS_MS;
  const { disagreement, ...done } = agree({
    pairs,
    seed,
    progress(done) {
      if (performance.now() < next) return;
      next = performance.now() + PROGRESS_MS;
      console.error(`${counted(done)} pairs, ${seconds(began)} s`);
    },
  });
  const wide = `${counted(done.widePairs)} with wide fields or values, ${counted(done.matches)} true`;
  const run = `${counted(done.pairs)} rule–event pairs (${wide}), seed ${seed}, ${seconds(began)} s`;
  if (disagreement === null) {
    console.log(`${styleText("green", "✓")} all ways agree: ${run}`);
    return 0;
  }
  const { way, campaigns, event, expected, actual } = disagreement;
  console.log(`${styleText("red", "✗")} ${way} disagrees with the evaluator after ${run}`);
  console.log(JSON.stringify({ campaigns, event, expected, actual }, null, 2));
  return 1;
});

function counted(count: number): string {
  return count.toLocaleString("en");
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1_000);
}

/** @throws CannotRun when they are not as `USAGE` says */
function readArguments(): { pairs: number; seed: number } {
  const values = parse();
  const whole = (name: string, text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new CannotRun(`--${name} wants a whole number. ${USAGE}`);
    return Number(text);
  };
  return { pairs: whole("pairs", values.pairs), seed: whole("seed", values.seed) };
}

function parse() {
  try {
    return parseArgs({
      options: { pairs: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
    }).values;
  } catch (error) {
    throw new CannotRun(`${(error as Error).message} ${USAGE}`);
  }
}

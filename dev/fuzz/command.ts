/**
 * `npm run fuzz`: generated requests, good and bad, to every route of openapi.json, as every kind of caller, through
 * the real Workers. No answer may be a 5xx, depart from the published contract, or leak. See
 * docs/security/measurements.md.
 */
import { parseArgs, styleText } from "node:util";
import { CannotRun, runCommand } from "../../ops/command.ts";
import { describeFailure, describeRun } from "./report.ts";
import { fuzz } from "./run.ts";

const USAGE = "npm run fuzz -- [--requests N] [--seed N] [--first N]";

await runCommand(async () => {
  const { requests, seed, first } = readArguments();
  const began = performance.now();
  const run = await fuzz({
    requests,
    seed,
    first,
    real: Boolean(process.env["TEST_DATABASE_URL"]),
    progress: (done) => console.error(`${done} requests, ${seconds(began)} s`),
  });
  console.log(`${describeRun(run)}, seed ${seed}, ${seconds(began)} s`);
  for (const failure of run.failures)
    console.log(`\n${styleText("red", "✗")} ${describeFailure(failure, seed)}`);
  if (run.failures.length > 0) return 1;
  console.log(`${styleText("green", "✓")} no 5xx, no answer outside the contract, no leak`);
  return 0;
});

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1_000);
}

function readArguments(): { requests: number; seed: number; first: number } {
  const values = parse();
  const whole = (name: string, text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new CannotRun(`--${name} wants a whole number. ${USAGE}`);
    return Number(text);
  };
  return {
    requests: whole("requests", values.requests),
    seed: whole("seed", values.seed),
    first: whole("first", values.first),
  };
}

function parse() {
  try {
    return parseArgs({
      options: {
        requests: { type: "string", default: "20000" },
        seed: { type: "string", default: "1" },
        first: { type: "string", default: "1" },
      },
    }).values;
  } catch (error) {
    throw new CannotRun(`${(error as Error).message} ${USAGE}`);
  }
}

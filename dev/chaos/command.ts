/**
 * `npm run chaos`: uses the whole product while everything around it fails, then checks the record of the run for
 * events that were lost, doubled or decided wrongly. See docs/reliability.md.
 */
import { parseArgs, styleText } from "node:util";
import { CannotRun, runCommand } from "../../ops/command.ts";
import { stopSignal } from "../local/stop-signal.ts";
import { bundle } from "../workerd/bundle.ts";
import { describeRun, describeViolations } from "./report.ts";
import { runChaos } from "./run.ts";

const INTERRUPTED = 130;
const USAGE = "npm run chaos -- [--seed N] [--seeds N] [--events N]";

await runCommand(async () => {
  const { seed, seeds, events } = readArguments();
  const serverUrl = process.env["TEST_DATABASE_URL"] || process.env["DATABASE_URL"] || undefined;
  if (serverUrl === undefined) {
    console.error("No TEST_DATABASE_URL: on an embedded Postgres, where nothing runs at the same time.\n");
  }
  const [api, consumer] = await Promise.all([bundle("wrangler.toml"), bundle("wrangler.consumer.toml")]);
  const signal = stopSignal();
  let broken = 0;
  for (let next = seed; next < seed + seeds; next++) {
    const run = await runChaos({ seed: next, events, api, consumer, serverUrl, signal }).catch((error) => {
      if (signal.aborted) {
        console.error("Interrupted: the run's database is dropped.");
        process.exit(INTERRUPTED); // clients would go on, against nothing
      }
      throw error;
    });
    console.log(`${describeRun(run)}\n`);
    if (run.violations.length > 0) {
      broken += 1;
      console.log(`${describeViolations(run)}\n`);
    }
  }
  console.log(
    broken === 0
      ? `${styleText("green", "✓")} ${seeds} ${seeds === 1 ? "run" : "runs"}: nothing lost, nothing doubled, nothing wrong`
      : `${styleText("red", "✗")} ${broken} of ${seeds} runs broke a promise`,
  );
  return broken === 0 ? 0 : 1;
});

function readArguments(): { seed: number; seeds: number; events: number } {
  const { values } = parse();
  const whole = (name: string, text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new CannotRun(`--${name} wants a whole number. ${USAGE}`);
    return Number(text);
  };
  return {
    seed: whole("seed", values.seed),
    seeds: whole("seeds", values.seeds),
    events: whole("events", values.events),
  };
}

function parse() {
  try {
    return parseArgs({
      options: {
        seed: { type: "string", default: "1" },
        seeds: { type: "string", default: "1" },
        events: { type: "string", default: "5000" },
      },
    });
  } catch (error) {
    throw new CannotRun(`${(error as Error).message} ${USAGE}`);
  }
}

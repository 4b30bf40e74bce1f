/**
 * `npm run demo`: the main job, end to end, on real input. Starts the product, creates campaigns, posts real
 * events over HTTP twice, reads back what matched, and compares it with an independent count.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { CannotRun, runCommand } from "../../ops/command.ts";
import { signInHint } from "../local/hint.ts";
import { freePort } from "../local/port.ts";
import { type LocalStack, startLocal } from "../local/stack.ts";
import { aborted, stopSignal } from "../local/stop-signal.ts";
import { campaigns } from "./campaigns.ts";
import { readDeliveries } from "./deliveries.ts";
import { replay } from "./replay.ts";
import { isRight, printOutcome } from "./report.ts";
import { step } from "./step.ts";

const LAST_LINES = 40;
const INTERRUPTED = 130;

await runCommand(async () => {
  const { keep } = readArguments();
  const start = performance.now();
  const run = Date.now().toString(36);
  const databaseUrl = process.env["DATABASE_URL"] || undefined;
  const dataDir = mkdtempSync(join(tmpdir(), "campaign-manager-demo-"));
  const events = readDeliveries(`github-demo-${run}`);
  const stopped = stopSignal();
  const undo: (() => Promise<unknown>)[] = [];
  const said: string[] = [];
  let stack: LocalStack | undefined;

  console.log(
    `\n${styleText("bold", "Campaign Manager")}: ${events.length} real GitHub webhook deliveries\n`,
  );
  try {
    stack = await step("Start both Workers, the queue between them and a database", async () =>
      startLocal({
        port: await freePort(),
        databaseUrl,
        dataDir,
        fresh: false,
        // In a database that others use too, the demo has an account of its own.
        admin: { username: databaseUrl === undefined ? "admin" : `demo-${run}` },
        onLine: (line) => {
          said.push(line);
          if (said.length > LAST_LINES) said.shift();
        },
        signal: stopped,
      }),
    );
    const { url, admin } = stack;
    const outcome = await replay({ url, admin, campaigns, events, step, undo });
    printOutcome(outcome, events.length, (performance.now() - start) / 1000);
    if (keep) {
      console.log(`\n${signInHint(stack)}\n  ${styleText("dim", "Ctrl-C stops everything.")}\n`);
      undo.length = 0;
      await Promise.race([stack.ended, aborted(stopped)]);
    } else {
      console.log(`  Look around in it: ${styleText("bold", "npm run demo -- --keep")}\n`);
    }
    return isRight(outcome) ? 0 : 1;
  } catch (error) {
    if (stopped.aborted) return INTERRUPTED;
    if (!(error instanceof CannotRun)) console.error(`${said.join("\n")}\n`);
    throw error;
  } finally {
    if (databaseUrl !== undefined) await undoAll(undo);
    await stack?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

function readArguments(): { keep: boolean } {
  try {
    const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
    return { keep: values.keep };
  } catch (error) {
    throw new CannotRun(`${(error as Error).message} The only option is --keep.`);
  }
}

/** Newest first. */
async function undoAll(undo: (() => Promise<unknown>)[]): Promise<void> {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) {
    await last().catch((error: Error) => console.error(`  Left behind in the database: ${error.message}`));
  }
}

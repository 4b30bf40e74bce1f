import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Outcome, Trial } from "./trial.ts";

const HEAP_MB = 8_192;
const PROGRAM = fileURLToPath(new URL("./trial-process.ts", import.meta.url));

/** Runs a trial in a process of its own. Rejects when its code throws; running out of memory is an outcome. */
export function runIsolated(trial: Trial): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, {
      execArgv: ["--expose-gc", `--max-old-space-size=${HEAP_MB}`],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "advanced",
    });
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-10_000);
    });
    child.once("message", (outcome: Outcome) => resolve(outcome));
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (/heap out of memory|heap limit/.test(errors)) {
        resolve({ kind: "left out", why: `needs more than ${HEAP_MB} MB of heap` });
      } else if (code !== 0) {
        reject(new Error(`${trial.engine} on ${trial.case}, n=${trial.n}: ${signal ?? code}\n${errors}`));
      }
    });
    child.send(trial);
  });
}

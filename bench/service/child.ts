import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pin } from "./cores.ts";

const START_MS_MAX = 60_000;

/** A part of a benchmark in a process of its own. */
export interface Child {
  readonly pid: number;
  /** Where it listens, on this machine. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Runs a script of this folder's neighbours in a Node process of its own. The script says `process.send({ port })`
 * when it listens, and ends when it is disconnected: nothing outlives the benchmark.
 */
export async function startChild(
  script: URL,
  args: readonly string[],
  cores: string | undefined,
  execArgv: readonly string[] = [],
): Promise<Child> {
  const child = fork(fileURLToPath(script), [...args], {
    execArgv: ["--no-warnings", ...execArgv],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.disconnect();
    const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(late);
  };
  try {
    const port = await portOf(child);
    const pid = child.pid ?? 0;
    pin(pid, cores);
    return { pid, port, stop };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`silent for ${START_MS_MAX} ms`)), START_MS_MAX);
    child.once("message", (message) => {
      clearTimeout(late);
      resolve((message as { port: number }).port);
    });
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`${child.spawnfile} ended with ${code} before it listened`));
    });
  });
}

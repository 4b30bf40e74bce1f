import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** The cores of the process that is measured, which has them alone, and the cores of everything else. */
export interface Cores {
  readonly measured: string;
  readonly others: string;
}

/**
 * Two sets of cores, so that neither the load nor the stand-ins for the platform take time from what is measured.
 * Undefined where processes cannot be pinned (one core, or no Linux): everything then shares the machine.
 */
export function splitCores(): Cores | undefined {
  const cores = availableParallelism();
  if (process.platform !== "linux" || cores < 2) return undefined;
  try {
    pin(process.pid, `0-${cores - 1}`);
    return { measured: "0", others: `1-${cores - 1}` };
  } catch {
    return undefined;
  }
}

/** Keeps a process, with all its threads, on these cores; a thread it starts later stays there too. */
export function pin(pid: number, cores: string | undefined): void {
  if (cores !== undefined)
    execFileSync("taskset", ["-a", "-c", "-p", cores, String(pid)], { stdio: "ignore" });
}

import { readdirSync, readFileSync } from "node:fs";

/**
 * Milliseconds of processor time that the threads of a process have used, those that have ended not included; NaN
 * on systems without Linux's /proc.
 */
export function processorMs(pid: number): number {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [used] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
      nanoseconds += Number(used);
    }
    return nanoseconds / 1e6;
  } catch {
    return Number.NaN;
  }
}

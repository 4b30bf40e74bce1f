import { readFileSync } from "node:fs";

/**
 * Microseconds of processor time that the main thread of a process has used, where JavaScript runs. On systems
 * without Linux's /proc it is the time of day, which also holds what other programs take.
 */
export function threadMicroseconds(pid: number): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
    return Number(nanoseconds) / 1e3;
  } catch {
    return performance.now() * 1e3;
  }
}

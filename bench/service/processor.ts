import { readFileSync } from "node:fs";

/** What `clock ticks` means in /proc: USER_HZ, 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** Milliseconds of processor time that a process has used, on all its threads; NaN where there is no /proc. */
export function processorMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses and may hold anything; utime and stime are the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}

/**
 * Milliseconds of this thread's own processor time, so that what else the machine does is not in it: the least of
 * `rounds`, so that neither is a garbage collection. Only Node.js has such a clock: a Worker's stands still while it
 * computes.
 */
export function processorMs(work: () => void, rounds = 1): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1e3);
  }
  return least;
}

import { percentiles } from "../matching/measured.ts";

export interface Timed {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

/** Does a thing again and again, so many at once, each beginning when the one before has ended. */
export async function timeMany(
  count: number,
  atOnce: number,
  work: (number: number) => Promise<void>,
): Promise<Timed> {
  const latencies = new Float64Array(count);
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let number = next++; number < count; number = next++) {
        const start = performance.now();
        await work(number);
        latencies[number] = performance.now() - start;
      }
    }),
  );
  const perSecond = (count * 1_000) / (performance.now() - began);
  const { median, p99 } = percentiles(latencies);
  return { perSecond, p50: median, p99, count };
}

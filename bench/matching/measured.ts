/** One figure of a trial; the benchmark adds which trial it was. */
export interface Metric {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

/** Median and 99th percentile of the samples. */
export function percentiles(samples: Float64Array): { readonly median: number; readonly p99: number } {
  const sorted = samples.toSorted();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p99: at(0.99) };
}

/**
 * The exponent k of cost = c · n^k, fitted by least squares on logarithms: 1 is a scan, 0 a cost that does not grow.
 */
export function fittedExponent(points: readonly { readonly n: number; readonly cost: number }[]): number {
  const xs = points.map(({ n }) => Math.log(n));
  const ys = points.map(({ cost }) => Math.log(cost));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  let covariance = 0;
  let variance = 0;
  for (const [i, x] of xs.entries()) {
    covariance += (x - meanX) * ((ys[i] ?? meanY) - meanY);
    variance += (x - meanX) ** 2;
  }
  return covariance / variance;
}

/** Statistics that tell whether two samples of times differ, and how certain that is. */

/** The value below which the share `q` of the samples lies: the nearest rank. NaN of none. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * Kolmogorov–Smirnov for two samples: the largest distance between their distribution functions, and the one that two
 * samples of the same distribution exceed once in a hundred times.
 */
export function kolmogorovSmirnov(
  a: readonly number[],
  b: readonly number[],
): { readonly distance: number; readonly critical: number } {
  const values = [...a, ...b].toSorted((x, y) => x - y);
  const share = (sorted: Float64Array, value: number) => countUpTo(sorted, value) / sorted.length;
  const [first, second] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  const distance = Math.max(
    0,
    ...values.map((value) => Math.abs(share(first, value) - share(second, value))),
  );
  return { distance, critical: 1.628 * Math.sqrt((a.length + b.length) / (a.length * b.length)) };
}

/**
 * How well the best threshold-free distinguisher does: the chance that a random sample of `b` is greater than one of
 * `a`, ties counting half (the area under the ROC curve), with its 99 % confidence interval after Hanley and McNeil
 * (1982). 0.5 is guessing.
 */
export function distinguisher(
  a: readonly number[],
  b: readonly number[],
): { readonly area: number; readonly low: number; readonly high: number } {
  const sorted = Float64Array.from(a).sort();
  const area =
    b.reduce((sum, value) => sum + (countUpTo(sorted, value) + countBelow(sorted, value)) / 2, 0) /
    (a.length * b.length);
  const q1 = area / (2 - area);
  const q2 = (2 * area ** 2) / (1 + area);
  const variance =
    (area * (1 - area) + (b.length - 1) * (q1 - area ** 2) + (a.length - 1) * (q2 - area ** 2)) /
    (a.length * b.length);
  const margin = 2.576 * Math.sqrt(variance);
  return { area, low: area - margin, high: area + margin };
}

const countUpTo = (sorted: Float64Array, value: number) => firstIndex(sorted, (x) => x > value);
const countBelow = (sorted: Float64Array, value: number) => firstIndex(sorted, (x) => x >= value);

/** The first index whose value satisfies what all later ones do, by halving. */
function firstIndex(sorted: Float64Array, satisfies: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (satisfies(sorted[middle] ?? Number.NaN)) high = middle;
    else low = middle + 1;
  }
  return low;
}

import { type Benchmark, type Figure, note, RUNTIMES, type Runtime, type Selection } from "../figures.ts";
import { disagreements, type Witness } from "./agreement.ts";
import { CLOSURES, ENGINES, isLibrary, OURS } from "./engines.ts";
import { runIsolated } from "./isolated.ts";
import { fittedExponent, type Metric } from "./measured.ts";
import { EVENT_MS_MAX, type Outcome } from "./trial.ts";
import { runInWorkerd } from "./workerd/trial.ts";
import { CASES, type CaseName } from "./workloads/index.ts";

const SIZES = [10, 100, 1_000, 10_000, 100_000, 300_000, 1_000_000];

/** The exponent is fitted over these sizes: below them, what does not depend on n hides it. */
const FITTED_FROM = 1_000;

type Emit = (figure: Figure) => void;

/** µs per event of each engine at each size of one case. */
type Costs = Map<string, { n: number; cost: number }[]>;

export const matching: Benchmark = {
  summary: "µs per event against the number of campaigns, with peers, match sets compared",
  cases: CASES,
  engines: ENGINES.map(({ name }) => name),
  runtimes: RUNTIMES,
  async run(selection, emit) {
    let agreed = true;
    for (const name of CASES) {
      if (selection.cases?.includes(name) === false) continue;
      agreed = (await runCase(name, selection, emit)) && agreed;
    }
    return agreed;
  },
};

async function runCase(name: CaseName, selection: Selection, emit: Emit): Promise<boolean> {
  const costs: Costs = new Map();
  let agreed = true;
  for (const n of (selection.sizes ?? SIZES).toSorted((a, b) => a - b)) {
    const figure = (engine: string, metric: Metric): Figure => ({
      bench: "matching",
      case: name,
      n,
      engine,
      runtime: selection.runtime,
      ...metric,
    });
    const witnesses: Witness[] = [];
    let engines = 0;
    for (const { name: engine } of ENGINES) {
      if (selection.engines?.includes(engine) === false) continue;
      const outcome = await attempt(name, n, engine, selection.runtime, costs);
      if (outcome.kind === "left out") {
        note(`${name} n=${n} ${engine}: left out, ${outcome.why}`);
        continue;
      }
      for (const metric of outcome.metrics) emit(figure(engine, metric));
      witnesses.push(...outcome.witnesses);
      engines++;
      const cost = outcome.metrics.find(({ metric }) => metric === "event_mean")?.value;
      if (cost !== undefined) costs.set(engine, [...(costs.get(engine) ?? []), { n, cost }]);
    }
    for (const metric of speedups(costs, n)) emit(figure(OURS, metric));
    agreed = reportAgreement(`${name} n=${n}`, engines, witnesses) && agreed;
  }
  for (const [engine, points] of costs) emitTrend(name, engine, points, selection, emit);
  return agreed;
}

/** A scan's cost is proportional to n, so an engine that was slow at a smaller size is not built at this one. */
async function attempt(
  name: CaseName,
  n: number,
  engine: string,
  runtime: Runtime,
  costs: Costs,
): Promise<Outcome> {
  const last = costs.get(engine)?.at(-1);
  if (engine !== OURS && last !== undefined) {
    const expectedMs = (last.cost / 1e3) * (n / last.n);
    if (expectedMs > EVENT_MS_MAX) {
      return { kind: "left out", why: `one event would take about ${Math.round(expectedMs)} ms` };
    }
  }
  note(`${name} n=${n} ${engine} …`);
  const trial = { case: name, n, engine };
  return runtime === "node" ? runIsolated(trial) : runInWorkerd(trial);
}

function speedups(costs: Costs, n: number): Metric[] {
  const costOf = (engine: string) => costs.get(engine)?.find((point) => point.n === n)?.cost;
  const ours = costOf(OURS);
  if (ours === undefined) return [];
  const metrics: Metric[] = [];
  const closures = costOf(CLOSURES);
  if (closures !== undefined) {
    metrics.push({ metric: "speedup_vs_closures", value: closures / ours, unit: "x" });
  }
  const libraries = [...costs.keys()].filter(isLibrary).flatMap((engine) => costOf(engine) ?? []);
  if (libraries.length > 0) {
    metrics.push({ metric: "speedup_vs_best_library", value: Math.min(...libraries) / ours, unit: "x" });
  }
  return metrics;
}

/** How the cost grows from 1,000 campaigns to the largest size that was measured; that size is the figure's n. */
function emitTrend(
  name: CaseName,
  engine: string,
  points: readonly { n: number; cost: number }[],
  { runtime }: Selection,
  emit: Emit,
): void {
  const fitted = points.filter(({ n }) => n >= FITTED_FROM);
  const [first, last] = [fitted[0], fitted.at(-1)];
  if (first === undefined || last === undefined || first === last) return;
  const figure = { bench: "matching", case: name, n: last.n, engine, runtime };
  emit({ ...figure, metric: `fitted_exponent_from_${first.n}`, value: fittedExponent(fitted), unit: "" });
  emit({ ...figure, metric: `cost_ratio_to_${first.n}`, value: last.cost / first.cost, unit: "x" });
}

function reportAgreement(trial: string, engines: number, witnesses: readonly Witness[]): boolean {
  const differences = disagreements(witnesses);
  for (const line of differences) note(`${trial}: MATCH SETS DIFFER, ${line}`);
  if (engines < 2) note(`${trial}: no two engines, so match sets are compared with no other's`);
  else if (differences.length === 0)
    note(`${trial}: ${engines} engines match the same campaigns, ${extent(witnesses)}`);
  return differences.length === 0;
}

/** How much was compared: a slow engine answers few events, and an event that matches nothing proves little. */
function extent(witnesses: readonly Witness[]): string {
  const built = witnesses.filter(({ rules }) => rules === "as built");
  return built
    .map(({ name, digests }) => {
      const matches = digests.reduce((sum, [count]) => sum + count, 0);
      return `${name} on ${digests.length} events with ${matches} matches`;
    })
    .join(", ");
}

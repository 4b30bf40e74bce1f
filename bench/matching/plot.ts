/**
 * Draws the benchmark's own figures: `node bench/matching/plot.ts [--case W3] [--runtime node] FILE > plot.svg`.
 * FILE holds what `npm run bench -- matching` printed; other lines in it, such as npm's own, are passed over.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Figure, note } from "../figures.ts";
import { drawChart, type Series } from "./chart.ts";
import { OURS } from "./engines.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    case: { type: "string", default: "W3" },
    runtime: { type: "string", default: "node" },
  },
});
const [file] = positionals;

const series = file === undefined ? [] : seriesOf(readFileSync(file, "utf8"), values.case, values.runtime);
if (series.length === 0) {
  note(
    file === undefined
      ? "Which file of figures?"
      : `${file} has no event_mean of ${values.case} in ${values.runtime}.`,
  );
  process.exitCode = 2;
} else {
  process.stdout.write(
    drawChart({
      title: "Time to match one event against all active campaigns",
      subtitle: `workload ${values.case}, one thread of ${values.runtime === "node" ? "Node.js" : values.runtime}, event parsed beforehand, mean processor time`,
      ours: OURS,
      series,
    }),
  );
}

/** The last figure counts where a file holds several runs of the same trial. */
function seriesOf(lines: string, name: string, runtime: string): Series[] {
  const costs = new Map<string, Map<number, number>>();
  for (const line of lines.split("\n")) {
    if (!line.startsWith("{")) continue;
    const figure = JSON.parse(line) as Figure;
    if (figure.bench !== "matching" || figure.case !== name || figure.runtime !== runtime) continue;
    if (figure.metric !== "event_mean") continue;
    const points = costs.get(figure.engine) ?? new Map<number, number>();
    costs.set(figure.engine, points.set(figure.n, figure.value));
  }
  return [...costs].map(([engine, points]) => ({
    name: engine,
    points: [...points].map(([n, cost]) => ({ n, cost })).sort((a, b) => a.n - b.n),
  }));
}

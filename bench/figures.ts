/** One measured figure; its JSON is one line of a benchmark's standard output. */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  /** Size of the case: for `matching` the number of campaigns. */
  readonly n: number;
  readonly engine: string;
  readonly runtime: Runtime;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

export const RUNTIMES = ["node", "workerd"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** What a benchmark was asked to do. An absent list means "all of them". */
export interface Selection {
  readonly cases?: readonly string[];
  readonly sizes?: readonly number[];
  readonly engines?: readonly string[];
  readonly runtime: Runtime;
}

export interface Benchmark {
  readonly summary: string;
  /** Names `--case` and `--engine` accept, and where it can run: checked before anything is measured. */
  readonly cases: readonly string[];
  readonly engines: readonly string[];
  readonly runtimes: readonly Runtime[];
  /** Runs the selection, handing each figure to `emit`. False when a check that comes with it failed. */
  run(selection: Selection, emit: (figure: Figure) => void): Promise<boolean>;
}

/** Keeps four significant digits: more would be noise, and makes the lines hard to read. */
export function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}

/** The median; of an even number of values the higher of the two. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Everything that is not a figure goes here: stdout carries figures only. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

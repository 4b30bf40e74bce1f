/**
 * `npm run bench -- NAME [--case W1] [--n 1000,10000] [--engine name] [--runtime node|workerd]`
 *
 * stdout: one JSON line per figure (see figures.ts). stderr: progress and remarks.
 * Exit code: 0, 1 when a check failed while measuring, 2 when the command line is not understood.
 */
import { parseArgs } from "node:util";
import { consumer } from "./consumer/benchmark.ts";
import { type Benchmark, type Figure, note, RUNTIMES, rounded, type Selection } from "./figures.ts";
import { ingest } from "./ingest/benchmark.ts";
import { loginLoad } from "./login/load.ts";
import { loginTiming } from "./login/timing.ts";
import { matching } from "./matching/benchmark.ts";
import { read } from "./read/benchmark.ts";
import { startup } from "./startup/benchmark.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  matching,
  ingest,
  consumer,
  read,
  startup,
  "login-timing": loginTiming,
  "login-load": loginLoad,
};

type Command =
  | { readonly benchmark: Benchmark; readonly selection: Selection }
  | { readonly refused: string };

function parseCommand(args: readonly string[]): Command {
  let parsed: ReturnType<typeof parseFlags>;
  try {
    parsed = parseFlags(args);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
  const [name, ...rest] = parsed.positionals;
  if (name === undefined) return { refused: "Which benchmark?" };
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (benchmark === undefined) return { refused: `There is no benchmark "${name}".` };
  if (rest.length > 0) return { refused: `One benchmark at a time; "${rest.join(" ")}" is too much.` };

  const { values } = parsed;
  const cases = list(values.case);
  const engines = list(values.engine);
  const unknown =
    firstUnknown("case", cases, benchmark.cases) ?? firstUnknown("engine", engines, benchmark.engines);
  if (unknown !== undefined) return { refused: unknown };
  const runtime = RUNTIMES.find((known) => known === (values.runtime ?? benchmark.runtimes[0]));
  if (runtime === undefined || !benchmark.runtimes.includes(runtime)) {
    return { refused: `--runtime is one of ${benchmark.runtimes.join(", ")}.` };
  }
  const sizes = list(values.n)?.map(Number);
  if (sizes?.some((size) => !Number.isInteger(size) || size < 1)) {
    return { refused: "--n takes whole numbers from 1 up, separated by commas." };
  }
  return {
    benchmark,
    selection: { runtime, ...(cases && { cases }), ...(engines && { engines }), ...(sizes && { sizes }) },
  };
}

function parseFlags(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      case: { type: "string", multiple: true },
      n: { type: "string", multiple: true },
      engine: { type: "string", multiple: true },
      runtime: { type: "string" },
    },
  });
}

function list(values: readonly string[] | undefined): string[] | undefined {
  return values?.flatMap((value) => value.split(",")).map((value) => value.trim());
}

function firstUnknown(flag: string, given: readonly string[] | undefined, known: readonly string[]) {
  const unknown = given?.find((name) => !known.includes(name));
  return unknown === undefined ? undefined : `--${flag} "${unknown}" is not one of ${known.join(", ")}.`;
}

function usage(): string {
  const names = Object.entries(BENCHMARKS).map(
    ([name, { summary, cases, engines, runtimes }]) =>
      `  ${name}: ${summary}\n    cases:    ${cases.join(" ")}\n    engines:  ${engines.join(" ")}\n    runtimes: ${runtimes.join(" ")}`,
  );
  return `Usage: npm run bench -- NAME [--case A,B] [--n 1000,10000] [--engine A,B] [--runtime ${RUNTIMES.join("|")}]\n\n${names.join("\n")}`;
}

function print(figure: Figure): void {
  process.stdout.write(`${JSON.stringify({ ...figure, value: rounded(figure.value) })}\n`);
}

const command = parseCommand(process.argv.slice(2));
if ("refused" in command) {
  note(`${command.refused}\n\n${usage()}`);
  process.exitCode = 2;
} else {
  process.exitCode = (await command.benchmark.run(command.selection, print)) ? 0 : 1;
}

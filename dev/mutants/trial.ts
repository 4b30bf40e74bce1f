import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../ops/subprocess.ts";
import { IN_PLACE } from "./apply.ts";
import type { Mutant } from "./mutant.ts";

/** What the tests say of the index with a mutant in it. */
export type Verdict =
  | { readonly kind: "passed" }
  /** `by`: the first test that failed. */
  | { readonly kind: "failed"; readonly by: string }
  | { readonly kind: "endless" };

interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/**
 * Runs the tests of the index with a mutant, or as it is.
 *
 * @param patience milliseconds after which it is taken to go on for ever
 * @throws Error when no test was run, or none loaded the mutant
 */
export function testWith(mutant: Mutant | null, patience = 0): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "mutant-"));
  const file = join(folder, "report.json");
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "dev/mutants/vitest.config.ts"];
  const options = {
    cwd: ROOT,
    env: { ...process.env, ...(mutant !== null && { MUTANT: mutant.name }) },
    timeout: patience,
    killSignal: "SIGKILL",
    maxBuffer: 64 * 1024 * 1024,
  } as const;
  return new Promise<Verdict>((resolve, reject) => {
    const args = [...vitest, "--reporter=json", `--outputFile=${file}`];
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (mutant !== null && !stderr.includes(IN_PLACE)) {
        reject(new Error(`no test loaded the mutant "${mutant.name}":\n${stderr}`));
        return;
      }
      const report = error?.killed ? null : reportIn(file);
      if (error?.killed) resolve({ kind: "endless" });
      else if (report === null) reject(new Error(`no test was run:\n${stdout}${stderr}`));
      else resolve(verdictOf(report));
    });
  }).finally(() => rmSync(folder, { recursive: true }));
}

function reportIn(file: string): Report | null {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as Report;
    return report.testResults.length > 0 ? report : null;
  } catch {
    return null;
  }
}

function verdictOf({ success, testResults }: Report): Verdict {
  for (const { name, status, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed");
    const file = name.slice(ROOT.length);
    if (failed !== undefined) return { kind: "failed", by: `${file}: ${failed.fullName}` };
    if (status === "failed") return { kind: "failed", by: file };
  }
  if (success) return { kind: "passed" };
  throw new Error("a run that failed without a test that did");
}

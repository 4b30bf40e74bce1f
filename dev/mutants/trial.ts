import { execFile } from "node:child_process";
import { ROOT } from "../../ops/subprocess.ts";
import type { Mutant } from "./mutant.ts";

/** What the tests say of the index with a mutant in it. */
export type Verdict =
  | { readonly kind: "passed" }
  /** `by`: the first test that failed. */
  | { readonly kind: "failed"; readonly by: string }
  | { readonly kind: "endless" };

/** All tests take 10 to 20 seconds. A mutant that takes this long goes round in circles. */
const ENDLESS_MS = 180_000;

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
 * @throws Error when no test was run
 */
export function testWith(mutant: Mutant | null): Promise<Verdict> {
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", "dev/mutants/vitest.config.ts"];
  const env = { ...process.env, ...(mutant !== null && { MUTANT: mutant.name }) };
  const options = {
    cwd: ROOT,
    env,
    timeout: ENDLESS_MS,
    killSignal: "SIGKILL",
    maxBuffer: 64 * 1024 * 1024,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args, "--reporter=json"], options, (error, stdout, stderr) => {
      if (error?.killed) resolve({ kind: "endless" });
      else {
        const report = reportIn(stdout);
        if (report === null) reject(new Error(`no test was run:\n${stdout}${stderr}`));
        else resolve(verdictOf(report));
      }
    });
  });
}

function reportIn(text: string): Report | null {
  try {
    const report = JSON.parse(text) as Report;
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
  return success ? { kind: "passed" } : { kind: "failed", by: "" };
}

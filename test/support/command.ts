import { type CheckResult, run } from "../../ops/subprocess.ts";

/** Runs a command of the project, such as `ops/audit/verify.ts`, to its end. */
export function runScript(
  script: string,
  args: readonly string[],
  env: { readonly [name: string]: string } = {},
): Promise<CheckResult> {
  return run(process.execPath, [script, ...args], { NO_COLOR: "1", ...env });
}

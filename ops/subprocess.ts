import { execFile } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

export const ROOT = fileURLToPath(new URL("../", import.meta.url));

export interface CheckResult {
  readonly ok: boolean;
  /** What the tool said on both streams, without its colours. */
  readonly output: string;
}

/** Runs a tool of this project in its root; `command` is looked up in node_modules/.bin first. */
export function run(
  command: string,
  args: readonly string[],
  env: { readonly [name: string]: string } = {},
): Promise<CheckResult> {
  const path = `${ROOT}node_modules/.bin${delimiter}${process.env["PATH"] ?? ""}`;
  const options = { cwd: ROOT, env: { ...process.env, ...env, PATH: path }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const failure = error !== null && stdout + stderr === "" ? error.message : "";
      const output = stripVTControlCharacters(`${stdout}${stderr}${failure}`).trim();
      resolve({ ok: error === null, output });
    });
    child.stdin?.end();
  });
}

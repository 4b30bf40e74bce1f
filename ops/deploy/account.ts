/** What is in the Cloudflare account, asked and changed through wrangler. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckResult, run } from "../subprocess.ts";

/** What wrangler says of a Worker that the account does not have. */
const NO_SUCH_WORKER = /Worker "[^"]+" not found/;

export const wrangler = (...args: string[]): Promise<CheckResult> =>
  run("wrangler", args, {
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
  });

export type SecretNames =
  | { readonly ok: true; readonly exists: boolean; readonly names: readonly string[] }
  /** What wrangler said. */
  | { readonly ok: false; readonly error: string };

/** Names of the secrets that a deployed Worker has; none when it was never deployed. */
export async function secretNames(file: string): Promise<SecretNames> {
  const { ok, output } = await wrangler("secret", "list", "-c", file, "--format", "json");
  if (!ok) {
    return NO_SUCH_WORKER.test(output)
      ? { ok: true, exists: false, names: [] }
      : { ok: false, error: output };
  }
  const listed = JSON.parse(output.slice(output.indexOf("["))) as { name: string }[];
  return { ok: true, exists: true, names: listed.map(({ name }) => name) };
}

export async function queueExists(queue: string): Promise<boolean> {
  return (await wrangler("queues", "info", queue)).ok;
}

/** Makes a queue keep a message so many seconds until it is consumed; its other settings stay. */
export const keepMessages = (queue: string, seconds: number): Promise<CheckResult> =>
  wrangler("queues", "update", queue, "--message-retention-period-secs", String(seconds));

/** Deploys a Worker together with these secrets; those it has already and that are not named stay. */
export async function deployWorker(
  file: string,
  secrets: { readonly [name: string]: string },
): Promise<CheckResult> {
  if (Object.keys(secrets).length === 0) return wrangler("deploy", "-c", file);
  const folder = mkdtempSync(join(tmpdir(), "secrets-")); // of this user alone
  try {
    const path = join(folder, "secrets.json");
    writeFileSync(path, JSON.stringify(secrets), { mode: 0o600 });
    return await wrangler("deploy", "-c", file, "--secrets-file", path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

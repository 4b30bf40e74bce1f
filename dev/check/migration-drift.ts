import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type CheckResult, ROOT, run } from "../../ops/subprocess.ts";

/** The one output of drizzle-kit that can be relied on: it exits 0 even when it stopped to ask a question. */
const NO_DRIFT = "No schema changes";

/**
 * Whether a migration exists for everything in the schema: asks drizzle-kit for the next one, in a copy of
 * the folder, and expects that there is none.
 * @param schema the file of drizzle tables, from the project's root
 */
export async function migrationDrift(schema = "src/storage/core/schema.ts"): Promise<CheckResult> {
  const history = await run("drizzle-kit", ["check", "--dialect", "postgresql", "--out", "migrations"]);
  if (!history.ok) return history;
  const copy = mkdtempSync(join(tmpdir(), "migrations-"));
  try {
    cpSync(join(ROOT, "migrations"), copy, { recursive: true });
    // drizzle-kit puts "./" before whatever path it is given.
    const out = relative(ROOT, copy);
    const next = await run("drizzle-kit", [
      "generate",
      "--dialect",
      "postgresql",
      "--schema",
      schema,
      "--out",
      out,
    ]);
    const ok = next.output.includes(NO_DRIFT);
    return {
      ok,
      output: ok ? "" : `${next.output}\nThe schema has no migration yet: run npm run db:generate.`,
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

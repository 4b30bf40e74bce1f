/**
 * A migrated embedded database in half a second instead of five: the data folder of the first one is kept under
 * `node_modules/.cache`, named after all it depends on, and later ones start from a copy.
 */
import { createHash, randomUUID } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readMigrations } from "../../ops/database/journal.ts";
import { migratePglite } from "../../ops/database/migrations.ts";
import { openPglite, type PgliteBackend } from "../../ops/database/neon-endpoint/pglite.ts";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/migrated-pglite", import.meta.url));

/** An embedded database in memory with the project's migrations applied and nothing else in it. */
export async function openMigratedPglite(): Promise<PgliteBackend> {
  const path = join(CACHE, `${await cacheKey()}.tar`);
  if (!(await exists(path))) await writeTemplate(path);
  return openPglite({ loadDataDir: new Blob([await readFile(path)]) });
}

async function cacheKey(): Promise<string> {
  const migrations = readMigrations();
  const pglite = dirname(createRequire(import.meta.url).resolve("@electric-sql/pglite"));
  const { version } = JSON.parse(await readFile(join(pglite, "../package.json"), "utf8")) as {
    version: string;
  };
  return createHash("sha256")
    .update(JSON.stringify([version, migrations.map(({ when, hash }) => [when, hash])]))
    .digest("hex");
}

/** Several test workers may do this at once: each writes a file of its own, and the last to finish names it. */
async function writeTemplate(path: string): Promise<void> {
  const backend = await openPglite();
  await migratePglite(backend.database);
  const dump = await backend.dumpDataDir();
  await backend.close();

  await mkdir(CACHE, { recursive: true });
  const outdated = await readdir(CACHE);
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, Buffer.from(await dump.arrayBuffer()));
  await rename(draft, path);
  for (const name of outdated)
    if (name.endsWith(".tar") && join(CACHE, name) !== path) await rm(join(CACHE, name), { force: true });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

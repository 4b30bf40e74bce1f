/** The migrations of the project, as drizzle-kit writes them, and how they compare with a database. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import * as z from "zod";

export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));

export interface Migration {
  /** Name of the file without its ending: `0000_tables`. */
  readonly tag: string;
  /** When it was generated, in milliseconds; drizzle's key for it. */
  readonly when: number;
  /** Of the file, as drizzle's migrator records it. */
  readonly hash: string;
  readonly statements: readonly string[];
}

/** A row of `drizzle.__drizzle_migrations`, in the order of application. */
export interface AppliedMigration {
  readonly when: number;
  readonly hash: string;
}

const journalSchema = z.object({ entries: z.array(z.object({ tag: z.string() })) });

/**
 * Reads `meta/_journal.json` and the files it names.
 * @throws Error when one is missing
 */
export function readMigrations(folder: string = MIGRATIONS_FOLDER): Migration[] {
  const { entries } = journalSchema.parse(JSON.parse(readFileSync(`${folder}/meta/_journal.json`, "utf8")));
  return readMigrationFiles({ migrationsFolder: folder }).map(({ hash, folderMillis, sql }, index) => ({
    tag: entries[index]?.tag ?? "",
    when: folderMillis,
    hash,
    statements: sql,
  }));
}

export type Pending =
  | { readonly ok: true; readonly migrations: readonly Migration[] }
  | { readonly ok: false; readonly reason: string };

/**
 * What is still to apply. Refuses unless the database holds exactly the first migrations of the journal, unchanged:
 * drizzle's own migrator compares the newest date alone, and skips in silence what was generated before it.
 */
export function pendingMigrations(
  journal: readonly Migration[],
  applied: readonly AppliedMigration[],
): Pending {
  for (const [index, { tag, when }] of journal.entries()) {
    const previous = journal[index - 1];
    if (previous !== undefined && when <= previous.when) {
      return differs(`${tag} is dated before ${previous.tag}, which it follows: generate it again`);
    }
  }
  for (const [index, { when, hash }] of applied.entries()) {
    const expected = journal[index];
    if (expected === undefined) {
      return differs(`the database has ${applied.length} migrations, the journal only ${journal.length}`);
    }
    if (when !== expected.when) {
      return differs(`in the place of ${expected.tag} the database has another, of ${isoTime(when)}`);
    }
    if (hash !== expected.hash) return differs(`${expected.tag} was changed after it was applied`);
  }
  return { ok: true, migrations: journal.slice(applied.length) };
}

function differs(reason: string): Pending {
  return { ok: false, reason: `journal and database differ: ${reason}` };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

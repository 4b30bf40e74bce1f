/**
 * The Workers' wrangler files for a run on this machine: those of production, each in a folder of its own with the
 * values of its Worker beside it. wrangler would give the values of its environment to every Worker alike.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unwatchFile,
  watchFile,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "smol-toml";
import * as z from "zod";

/** The wrangler files that are deployed, relative to the project. The first Worker answers HTTP. */
export const SOURCES = { api: "wrangler.toml", consumer: "wrangler.consumer.toml" } as const;
export type LocalWorker = keyof typeof SOURCES;
export const LOCAL_WORKERS = Object.keys(SOURCES) as LocalWorker[];

/** Values of variables and secrets, by name. */
export type Values = Readonly<Record<string, string>>;

export interface WorkerConfig {
  /** Of the file that wrangler is given. */
  readonly path: string;
  /** The Worker's. */
  readonly name: string;
  /** When its scheduled handler runs. */
  readonly crons: readonly string[];
}

/** What is read or changed here; the rest of a file is passed on as it is. */
const config = z.looseObject({
  name: z.string(),
  main: z.string(),
  assets: z.looseObject({ directory: z.string() }).optional(),
  triggers: z.looseObject({ crons: z.array(z.string()).default([]) }).optional(),
});

const SOURCE_CHECK_MS = 500;

/**
 * Writes the file of one Worker, with paths that hold from any folder, and its values where only this user reads them.
 * @param folder made when missing
 * @throws Error when the source is not a wrangler file
 */
export function writeWorkerConfig(
  root: string,
  source: string,
  folder: string,
  values: Values,
): WorkerConfig {
  const read = config.parse(parse(readFileSync(join(root, source), "utf8")));
  const { main, assets } = read;
  const written = {
    ...read,
    main: resolve(root, main),
    ...(assets !== undefined && { assets: { ...assets, directory: resolve(root, assets.directory) } }),
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // First: wrangler reads them again when the configuration changes.
  replace(join(folder, ".dev.vars"), dotenv(values));
  const path = join(folder, "wrangler.json");
  replace(path, JSON.stringify(written, undefined, 2));
  return { path, name: read.name, crons: read.triggers?.crons ?? [] };
}

/**
 * Calls `onChange` when one of the files has changed; what it throws is said, and the next change is waited for. They are
 * looked at from time to time: editors that put another file in the place of one would be lost sight of otherwise.
 * @returns what ends it
 */
export function watchSources(
  root: string,
  sources: readonly string[],
  onChange: () => void,
  onLine: (line: string) => void,
): () => void {
  const changed = () => {
    try {
      onChange();
    } catch (error) {
      onLine(`✘ A wrangler file cannot be used, the Workers go on as before: ${(error as Error).message}`);
    }
  };
  const paths = sources.map((source) => join(root, source));
  for (const path of paths) watchFile(path, { interval: SOURCE_CHECK_MS, persistent: false }, changed);
  return () => {
    for (const path of paths) unwatchFile(path, changed);
  };
}

/** wrangler, which watches the file, never sees half of it, nor a change where there is none. */
function replace(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const draft = `${path}.draft`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

/** In single quotes a value stands as it is, line ends included; there is no way to write one of those quotes. */
function dotenv(values: Values): string {
  for (const [name, value] of Object.entries(values)) {
    if (value.includes("'")) throw new Error(`${name} holds a single quote`);
  }
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

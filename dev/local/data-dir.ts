/**
 * The folder where the local stack keeps what outlives a run: the embedded database, the signing key, the
 * admin's password, and the Workers' buckets, with the configuration that they run with. One running stack at a time
 * may use it.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CannotRun } from "../../ops/command.ts";

/** Every name that the folder may contain, so that emptying it never removes anything else. */
const CONTENTS = ["postgres", "workers", "signing-key.pem", "admin-password"] as const;
export type DataDirEntry = (typeof CONTENTS)[number];

const LOCK = "lock";

export interface DataDir {
  /** The absolute path of an entry, whether or not it exists. */
  path(entry: DataDirEntry): string;
  read(entry: DataDirEntry): string | undefined;
  /** Readable by this user alone. */
  write(entry: DataDirEntry, secret: string): void;
  /** Releases the folder for another run. */
  release(): void;
}

/**
 * Takes the folder for this process, making it where there is none.
 * @param fresh forget what earlier runs left
 * @throws CannotRun while another process has it
 */
export function openDataDir(dir: string, { fresh }: { readonly fresh: boolean }): DataDir {
  const root = resolve(dir);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const lock = join(root, LOCK);
  take(lock, root);
  if (fresh) for (const entry of CONTENTS) rmSync(join(root, entry), { recursive: true, force: true });

  const path = (entry: DataDirEntry) => join(root, entry);
  return {
    path,
    read: (entry) => (existsSync(path(entry)) ? readFileSync(path(entry), "utf8") : undefined),
    write: (entry, secret) => {
      writeFileSync(path(entry), secret, { mode: 0o600 });
      chmodSync(path(entry), 0o600); // the mode above only counts for a new file
    },
    release: () => rmSync(lock, { force: true }),
  };
}

function take(lock: string, root: string): void {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = Number(readFileSync(lock, "utf8"));
    if (isRunning(holder)) {
      throw new CannotRun(
        `${root} is in use by process ${holder}. Stop that one, or set DEV_DATA_DIR to another folder.`,
      );
    }
    writeFileSync(lock, String(process.pid)); // the process that held it ended without releasing it
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";

const START_MS_MAX = 30_000;

/** Loaded by `require`: Node and the test runner disagree about the default export of this CommonJS module. */
const { default: WORKERD } = createRequire(import.meta.url)("workerd") as { readonly default: string };

/** A workerd process that serves one configuration. */
export interface Workerd {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is gone, killed or not. */
  readonly ended: Promise<void>;
  /** SIGKILL: nothing in it gets to finish. */
  kill(): Promise<void>;
}

/** Starts workerd on a configuration with one socket. */
export async function startWorkerd(configPath: string): Promise<Workerd> {
  // Not the Workers' logs: a run writes millions of lines.
  const child = spawn(WORKERD, ["serve", configPath, "--experimental", "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const killNow = () => void child.kill("SIGKILL");
  process.once("exit", killNow);
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      process.off("exit", killNow);
      resolve();
    });
  });
  const kill = async () => {
    killNow();
    await ended;
  };
  try {
    return { url: `http://127.0.0.1:${await portOf(child)}`, pid: child.pid ?? 0, ended, kill };
  } catch (error) {
    await kill();
    throw new Error(`workerd did not start: ${String(error)}\n${errors}`);
  }
}

/** workerd writes a JSON line to descriptor 3 when it listens. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`silent for ${START_MS_MAX} ms`)), START_MS_MAX);
    let text = "";
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.includes("\n")) return;
      clearTimeout(late);
      resolve((JSON.parse(text.slice(0, text.indexOf("\n"))) as { port: number }).port);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`exit ${code}`)));
  });
}

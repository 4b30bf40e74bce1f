/**
 * Both Workers on this machine, with queue delivery between them and their crons, reloaded when their code or their
 * wrangler files change.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { CannotRun } from "../../ops/command.ts";
import { createCrons } from "./crons.ts";
import {
  LOCAL_WORKERS,
  type LocalWorker,
  SOURCES,
  type Values,
  watchSources,
  writeWorkerConfig,
} from "./worker-configs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 5_000;
const LAST_LINES = 30;
const LAST_WORDS_MS = 300;

/** After these lines wrangler waits until the code changes, and nothing answers before. */
const FAILURE = /Build failed with|runtime failed to start/;

export interface WorkersOptions {
  readonly port: number;
  /** Where wrangler keeps its own files. */
  readonly stateDir: string;
  /** Secrets and variables of each Worker. It takes those that its wrangler file names. */
  readonly values: Readonly<Record<LocalWorker, Values>>;
  /** A cron expression in the place of the Workers' own, with seconds if wanted. */
  readonly cron?: string | undefined;
  /** What the Workers and wrangler have to say once they run, line by line, without the chatter. */
  readonly onLine: (line: string) => void;
}

export interface Workers {
  readonly url: string;
  /** Resolves with the exit code when wrangler ends, asked or not. */
  readonly ended: Promise<number | null>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts both Workers and waits until the API answers.
 * @throws CannotRun when they do not start: the message ends with what they said; or for a cron expression that is none
 */
export async function startWorkers(options: WorkersOptions, signal?: AbortSignal): Promise<Workers> {
  const { port, stateDir, values, cron: schedule, onLine } = options;
  const writeConfigs = () =>
    LOCAL_WORKERS.map((worker) =>
      writeWorkerConfig(ROOT, SOURCES[worker], join(stateDir, "config", worker), values[worker]),
    );
  const url = `http://127.0.0.1:${port}`;
  const cronsOf = (configs: ReturnType<typeof writeConfigs>) =>
    createCrons({
      url,
      triggers: configs.flatMap(({ name, crons }) => crons.map((cron) => ({ worker: name, cron }))),
      schedule,
      onLine,
    });

  const configs = writeConfigs();
  let crons = cronsOf(configs);
  const wrangler = spawnWrangler(
    options,
    configs.map(({ path }) => path),
  );
  const last: string[] = [];
  let ready = false;
  let failed = false;
  for (const stream of [wrangler.stdout, wrangler.stderr]) {
    createInterface({ input: stream }).on("line", (coloured) => {
      const line = stripVTControlCharacters(coloured);
      if (isChatter(line)) return;
      if (ready) return onLine(line);
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      failed ||= FAILURE.test(line);
    });
  }
  const ended = new Promise<number | null>((resolve) => wrangler.once("exit", resolve));
  let running = true;
  void ended.then(() => {
    running = false;
  });

  // The whole group: wrangler and the runtimes it started.
  const kill = (how: NodeJS.Signals) => {
    try {
      if (wrangler.pid !== undefined) process.kill(-wrangler.pid, how);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // gone already
    }
  };
  let unwatch = () => {};
  const stop = async () => {
    unwatch();
    await crons.stop();
    kill("SIGTERM");
    await Promise.race([ended, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    kill("SIGKILL");
    await ended;
  };

  try {
    for (const deadline = Date.now() + READY_WITHIN_MS; !(await isHealthy(url)); await sleep(50)) {
      signal?.throwIfAborted();
      if (running && !failed && Date.now() <= deadline) continue;
      await sleep(LAST_WORDS_MS);
      const why = running && !failed ? `did not answer within ${READY_WITHIN_MS / 1000} s` : "did not start";
      throw new CannotRun(`The Workers ${why}.\n${last.join("\n")}`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  ready = true;
  crons.start();
  const follow = () => {
    const changed = cronsOf(writeConfigs()); // wrangler sees the new files by itself
    void crons.stop();
    crons = changed;
    crons.start();
  };
  unwatch = watchSources(ROOT, Object.values(SOURCES), follow, onLine);
  return { url, ended, stop };
}

function spawnWrangler({ port, stateDir }: WorkersOptions, configs: readonly string[]) {
  const cli = join(
    dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
    "wrangler-dist/cli.js",
  );
  const dieWithParent = new URL("./die-with-parent.ts", import.meta.url).href;
  const child = spawn(
    process.execPath,
    [
      ...["--no-warnings", "--import", dieWithParent, cli, "dev"],
      ...configs.flatMap((path) => ["-c", path]),
      ...["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"],
      ...["--persist-to", stateDir, "--show-interactive-dev-session=false"],
    ],
    {
      cwd: ROOT,
      // A group of its own, so that Ctrl-C reaches this process first and things stop in order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        // Nothing leaves this machine, and nothing asks a question.
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_SEND_ERROR_REPORTS: "false",
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_WRITE_LOGS: "false",
        WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        X_LOCAL_EXPLORER: "true", // it triggers the Workers' crons; no other site's page reaches it
        X_LOCAL_OBSERVABILITY: "false",
        // Another stack on this machine has Workers of the same names: keep theirs apart from ours.
        WRANGLER_REGISTRY_PATH: join(stateDir, "registry"),
      },
    },
  );
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("The child process has no output.");
  return Object.assign(child, { stdout, stderr });
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

const CHATTER = [
  /^\s*$/,
  /^\[wrangler:info\] (?:Ready on|[A-Z]+ \S+ \d+|QUEUE )/, // the Workers log their own requests and batches
  /^Using secrets defined in /,
  / has access to the following bindings:$/,
  /^Binding\s+Resource\s+Mode$/,
  /^env\.\w+ .* local$/,
  /Scheduled Workers are not automatically triggered/,
  /^ {2}(?:To manually trigger|For more details, see \S+\/cron-triggers| {2}curl "http\S+\/cdn-cgi\/)/,
  /^If you think this is a bug|^Note that there is a newer version of Wrangler/,
  /^⎔ (?:Starting|Local server)/,
];

/** Lines of wrangler about itself that do not help somebody who works on the Workers. */
export function isChatter(line: string): boolean {
  return CHATTER.some((pattern) => pattern.test(line));
}

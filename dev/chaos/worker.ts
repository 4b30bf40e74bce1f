import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigFiles } from "../workerd/configuration.ts";
import { startWorkerd, type Workerd } from "../workerd/workerd.ts";

/** One Worker in a process of its own, restarted whenever it is killed. */
export interface Worker {
  readonly name: string;
  /** Where it listens, once it does. */
  url(): Promise<string>;
  /** Kills it with all it is doing, and starts it anew. Resolves when it is gone. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** @param configure makes the configuration of every start, which may differ each time */
export async function startWorker(name: string, configure: () => ConfigFiles): Promise<Worker> {
  const directory = await mkdtemp(join(tmpdir(), `chaos-${name}-`));
  let stopped = false;

  const start = async (): Promise<Workerd> => {
    for (const [file, content] of Object.entries(configure()))
      await writeFile(join(directory, file), content);
    return startWorkerd(join(directory, "config.capnp"));
  };
  let running = start();
  await running;

  return {
    name,
    url: async () => (await running).url,
    async crash() {
      const dying = running;
      const gone = dying.then((workerd) => workerd.kill());
      running = gone.then(() => (stopped ? dying : start()));
      running.catch(() => {}); // whoever asks for the address hears of it
      await gone;
    },
    async stop() {
      stopped = true;
      const workerd = await running.catch(() => undefined);
      await workerd?.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

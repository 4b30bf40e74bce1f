import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigFiles } from "../../dev/workerd/configuration.ts";
import { startWorkerd } from "../../dev/workerd/workerd.ts";
import type { Child } from "./child.ts";
import { pin } from "./cores.ts";

/** A Worker in plain workerd. */
export async function startWorker(files: ConfigFiles, cores: string | undefined): Promise<Child> {
  const directory = await mkdtemp(join(tmpdir(), "bench-worker-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
    const { url, pid, kill } = await startWorkerd(join(directory, "config.capnp"));
    pin(pid, cores);
    const stop = async () => {
      await kill();
      await remove();
    };
    return { pid, port: Number(new URL(url).port), stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

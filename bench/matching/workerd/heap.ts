import { setTimeout as sleep } from "node:timers/promises";
import type { RunningWorker } from "./serve.ts";

interface HeapUsage {
  readonly usedSize: number;
  /** Memory behind ArrayBuffers. */
  readonly backingStorageSize?: number;
}

/**
 * Bytes that live objects take in the isolate: the JavaScript heap in use plus the memory behind ArrayBuffers, after
 * two full collections, as V8 itself tells through the inspector (`Runtime.getHeapUsage`).
 */
export async function liveBytes({ inspector, url }: RunningWorker): Promise<number> {
  const socket = new WebSocket(inspector);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error(`no inspector at ${inspector}`)), { once: true });
  });
  let asked = 0;
  const ask = (method: string) =>
    new Promise<unknown>((resolve) => {
      const id = ++asked;
      const answered = ({ data }: MessageEvent) => {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (message.id !== id) return;
        socket.removeEventListener("message", answered);
        resolve(message.result);
      };
      socket.addEventListener("message", answered);
      socket.send(JSON.stringify({ id, method }));
    });
  try {
    for (let collection = 0; collection < 2; collection++) {
      let collected = false;
      ask("HeapProfiler.collectGarbage").then(() => {
        collected = true;
      });
      // V8 collects in a task of the isolate's, and an idle isolate runs none: requests wake it.
      while (!collected) {
        await fetch(url, { method: "POST", body: JSON.stringify({ operation: "nothing" }) });
        await sleep(5);
      }
    }
    const { usedSize, backingStorageSize = 0 } = (await ask("Runtime.getHeapUsage")) as HeapUsage;
    return usedSize + backingStorageSize;
  } finally {
    socket.close();
  }
}

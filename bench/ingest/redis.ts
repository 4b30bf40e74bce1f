import { spawn, spawnSync } from "node:child_process";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "../service/child.ts";
import { pin } from "../service/cores.ts";

const START_MS_MAX = 10_000;

/**
 * A Redis of this run's own that keeps nothing on disk. Undefined where `redis-server` is not installed.
 * @throws Error when it does not start
 */
export async function startRedis(cores: string | undefined): Promise<Child | undefined> {
  if (spawnSync("redis-server", ["--version"], { stdio: "ignore" }).status !== 0) return undefined;
  const port = await freePort();
  const child = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    { stdio: "ignore" },
  );
  const killNow = () => void child.kill("SIGKILL");
  process.once("exit", killNow);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    process.off("exit", killNow);
    killNow();
    await ended;
  };
  const late = performance.now() + START_MS_MAX;
  while (!(await answers(port))) {
    if (performance.now() > late) {
      await stop();
      throw new Error("redis-server did not start");
    }
    await sleep(20);
  }
  const pid = child.pid ?? 0;
  pin(pid, cores);
  return { pid, port, stop };
}

/** Forgets everything in it. */
export async function flush(port: number): Promise<void> {
  await command(port, "FLUSHALL SYNC");
}

/** Jobs that BullMQ's queue "events" holds. */
export async function jobsIn(port: number): Promise<number> {
  return Number((await command(port, "LLEN bull:events:wait")).slice(1));
}

function command(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${text}\r\n`));
    socket.once("error", reject);
    socket.once("data", (line) => {
      socket.destroy();
      resolve(line.toString().trim());
    });
  });
}

async function answers(port: number): Promise<boolean> {
  return command(port, "PING").then(
    (line) => line === "+PONG",
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

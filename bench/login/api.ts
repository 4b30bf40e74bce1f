/** API Workers as they are deployed, each in a plain workerd of its own, on a fresh database, with some data in it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openScratchDatabase, type ScratchDatabase } from "../../dev/chaos/database.ts";
import { createInjector } from "../../dev/chaos/faults.ts";
import { openQueueProxy } from "../../dev/chaos/queue-fault-proxy.ts";
import { type Bundle, bundle } from "../../dev/workerd/bundle.ts";
import { apiConfig } from "../../dev/workerd/configuration.ts";
import { startWorkerd, type Workerd } from "../../dev/workerd/workerd.ts";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import { note } from "../figures.ts";

export const PASSWORD = "correct horse battery staple";

export interface Api {
  /** One of each process. */
  readonly urls: readonly string[];
  readonly database: ScratchDatabase;
  /** Seconds of processor time that all of the processes have used. */
  processorSeconds(): number;
  stop(): Promise<void>;
}

/** The bundle, made once a run. */
let built: Promise<Bundle> | undefined;

/**
 * Starts API Workers on a database of the server of TEST_DATABASE_URL, or on an embedded Postgres, which has a single
 * session, so that statements wait for one another.
 * @throws when one of them does not start; nothing is left running then
 */
export async function startApis(processes: number): Promise<Api> {
  built ??= bundle("wrangler.toml");
  const serverUrl = process.env["TEST_DATABASE_URL"] || undefined;
  if (serverUrl === undefined)
    note("No TEST_DATABASE_URL: on an embedded Postgres, which answers one at a time.");
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const product = await built;
    const database = await openScratchDatabase(serverUrl);
    undo.push(database.drop);
    const queue = await openQueueProxy(createInjector(0), () => {});
    undo.push(queue.close);
    const { pem } = await generateSigningKey();
    const files = apiConfig({
      bundle: product,
      values: {
        DATABASE_URL: database.url,
        NEON_FETCH_ENDPOINT: database.endpointUrl,
        ALLOW_HTTP: "loopback",
        JWT_SIGNING_KEY: pem,
      },
      queueAddress: queue.address,
    });
    const directory = await mkdtemp(join(tmpdir(), "bench-login-"));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
    const workers: Workerd[] = [];
    for (let i = 0; i < processes; i++) {
      const worker = await startWorkerd(join(directory, "config.capnp"));
      undo.push(worker.kill);
      workers.push(worker);
    }
    const urls = workers.map(({ url }) => url);
    const processorSeconds = () => workers.reduce((total, { pid }) => total + processorSecondsOf(pid), 0);
    return { urls, database, processorSeconds, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Adds users `prefix-1` … `prefix-count`, all with `PASSWORD`. */
export async function addUsers(
  { sql }: ScratchDatabase,
  prefix: string,
  count: number,
  { role = "user", disabled = false }: { role?: "admin" | "user"; disabled?: boolean } = {},
): Promise<string[]> {
  const hash = await hashPassword(PASSWORD, { algorithm: "argon2id" });
  const rows = await sql`
    insert into users (id, username, password_hash, role, disabled_at)
    select gen_random_uuid(), ${prefix}::text || '-' || n, ${hash}::text, ${role}::text,
           case when ${disabled}::boolean then now() end
    from generate_series(1, ${count}::int) as n
    returning username`;
  return rows.map((row) => String(row["username"]));
}

/** An address that no request has come from yet, so that the throttle knows nothing of it. */
export function freshAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}
let addresses = 0;

/** The token endpoint's answer, read to its end. */
export async function logIn(url: string, username: string, password: string): Promise<Response> {
  return fetch(`${url}/v1/auth/token`, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "CF-Connecting-IP": freshAddress(),
    },
    body: new URLSearchParams({ grant_type: "password", username, password }).toString(),
  });
}

/** User and system time of a process and its threads (proc(5), stat), in seconds. */
function processorSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

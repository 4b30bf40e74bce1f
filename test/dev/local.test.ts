import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { apiAt, logIn } from "../../dev/demo/api.ts";
import { openDataDir } from "../../dev/local/data-dir.ts";
import { isFree } from "../../dev/local/port.ts";
import { mayTakeRoles } from "../../dev/local/roles.ts";
import { isChatter } from "../../dev/local/workers.ts";
import { runOnServer } from "../../dev/postgres-server.ts";
import { CannotRun } from "../../ops/command.ts";
import { migratePostgres } from "../../ops/database/migrations.ts";
import { openPglite } from "../../ops/database/neon-endpoint/pglite.ts";
import { openAt } from "../../ops/database/open.ts";
import { ROOT } from "../../ops/subprocess.ts";
import { createPostgresDatabase, describeWithPostgres } from "../support/database.ts";
import { eventually } from "../support/system.ts";

const folder = mkdtempSync(join(tmpdir(), "local-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the data folder", () => {
  const dir = join(folder, "data");

  it("is held by one process at a time", () => {
    const held = openDataDir(dir, { fresh: false });
    expect(() => openDataDir(dir, { fresh: false })).toThrow(CannotRun);
    held.release();
    openDataDir(dir, { fresh: false }).release();
  });

  it("is taken over from a process that died", () => {
    const dead = spawn(process.execPath, ["-e", ""]);
    writeFileSync(join(dir, "lock"), String(dead.pid));
    return new Promise<void>((resolve) => dead.once("exit", resolve)).then(() =>
      openDataDir(dir, { fresh: false }).release(),
    );
  });

  it("lets no one else read what it keeps", () => {
    const data = openDataDir(dir, { fresh: false });
    writeFileSync(join(dir, "admin-password"), "old", { mode: 0o644 });
    data.write("admin-password", "secret");
    data.write("signing-key.pem", "key");
    data.release();
    for (const name of ["admin-password", "signing-key.pem"]) {
      expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it("forgets, when asked to start fresh, only what it put there itself", () => {
    mkdirSync(join(dir, "postgres"));
    writeFileSync(join(dir, "thesis.txt"), "ten years of work");
    openDataDir(dir, { fresh: true }).release();
    expect(readdirSync(dir)).toEqual(["thesis.txt"]);
  });
});

describe("wrangler's chatter", () => {
  it.each([
    "",
    "Using secrets defined in process.env",
    "campaign-manager-api has access to the following bindings:",
    "Binding                                   Resource                  Mode",
    'env.DATABASE_URL ("(hidden)")             Environment Variable      local',
    "env.ASSETS                                Assets                    local",
    "▲ [WARNING] Scheduled Workers are not automatically triggered during local development.",
    "  To manually trigger a scheduled event, run:",
    '    curl "http://127.0.0.1:8787/cdn-cgi/local/scheduled"',
    "[wrangler:info] GET /health 200 OK (3ms)",
    "[wrangler:info] QUEUE events 1/1 (5ms)",
    "[wrangler:info] Ready on http://127.0.0.1:8787",
    "⎔ Starting local server...",
  ])("is left out: %s", (line) => expect(isChatter(line)).toBe(true));

  it.each([
    "⎔ Reloading local server...",
    '✘ [ERROR] Could not resolve "./nowhere.ts"',
    '[campaign-manager-consumer] {"level":"info","message":"batch_decided"}',
    "[wrangler:error] Error: something broke",
  ])("is not: %s", (line) => expect(isChatter(line)).toBe(false));
});

/** Ids of a process's descendants that still run; a process that has ended and is not yet reaped does not. */
function descendantsOf(pid: number): number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,stat="], { encoding: "utf8" })
    .split("\n")
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , stat]) => stat !== undefined && !stat.startsWith("Z"))
    .map(([id, parent]) => ({ id: Number(id), parent: Number(parent) }));
  const found = [pid];
  for (const parent of found) {
    found.push(...rows.filter((row) => row.parent === parent).map((row) => row.id));
  }
  return found.slice(1);
}

function runs(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}

/** A free port that the system gives to nobody who asks for any: it stays free between this test's runs. */
async function freeFixedPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

describe("npm run dev", () => {
  const PASSWORD = "a password of this test";
  let port: number;
  let dev: ChildProcess | undefined;
  let output = "";

  beforeAll(async () => {
    port = await freeFixedPort();
  });
  afterEach(() => dev?.kill("SIGKILL"));

  const url = () => `http://127.0.0.1:${port}`;
  const dataDir = join(folder, "dev");

  /** What its output says of a Worker's crons, by how each run ended. */
  const cronLines = (worker: string) =>
    [
      ...output.matchAll(
        new RegExp(`^\\[cron\\] campaign-manager-${worker} \\S+ \\* \\* \\* \\*: (.*) \\(\\d+ ms\\)$`, "gm"),
      ),
    ].map(([, outcome]) => outcome);
  const EVERY_SECOND = "* * * * * *";

  const databaseRole = async () =>
    ((await (await fetch(`${url()}/health/ready`)).json()) as { database_role: string }).database_role;

  /** Runs SQL in its database as the owner, while nobody else has that open. */
  async function inDatabase(statement: string): Promise<void> {
    const { database } = await openPglite({ dataDir: join(dataDir, "postgres") });
    await database.query(statement);
    await database.close();
  }

  /** Starts it and resolves when it has printed how to sign in, or has ended. */
  async function start(env: Record<string, string> = {}): Promise<ChildProcess> {
    output = "";
    const { DATABASE_URL: _, ...inherited } = process.env;
    const started = spawn(process.execPath, ["dev/local/command.ts"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...inherited, PORT: String(port), DEV_DATA_DIR: dataDir, ...env },
    });
    dev = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    await eventually(async () => output.includes("Ctrl-C") || started.exitCode !== null || undefined);
    return started;
  }

  const ended = (child: ChildProcess) =>
    new Promise<number | null>((resolve) =>
      child.exitCode === null ? child.once("exit", resolve) : resolve(child.exitCode),
    );

  it("serves both Workers with the login it prints, and stops all it started on SIGTERM", async () => {
    const first = await start({ DEV_ADMIN_PASSWORD: PASSWORD, DEV_CRON: EVERY_SECOND });
    expect(output).toContain(url());
    expect(output).toContain(PASSWORD);
    expect(output).not.toMatch(/bindings|Using secrets|PRIVATE KEY/);

    const api = apiAt(url(), await logIn(url(), "admin", PASSWORD));
    const { id } = await api.post<{ id: string }>("/v1/campaigns", {
      name: "All",
      rule: { field: "type", operator: "exists" },
    });
    await api.post(`/v1/campaigns/${id}/activate`);
    await api.post("/v1/events", { id: "1", source: "test", type: "purchase", subject: "anna" });
    await eventually(() => api.find("/v1/events/1?source=test"));
    expect(await api.list("/v1/matches", { campaign_id: id })).toHaveLength(1);

    expect(await databaseRole()).toBe("ok");
    await eventually(async () => (await api.list("/v1/audit/checkpoints", {}))[0]);
    await eventually(async () => cronLines("api")[0] && cronLines("consumer")[0]);
    expect(new Set([...cronLines("api"), ...cronLines("consumer")])).toEqual(new Set(["ok"]));

    const children = descendantsOf(first.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    first.kill("SIGTERM");
    expect(await ended(first)).toBe(0);
    expect(children.filter(runs)).toEqual([]);
    expect(await isFree(port)).toBe(true);
  });

  it("keeps data, keys and login for the next run, and leaves nothing behind when it is killed", async () => {
    const second = await start();
    expect(output).toContain(PASSWORD);
    const api = apiAt(url(), await logIn(url(), "admin", PASSWORD));
    expect(await api.list("/v1/matches", {})).toHaveLength(1);

    const children = descendantsOf(second.pid ?? 0);
    second.kill("SIGKILL");
    await eventually(async () => !children.some(runs) || undefined);
    expect(existsSync(join(dataDir, "lock"))).toBe(true); // and the next run takes it over
  });

  it("shows what the role of a Worker may not do, and runs its cron's other jobs", async () => {
    await inDatabase(`insert into events (source, id, type, time, received_at, epoch, data)
      values ('test', 'aged', 'visit', now(), now() - interval '91 days', 0, '{}')`);
    await inDatabase("revoke select on campaigns from campaign_manager_consumer");
    const lacking = await start({ DEV_CRON: EVERY_SECOND });
    const api = apiAt(url(), await logIn(url(), "admin", PASSWORD));
    await eventually(async () => cronLines("consumer")[0]);
    expect(cronLines("consumer")[0]).toBe("exception");
    expect(output).toContain('"message":"scheduled_job_failed","failure":"42501"');
    expect(await api.find("/v1/events/aged?source=test")).toBeUndefined();
    expect(await api.find("/v1/events/1?source=test")).toBeDefined();
    lacking.kill("SIGTERM");
    expect(await ended(lacking)).toBe(0);
    await inDatabase("grant select on campaigns to campaign_manager_consumer");
  });

  it("sets the password it is given, whatever the database holds", async () => {
    const third = await start({ DEV_ADMIN_PASSWORD: "another password" });
    await expect(logIn(url(), "admin", PASSWORD)).rejects.toThrow("invalid_grant");
    const api = apiAt(url(), await logIn(url(), "admin", "another password"));
    expect(await api.list("/v1/matches", {})).toHaveLength(1);
    third.kill("SIGINT");
    expect(await ended(third)).toBe(0);
  });

  it("stops what it has begun when it is told to while it starts", async () => {
    const starting = start({ DEV_DATA_DIR: join(folder, "interrupted") });
    await eventually(async () => descendantsOf(dev?.pid ?? 0).length > 0 || undefined);
    const children = descendantsOf(dev?.pid ?? 0);
    dev?.kill("SIGTERM");
    expect(await ended(await starting)).toBe(0);
    expect(children.filter(runs)).toEqual([]);
    // A Worker that was already up may have logged the first request; nothing complains of having been stopped.
    expect(output).not.toMatch(/✗|error|exit/i);
  });

  it("starts nothing with a cron expression that is none", async () => {
    const refused = await start({ DEV_CRON: "every day" });
    expect(await ended(refused)).toBe(1);
    expect(output.trim()).toMatch(/^✗ "every day" is no cron expression: /);
  });

  it("says which port is taken, and starts nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port: taken } = server.address() as AddressInfo;
    const refused = await start({ PORT: String(taken) });
    server.close();
    expect(await ended(refused)).toBe(1);
    expect(output.trim()).toMatch(new RegExp(`^✗ Port ${taken} is taken`));
  });

  describeWithPostgres("on a Postgres whose user may not take the Workers' roles", () => {
    it("says that the Workers have that user's rights, and how to change it", async () => {
      const server = new URL(process.env["TEST_DATABASE_URL"] ?? "");
      const owner = `test_owner_${randomUUID().replaceAll("-", "")}`;
      const database = await createPostgresDatabase();
      await migratePostgres(database.url); // the roles are there, made by somebody else
      await runOnServer(server.href, `CREATE ROLE ${owner} LOGIN PASSWORD 'test'`);
      for (const statement of [
        `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} OWNER TO ${owner}`,
        "DROP SCHEMA drizzle CASCADE",
        "DROP SCHEMA public CASCADE",
        `CREATE SCHEMA public AUTHORIZATION ${owner}`,
      ]) {
        await runOnServer(database.url, statement);
      }
      const address = new URL(database.url);
      address.username = owner;
      address.password = "test";
      const opened = await openAt(address.href);
      try {
        await start({ DEV_DATA_DIR: join(folder, "unprivileged"), DATABASE_URL: address.href });
        expect(output).toContain(
          "Both Workers have the rights of DATABASE_URL's user, not those of their roles.",
        );
        expect(await databaseRole()).toBe("too_powerful");
        dev?.kill("SIGTERM");
        expect(await ended(dev as ChildProcess)).toBe(0);

        const [grant] = /GRANT .* TO /.exec(output) ?? [];
        expect(await mayTakeRoles(opened)).toBe(false);
        await runOnServer(server.href, `${grant}${owner}`);
        expect(await mayTakeRoles(opened)).toBe(true);
      } finally {
        dev?.kill("SIGKILL");
        await opened.close();
        await database.drop();
        await runOnServer(server.href, `DROP ROLE ${owner}`);
      }
    });
  });
});

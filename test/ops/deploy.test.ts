import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { CannotRun } from "../../ops/command.ts";
import {
  configurationProblems,
  queuesOf,
  readConfiguration,
  type WorkerConfiguration,
} from "../../ops/deploy/configuration.ts";
import { type DeployOptions, deploy } from "../../ops/deploy/deploy.ts";
import { ROOT } from "../../ops/subprocess.ts";
import { type CloudflareAccount, startCloudflareApi } from "./cloudflare-api.ts";

const api: WorkerConfiguration = {
  file: "wrangler.toml",
  name: "api",
  vars: { JWT_ISSUER: "https://campaigns.acme.com", ALLOW_HTTP: "", NEON_FETCH_ENDPOINT: "" },
  secrets: ["DATABASE_URL", "JWT_SIGNING_KEY"],
  produces: ["events"],
  consumes: [],
};
const consumer: WorkerConfiguration = {
  file: "wrangler.consumer.toml",
  name: "consumer",
  vars: {},
  secrets: ["DATABASE_URL"],
  produces: [],
  consumes: [{ queue: "events", deadLetterQueue: "events-dlq" }, { queue: "events-dlq" }],
};

describe("configuration", () => {
  it("of the project lacks nothing but the address of the API", () => {
    const [problem, ...others] = configurationProblems(
      readConfiguration("wrangler.toml"),
      readConfiguration("wrangler.consumer.toml"),
    );
    expect(problem).toContain("JWT_ISSUER");
    expect(others).toEqual([]);
  });

  it("that may be deployed has no problems", () => {
    expect(configurationProblems(api, consumer)).toEqual([]);
    expect(queuesOf(api, consumer)).toEqual(["events", "events-dlq"]);
  });

  it.each<[string, Partial<WorkerConfiguration>, Partial<WorkerConfiguration>]>([
    ["ALLOW_HTTP is for local", { vars: { ...api.vars, ALLOW_HTTP: "loopback" } }, {}],
    ["NEON_FETCH_ENDPOINT is for local", {}, { vars: { NEON_FETCH_ENDPOINT: "http://127.0.0.1:1/sql" } }],
    ["JWT_ISSUER is to be", { vars: { JWT_ISSUER: "http://campaigns.acme.com" } }, {}],
    ["JWT_ISSUER is to be", { vars: {} }, {}],
    ["nothing consumes the queue events", { produces: ["events"] }, { consumes: [] }],
    [
      "nothing consumes the queue events-dlq",
      {},
      { consumes: [{ queue: "events", deadLetterQueue: "events-dlq" }] },
    ],
    ["events has no dead_letter_queue", {}, { consumes: [{ queue: "events" }] }],
    ["name is missing", { name: "" }, {}],
  ])("is refused: %s", (problem, apiChange, consumerChange) => {
    expect(configurationProblems({ ...api, ...apiChange }, { ...consumer, ...consumerChange })).toEqual([
      expect.stringContaining(problem),
    ]);
  });
});

/** The project's wrangler files with the address that a deployment needs. */
const folder = mkdtempSync(join(tmpdir(), "deploy-"));
const files = { api: join(folder, "wrangler.toml"), consumer: join(folder, "wrangler.consumer.toml") };
for (const name of ["wrangler.toml", "wrangler.consumer.toml"]) {
  const text = readFileSync(join(ROOT, name), "utf8")
    .replaceAll(/"(?:\.\/)?(src|node_modules)\//g, `"${ROOT}$1/`)
    .replace("https://campaign-manager.example", "https://campaigns.acme.com");
  writeFileSync(join(folder, name), text);
}
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a deployment into an account, and tells in which order what happened. */
async function deployInto(account: CloudflareAccount, options: Partial<DeployOptions> = {}) {
  const cloudflare = await startCloudflareApi(account);
  vi.stubEnv("CLOUDFLARE_API_BASE_URL", cloudflare.url);
  vi.stubEnv("CLOUDFLARE_API_TOKEN", "token");
  vi.stubEnv("CLOUDFLARE_ACCOUNT_ID", "account");
  const said: string[] = [];
  let uploadsBeforeMigration: number | undefined;
  const migrateDatabase = async () => {
    uploadsBeforeMigration = cloudflare.uploads.length;
    return ["0000_tables"];
  };
  try {
    await deploy({
      ...{ files, migrateDatabase, secrets: {}, dryRun: false },
      say: (_kind, text) => said.push(text),
      ...options,
    });
    return { error: undefined, said, uploadsBeforeMigration, ...cloudflare };
  } catch (error) {
    return { error, said, uploadsBeforeMigration, ...cloudflare };
  } finally {
    await cloudflare.close();
  }
}
afterEach(() => vi.unstubAllEnvs());

const API = "campaign-manager-api";
const CONSUMER = "campaign-manager-consumer";
const queues = ["events", "events-dlq"];

describe("deploy", () => {
  it("migrates, then deploys the consumer, then the API, each new Worker with its own secrets", async () => {
    const secrets = {
      [CONSUMER]: { DATABASE_URL: "postgres://consumer:one@db.acme.com/x" },
      [API]: { DATABASE_URL: "postgres://api:two@db.acme.com/x", JWT_SIGNING_KEY: "three" },
    };
    const { error, said, uploadsBeforeMigration, uploads, settings } = await deployInto(
      { workers: new Map(), queues },
      { secrets },
    );
    expect(error).toBeUndefined();
    expect(uploadsBeforeMigration).toBe(0);
    expect(uploads).toEqual([
      { worker: CONSUMER, secrets: secrets[CONSUMER] },
      { worker: API, secrets: secrets[API] },
    ]);
    expect(said.join("\n")).not.toMatch(/one|two|three/);
    const kept = { delivery_delay: 3, message_retention_period: 1_209_600 };
    expect([...settings]).toEqual(queues.map((queue) => [queue, kept]));
  });

  it("changes nothing else where a queue cannot be made to keep its messages", async () => {
    const { error, uploadsBeforeMigration, uploads } = await deployInto({
      workers: new Map([
        [API, ["DATABASE_URL", "JWT_SIGNING_KEY"]],
        [CONSUMER, ["DATABASE_URL"]],
      ]),
      queues,
      changesQueues: false,
    });
    expect((error as CannotRun).message).toMatch(/^events does not keep messages for 14 days:\n/);
    expect(uploadsBeforeMigration).toBeUndefined();
    expect(uploads).toEqual([]);
  });

  it("changes nothing while a secret or a queue is missing, and names each with the remedy", async () => {
    const { error, uploadsBeforeMigration, uploads } = await deployInto({
      workers: new Map([[API, ["DATABASE_URL"]]]),
      queues: ["events"],
    });
    expect(error).toBeInstanceOf(CannotRun);
    expect((error as CannotRun).message.split("\n").slice(1)).toEqual([
      `  - ${CONSUMER} is new and needs the secret DATABASE_URL: give it with --secrets-file`,
      `  - ${API} lacks the secret JWT_SIGNING_KEY: npx wrangler secret put JWT_SIGNING_KEY -c ${files.api}`,
      "  - there is no queue events-dlq: npx wrangler queues create events-dlq --message-retention-period-secs 1209600",
    ]);
    expect(uploadsBeforeMigration).toBeUndefined();
    expect(uploads).toEqual([]);
  });

  it("does not start without a database to migrate", async () => {
    const { error, said } = await deployInto({ workers: new Map(), queues }, { migrateDatabase: undefined });
    expect((error as CannotRun).message).toContain("DATABASE_URL");
    expect(said).toEqual([]);
  });

  it("dry: builds both Workers, asks no account, and tells what it would do", async () => {
    const { error, said, uploadsBeforeMigration, uploads } = await deployInto(
      { workers: new Map(), queues: [] },
      { dryRun: true },
    );
    expect(error).toBeUndefined();
    expect(said).toContainEqual(expect.stringMatching(/^campaign-manager-consumer builds: .* KiB/));
    expect(said.slice(-2)).toEqual([
      expect.stringContaining(`deploy ${CONSUMER}`),
      expect.stringContaining(`deploy ${API}`),
    ]);
    expect(uploadsBeforeMigration).toBeUndefined();
    expect(uploads).toEqual([]);
  });
});

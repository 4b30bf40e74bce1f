import { QUEUE_RETENTION_SECONDS } from "../../src/limits.ts";
import { CannotRun } from "../command.ts";
import { deployWorker, keepMessages, queueExists, secretNames, wrangler } from "./account.ts";
import {
  configurationProblems,
  queuesOf,
  readConfiguration,
  type WorkerConfiguration,
} from "./configuration.ts";

const QUEUE_RETENTION_DAYS = QUEUE_RETENTION_SECONDS / (24 * 60 * 60);

/** By the Worker's name, then by the secret's: each Worker is given its own and no other's. */
export type Secrets = { readonly [worker: string]: { readonly [secret: string]: string } };

export interface DeployOptions {
  /** The wrangler files, from the project's root. */
  readonly files: { readonly api: string; readonly consumer: string };
  /** Names the migrations it applied; absent when it is not known which database to migrate. */
  readonly migrateDatabase?: (() => Promise<readonly string[]>) | undefined;
  /** To be uploaded: for a first deployment, which cannot find them in the account. */
  readonly secrets: Secrets;
  readonly dryRun: boolean;
  /** Told of every step that is done, and of what would stop a dry run. */
  readonly say: (kind: "done" | "warning" | "plan", text: string) => void;
}

/**
 * Checks, sets how long the queues keep messages (as long as Cloudflare allows), migrates, deploys the consumer, then the
 * API: in that order, so that no message is ever queued that nothing can read. A dry run changes nothing outside this
 * machine.
 * @throws CannotRun at the first step that fails; the steps after it are not tried
 */
export async function deploy({ files, migrateDatabase, secrets, dryRun, say }: DeployOptions): Promise<void> {
  const api = readConfiguration(files.api);
  const consumer = readConfiguration(files.consumer);
  const workers = [consumer, api];

  const problems = configurationProblems(api, consumer);
  if (migrateDatabase === undefined)
    problems.push("DATABASE_URL is not set: it names the database to migrate");
  if (dryRun) for (const problem of problems) say("warning", `A deployment would stop here: ${problem}`);
  else if (migrateDatabase === undefined || problems.length > 0) {
    throw new CannotRun(`Not ready to deploy:\n${listed(problems)}`);
  }
  if (problems.length === 0) say("done", "The configuration of both Workers may be deployed");

  const builds = await Promise.all(workers.map(({ file }) => wrangler("deploy", "--dry-run", "-c", file)));
  for (const [index, { ok, output }] of builds.entries()) {
    const name = workers[index]?.name;
    if (!ok) throw new CannotRun(`${name} does not build:\n${output}`);
    say("done", `${name} builds: ${/Total Upload: (.*)/.exec(output)?.[1] ?? "size unknown"}`);
  }

  if (dryRun || migrateDatabase === undefined) {
    for (const { name, secrets } of workers)
      say("plan", `check that ${name} has its secrets: ${secrets.join(", ")}`);
    say("plan", `check that the queues exist: ${queuesOf(api, consumer).join(", ")}`);
    say("plan", `have them keep messages for ${QUEUE_RETENTION_DAYS} days`);
    say("plan", "apply the migrations that the database of DATABASE_URL lacks");
    for (const { name, file } of workers) say("plan", `deploy ${name}: wrangler deploy -c ${file}`);
    return;
  }

  const lacking = (
    await Promise.all([
      ...workers.map((worker) => lackingSecrets(worker, secrets[worker.name] ?? {})),
      ...queuesOf(api, consumer).map(lackingQueue),
    ])
  ).flat();
  if (lacking.length > 0) throw new CannotRun(`The account is not ready:\n${listed(lacking)}`);
  say("done", "Secrets and queues are there");

  // A queue made without being told keeps them four days: an outage longer than that would lose events.
  for (const queue of queuesOf(api, consumer)) {
    const { ok, output } = await keepMessages(queue, QUEUE_RETENTION_SECONDS);
    if (!ok)
      throw new CannotRun(`${queue} does not keep messages for ${QUEUE_RETENTION_DAYS} days:\n${output}`);
  }
  say("done", `The queues keep messages for ${QUEUE_RETENTION_DAYS} days`);

  const applied = await migrateDatabase();
  say("done", applied.length === 0 ? "The database is up to date" : `Migrated: ${applied.join(", ")}`);

  for (const { name, file } of workers) {
    const { ok, output } = await deployWorker(file, secrets[name] ?? {});
    if (!ok) throw new CannotRun(`${name} could not be deployed:\n${output}`);
    const address = /https:\/\/\S+/.exec(output)?.[0];
    say("done", `Deployed ${name}${address === undefined ? "" : ` at ${address}`}`);
  }
}

const listed = (lines: readonly string[]) => lines.map((line) => `  - ${line}`).join("\n");

/**
 * What to do about each secret that a Worker has not and is not given.
 * @throws CannotRun when Cloudflare does not tell which it has
 */
async function lackingSecrets(
  { file, name, secrets }: WorkerConfiguration,
  given: { readonly [secret: string]: string },
): Promise<string[]> {
  const present = await secretNames(file);
  if (!present.ok)
    throw new CannotRun(`Cloudflare does not tell which secrets ${name} has:\n${present.error}`);
  return secrets
    .filter((secret) => !present.names.includes(secret) && given[secret] === undefined)
    .map((secret) =>
      present.exists
        ? `${name} lacks the secret ${secret}: npx wrangler secret put ${secret} -c ${file}`
        : `${name} is new and needs the secret ${secret}: give it with --secrets-file`,
    );
}

async function lackingQueue(queue: string): Promise<string[]> {
  if (await queueExists(queue)) return [];
  return [
    `there is no queue ${queue}: npx wrangler queues create ${queue} --message-retention-period-secs ${QUEUE_RETENTION_SECONDS}`,
  ];
}

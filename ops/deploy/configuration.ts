/** What the wrangler files say, as far as a deployment depends on it. */
import { resolve } from "node:path";
import { unstable_readConfig } from "wrangler";
import { ROOT } from "../subprocess.ts";

export interface WorkerConfiguration {
  /** From the project's root. */
  readonly file: string;
  readonly name: string;
  readonly vars: { readonly [name: string]: unknown };
  /** Names of the secrets that it does not run without. */
  readonly secrets: readonly string[];
  readonly produces: readonly string[];
  readonly consumes: readonly { readonly queue: string; readonly deadLetterQueue?: string | undefined }[];
}

/** The part of wrangler's own reading of a file that counts here. */
interface WranglerConfig {
  readonly name?: string;
  readonly vars: { readonly [name: string]: unknown };
  readonly secrets?: { readonly required?: readonly string[] };
  readonly queues: {
    readonly producers?: readonly { readonly queue: string }[];
    readonly consumers?: readonly { readonly queue: string; readonly dead_letter_queue?: string }[];
  };
}

export function readConfiguration(file: string): WorkerConfiguration {
  const config: WranglerConfig = unstable_readConfig({ config: resolve(ROOT, file) }, { hideWarnings: true });
  const { name = "", vars, secrets, queues } = config;
  return {
    file,
    name,
    vars,
    secrets: secrets?.required ?? [],
    produces: (queues.producers ?? []).map(({ queue }) => queue),
    consumes: (queues.consumers ?? []).map(({ queue, dead_letter_queue }) => ({
      queue,
      deadLetterQueue: dead_letter_queue,
    })),
  };
}

/** Variables that only `npm run dev` fills, on the machine where it runs. */
const LOCAL_VARIABLES = ["NEON_FETCH_ENDPOINT", "ALLOW_HTTP"];

/** Why these two files may not be deployed; empty when they may. */
export function configurationProblems(api: WorkerConfiguration, consumer: WorkerConfiguration): string[] {
  const problems: string[] = [];
  for (const { file, name, vars } of [api, consumer]) {
    if (name === "") problems.push(`${file}: name is missing`);
    for (const local of LOCAL_VARIABLES) {
      if (vars[local]) problems.push(`${file}: ${local} is for local development alone: leave it empty`);
    }
  }
  const issuer = String(api.vars["JWT_ISSUER"] ?? "");
  if (
    !URL.canParse(issuer) ||
    new URL(issuer).protocol !== "https:" ||
    new URL(issuer).hostname.endsWith(".example")
  ) {
    problems.push(`${api.file}: JWT_ISSUER is to be the API's own https:// address, not "${issuer}"`);
  }
  const consumed = consumer.consumes.map(({ queue }) => queue);
  const deadLetterQueues = consumer.consumes.flatMap(({ deadLetterQueue }) => deadLetterQueue ?? []);
  for (const queue of [...api.produces, ...deadLetterQueues].filter((queue) => !consumed.includes(queue))) {
    problems.push(`${consumer.file}: nothing consumes the queue ${queue}`);
  }
  for (const { queue, deadLetterQueue } of consumer.consumes) {
    if (deadLetterQueue === undefined && !deadLetterQueues.includes(queue)) {
      problems.push(
        `${consumer.file}: ${queue} has no dead_letter_queue: what fails too often would be deleted`,
      );
    }
  }
  return problems;
}

/** Every queue that must exist before the Workers are deployed. */
export function queuesOf(api: WorkerConfiguration, consumer: WorkerConfiguration): string[] {
  const named = consumer.consumes.flatMap(({ queue, deadLetterQueue }) => [queue, deadLetterQueue ?? queue]);
  return [...new Set([...api.produces, ...named])];
}

/** `npm run dev`: both Workers and the database on this machine, reloaded when the code changes. */
import { parseArgs, styleText } from "node:util";
import { CannotRun, runCommand } from "../../ops/command.ts";
import { signInHint } from "./hint.ts";
import { startLocal } from "./stack.ts";
import { aborted, stopSignal } from "./stop-signal.ts";

const DEFAULT_PORT = 8787;
const DEFAULT_DATA_DIR = ".dev";

const DATABASES = {
  embedded: "embedded Postgres",
  postgres: "the Postgres of DATABASE_URL",
  neon: "the Neon database of DATABASE_URL",
} as const;

await runCommand(async () => {
  const { fresh } = readArguments();
  const stopped = stopSignal();
  const stack = await startLocal({
    port: readPort(process.env["PORT"]),
    databaseUrl: process.env["DATABASE_URL"] || undefined,
    dataDir: process.env["DEV_DATA_DIR"] || DEFAULT_DATA_DIR,
    fresh,
    admin: { username: "admin", password: process.env["DEV_ADMIN_PASSWORD"] || undefined },
    cron: process.env["DEV_CRON"] || undefined,
    onLine: (line) => console.log(line),
    signal: stopped,
  }).catch((error: unknown) => {
    if (stopped.aborted) return undefined;
    throw error;
  });
  if (stack === undefined) return 0;

  console.log(
    `\n  ${styleText("bold", "Campaign Manager")} on ${DATABASES[stack.database]}\n\n${signInHint(stack)}`,
  );
  console.log(`  ${styleText("dim", "Ctrl-C stops everything.")}\n`);

  const died = await Promise.race([stack.ended.then(() => true), aborted(stopped).then(() => false)]);
  await stack.stop();
  if (died) throw new CannotRun("The Workers ended unasked; what they said last stands above.");
  return 0;
});

function readArguments(): { fresh: boolean } {
  try {
    const { values } = parseArgs({ options: { fresh: { type: "boolean", default: false } } });
    return { fresh: values.fresh };
  } catch (error) {
    throw new CannotRun(`${(error as Error).message} The only option is --fresh.`);
  }
}

function readPort(text: string | undefined): number {
  const port = text ? Number(text) : DEFAULT_PORT;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new CannotRun("PORT is not a port number.");
  return port;
}

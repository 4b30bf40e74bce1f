/** `npm run deploy [-- --dry-run] [--secrets-file FILE]`: brings production to what this working tree holds. */
import { readFileSync } from "node:fs";
import { parseArgs, styleText } from "node:util";
import * as z from "zod";
import { CannotRun, runCommand } from "../command.ts";
import { parseDatabaseUrl } from "../database/address.ts";
import { migratePostgres } from "../database/migrations.ts";
import { deploy, type Secrets } from "./deploy.ts";

const USAGE = `Usage: npm run deploy [-- [--dry-run] [--secrets-file FILE]]
FILE is JSON: {"campaign-manager-api": {"DATABASE_URL": "…", "JWT_SIGNING_KEY": "…"}, "campaign-manager-consumer": {…}}`;

const MARKS = {
  done: styleText("green", "✓"),
  warning: styleText("yellow", "!"),
  plan: `${styleText("dim", "→")} would`,
};

await runCommand(async () => {
  const { values } = readArguments();
  const secretsFile = values["secrets-file"];
  const databaseUrl = process.env["DATABASE_URL"];
  if (databaseUrl) parseDatabaseUrl(databaseUrl); // a dry run does not open it
  await deploy({
    files: { api: "wrangler.toml", consumer: "wrangler.consumer.toml" },
    migrateDatabase: databaseUrl ? () => migratePostgres(databaseUrl) : undefined,
    secrets: secretsFile === undefined ? {} : readSecrets(secretsFile),
    dryRun: values["dry-run"],
    say: (kind, text) => console.log(`${MARKS[kind]} ${text}`),
  });
  return 0;
});

/** @throws CannotRun for arguments that cannot be used */
function readArguments() {
  try {
    return parseArgs({
      options: { "dry-run": { type: "boolean", default: false }, "secrets-file": { type: "string" } },
    });
  } catch (error) {
    throw new CannotRun(`${(error as Error).message}\n${USAGE}`);
  }
}

/** @throws CannotRun when the file is not there or not of that form */
function readSecrets(path: string): Secrets {
  try {
    return z
      .record(z.string(), z.record(z.string(), z.string()))
      .parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new CannotRun(`${path} does not hold secrets.\n${USAGE}`); // and nothing of what it does hold
  }
}

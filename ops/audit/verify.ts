/** `npm run audit:verify`: whether an audit is as it was written, from an export or from `DATABASE_URL`. */
import { parseArgs, styleText } from "node:util";
import { type Checkpoint, type Finding, verifyChain } from "../../src/audit/chain.ts";
import { readCheckpoint } from "../../src/auth/checkpoints.ts";
import { CannotRun, runCommand } from "../command.ts";
import { readEntries, readJwks, readSignatures } from "./read.ts";

const USAGE = `Usage: npm run audit:verify -- [FILE] [--checkpoints FILE] [--jwks FILE_OR_URL]…

FILE holds an export of the audit: one entry of GET /v1/audit a line, or one page a line; newest or oldest first.
--checkpoints names such a file of GET /v1/audit/checkpoints. Without FILE, DATABASE_URL is read, checkpoints too.
--jwks names public keys that checkpoints were signed with: https://…/.well-known/jwks.json, and kept copies of it
from before key rotations. Without it, rows cut off the end do not show.`;

await runCommand(async () => {
  const { file, checkpointsFile, jwksPlaces } = readArguments();
  const { entries, signatures } =
    file === undefined
      ? await readGivenDatabase()
      : {
          entries: await readEntries(file),
          signatures: checkpointsFile === undefined ? [] : await readSignatures(checkpointsFile),
        };
  const jwks = (await Promise.all(jwksPlaces.map(readJwks))).flat();

  const checkpoints: Checkpoint[] = [];
  const problems: string[] = [];
  if (jwks.length > 0) {
    for (const signature of signatures) {
      const read = await readCheckpoint(jwks, signature);
      if (read.ok) checkpoints.push(read.checkpoint);
      else if (read.reason === "invalid") problems.push("a checkpoint's signature does not hold");
      else problems.push("a checkpoint is signed with a key that no --jwks has");
    }
  }
  problems.push(
    ...(await verifyChain(entries, checkpoints)).map(({ kind, message }: Finding) => `${kind}: ${message}`),
  );

  for (const problem of problems) console.log(`${styleText("red", "✗")} ${problem}`);
  const rows = entries.length === 0 ? "no rows" : `rows ${lowest(entries)} to ${highest(entries)}`;
  const end =
    checkpoints.length === 0
      ? "no checkpoint vouches for the end"
      : `checkpoints: ${checkpoints.length}, the last over row ${highest(checkpoints)}`;
  console.log(
    problems.length === 0
      ? `${styleText("green", "✓")} ${rows} are as they were written; ${end}.`
      : `\nProblems: ${problems.length}, in ${rows}; ${end}.`,
  );
  return problems.length === 0 ? 0 : 1;
});

function lowest(rows: readonly { readonly seq: number }[]): number {
  return rows.reduce((low, { seq }) => Math.min(low, seq), Number.POSITIVE_INFINITY);
}

function highest(rows: readonly { readonly seq: number }[]): number {
  return rows.reduce((high, { seq }) => Math.max(high, seq), 0);
}

/** @throws CannotRun when DATABASE_URL is not set, or nothing answers there */
async function readGivenDatabase() {
  if (!process.env["DATABASE_URL"]) {
    throw new CannotRun(`Neither a file nor DATABASE_URL is given.\n\n${USAGE}`);
  }
  // Imported here, so that checking an export loads no database driver.
  const { readDatabase } = await import("./read-database.ts");
  return readDatabase();
}

/** @throws CannotRun for arguments that cannot be used */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { checkpoints: { type: "string" }, jwks: { type: "string", multiple: true, default: [] } },
    });
    const [file, ...others] = positionals;
    if (others.length > 0) throw new Error("Only one FILE can be checked at a time.");
    if (values.checkpoints !== undefined && file === undefined) {
      throw new Error("--checkpoints goes with a FILE.");
    }
    return { file, checkpointsFile: values.checkpoints, jwksPlaces: values.jwks };
  } catch (error) {
    throw new CannotRun(`${(error as Error).message}\n\n${USAGE}`);
  }
}

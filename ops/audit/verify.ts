/** `npm run audit:verify`: whether an audit is as it was written, from an export or from `DATABASE_URL`. */
import { parseArgs, styleText } from "node:util";
import type { JWK } from "jose";
import { type Checkpoint, type Finding, verifyChain } from "../../src/audit/chain.ts";
import type { AuditEntry } from "../../src/audit/record.ts";
import { readCheckpoint } from "../../src/auth/checkpoints.ts";
import { CannotRun, runCommand } from "../command.ts";
import { type Claim, type Claims, readCheckpoints, readEntries, readJwks, readWitness } from "./read.ts";

const USAGE = `Usage: npm run audit:verify -- [FILE [--checkpoints FILE]] [--jwks FILE_OR_URL]… [--witness FILE]…

FILE holds an export of the audit: one entry of GET /v1/audit a line, or one page a line; newest or oldest first.
--checkpoints names such a file of GET /v1/audit/checkpoints. Without FILE, DATABASE_URL is read, checkpoints too.
--jwks names public keys that checkpoints were signed with: https://…/.well-known/jwks.json, and kept copies of it
from before key rotations. Without it, rows cut off the end do not show.
--witness names a checkpoint that was kept outside the database, which --jwks asks for: whoever cuts the audit can
remove the database's own. GET /v1/audit/checkpoints tells it with every page; or read it from its bucket:
npx wrangler r2 object get campaign-manager-audit/last-checkpoint.json --remote --file FILE`;

await runCommand(async () => {
  const given = readArguments();
  const { entries, claims } =
    given.file === undefined ? await readGivenDatabase() : await readExport(given.file, given.checkpoints);
  const jwks = (await Promise.all(given.jwks.map(readJwks))).flat();
  const kept = (await Promise.all(given.witness.map(readWitness))).flat();

  const problems: string[] = [];
  const inside = await readAll(jwks, claims.inside, problems);
  const outside = await readAll(jwks, [...claims.outside, ...kept], problems);
  const findings = await verifyChain(entries, [...inside, ...outside]);
  problems.push(...findings.map(({ kind, message }: Finding) => `${kind}: ${message}`));
  const witness = newest(outside);
  if (jwks.length > 0 && witness === undefined) {
    problems.push(
      "no_witness: nothing outside the database vouches for where the audit ends: name a --witness",
    );
  }
  // Of an export nobody knows whether it has them all.
  if (witness !== undefined && given.file === undefined && !inside.some((c) => isSameRow(c, witness))) {
    problems.push(
      `checkpoint_removed: the checkpoint over row ${witness.seq} is no longer in the database, but kept outside`,
    );
  }

  for (const problem of problems) console.log(`${styleText("red", "✗")} ${problem}`);
  const rows =
    entries.length === 0
      ? "no rows"
      : `rows ${entries.reduce((low, { seq }) => Math.min(low, seq), Number.POSITIVE_INFINITY)} to ${newest(entries)?.seq}`;
  const last = newest([...inside, ...outside]);
  const end =
    last === undefined
      ? "no checkpoint vouches for the end"
      : `checkpoints: ${inside.length}, the last over row ${last.seq}` +
        (witness === undefined ? "" : `; outside the database: row ${witness.seq}, at ${witness.at}`);
  console.log(
    problems.length === 0
      ? `${styleText("green", "✓")} ${rows} are as they were written; ${end}.`
      : `\nProblems: ${problems.length}, in ${rows}; ${end}.`,
  );
  return problems.length === 0 ? 0 : 1;
});

/** Those that are signed; none without keys. The others are problems. */
async function readAll(
  jwks: readonly JWK[],
  claims: readonly Claim[],
  problems: string[],
): Promise<Checkpoint[]> {
  if (jwks.length === 0) return [];
  const checkpoints: Checkpoint[] = [];
  for (const { seq, signature } of claims) {
    const read = await readCheckpoint(jwks, signature);
    if (read.ok && read.checkpoint.seq === seq) checkpoints.push(read.checkpoint);
    else if (!read.ok && read.reason === "unknown_key") {
      problems.push(`the checkpoint over row ${seq} is signed with a key that no --jwks has`);
    } else problems.push(`the checkpoint over row ${seq} is forged: its signature does not hold`);
  }
  return checkpoints;
}

function newest<Item extends { readonly seq: number }>(items: readonly Item[]): Item | undefined {
  return items.reduce<Item | undefined>(
    (highest, item) => (highest === undefined || item.seq > highest.seq ? item : highest),
    undefined,
  );
}

function isSameRow(a: Checkpoint, b: Checkpoint): boolean {
  return a.seq === b.seq && a.hash === b.hash;
}

interface Audit {
  readonly entries: readonly AuditEntry[];
  readonly claims: Claims;
}

/** @throws CannotRun when a file cannot be read, or holds something else */
async function readExport(file: string, checkpoints: string | undefined): Promise<Audit> {
  const entries = await readEntries(file);
  const none = { inside: [], outside: [] };
  return { entries, claims: checkpoints === undefined ? none : await readCheckpoints(checkpoints) };
}

/** @throws CannotRun when DATABASE_URL is not set, or nothing answers there */
async function readGivenDatabase(): Promise<Audit> {
  if (!process.env["DATABASE_URL"]) {
    throw new CannotRun(`Neither a file nor DATABASE_URL is given.\n\n${USAGE}`);
  }
  // Imported here, so that checking an export loads no database driver.
  const { readDatabase } = await import("./read-database.ts");
  const { entries, checkpoints } = await readDatabase();
  return { entries, claims: { inside: checkpoints, outside: [] } };
}

/** @throws CannotRun for arguments that cannot be used */
function readArguments() {
  const several = { type: "string", multiple: true, default: [] as string[] } as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { checkpoints: { type: "string" }, jwks: several, witness: several },
    });
    const [file, ...others] = positionals;
    if (others.length > 0) throw new Error("Only one FILE can be checked at a time.");
    if (values.checkpoints !== undefined && file === undefined) {
      throw new Error("--checkpoints goes with a FILE.");
    }
    if (values.witness.length > 0 && values.jwks.length === 0) {
      throw new Error("--witness goes with --jwks: it is believed for its signature.");
    }
    return { file, ...values };
  } catch (error) {
    throw new CannotRun(`${(error as Error).message}\n\n${USAGE}`);
  }
}

/** `npm run restore -- FILE`: brings a backup back into the empty, migrated database of `DATABASE_URL`. */
import { parseArgs, styleText } from "node:util";
import { verifyChain } from "../../src/audit/chain.ts";
import { readDatabase } from "../audit/read-database.ts";
import { CannotRun, runCommand } from "../command.ts";
import { givenDatabaseUrl } from "../database/address.ts";
import { connect, databaseFault } from "../database/connect.ts";
import { readLines } from "./format.ts";
import { givenKeys, openerFor, verifiersFor } from "./key.ts";
import { type Loaded, load } from "./load.ts";
import { openSealed, type SealedFile } from "./sealed.ts";

const USAGE = `Usage: npm run restore -- FILE.age [--unsigned] < restore.key
--unsigned takes a file of a version that did not sign. Anybody can have made it: it must come from a place that only
you can write to.`;

await runCommand(async () => {
  const { file, unsigned } = readArguments();
  const keys = await givenKeys(process.stdin);
  const opener = openerFor(keys);
  const databaseUrl = givenDatabaseUrl();
  const sealed = await openSealed(file, unsigned ? "unsigned" : await verifiersFor(keys));
  const { tables, rows, at } = await restore(databaseUrl, sealed, opener).finally(() => sealed.close());
  console.log(`restored ${rows} rows of ${tables} tables, as they were at ${at}`);
  return reportAudit();
});

/** @throws CannotRun when nothing was restored */
async function restore(
  databaseUrl: string,
  sealed: SealedFile,
  opener: ReturnType<typeof openerFor>,
): Promise<Loaded> {
  const client = await connect(databaseUrl);
  try {
    return await load(client, readLines(sealed.text(opener)));
  } catch (error) {
    throw databaseFault("Nothing was restored", error);
  } finally {
    await client.end();
  }
}

/**
 * Whether the audit that was restored is as it was written. It is kept in any case: it is what was backed up.
 * @throws CannotRun when it is not
 */
async function reportAudit(): Promise<number> {
  const { entries, checkpoints } = await readDatabase().catch((error: unknown) => {
    throw databaseFault("Everything was restored, but its audit could not be read", error);
  });
  const findings = await verifyChain(entries, checkpoints);
  for (const { kind, message } of findings) console.log(`${styleText("red", "✗")} ${kind}: ${message}`);
  if (findings.length === 0) {
    console.log(`the audit's ${entries.length} rows are as they were written`);
    return 0;
  }
  throw new CannotRun(
    "Everything was restored, but the audit in the backup is not as it was written: it was changed before the backup " +
      "was made.",
  );
}

/** @throws CannotRun for arguments that cannot be used */
function readArguments(): { file: string; unsigned: boolean } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { unsigned: { type: "boolean", default: false } },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new Error("One FILE is restored.");
    return { file, unsigned: values.unsigned };
  } catch (error) {
    throw new CannotRun(`${(error as Error).message}\n${USAGE}`);
  }
}

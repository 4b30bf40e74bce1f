/**
 * `npm run backup -- FILE`: everything in the database of `DATABASE_URL`, in one file that only its key opens and that
 * says who made it.
 */
import { parseArgs } from "node:util";
import { CannotRun, runCommand } from "../command.ts";
import { givenDatabaseUrl } from "../database/address.ts";
import { connect, databaseFault } from "../database/connect.ts";
import { givenKeys, sealerFor, signerFor } from "./key.ts";
import { seal } from "./sealed.ts";
import { snapshot } from "./snapshot.ts";

await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new CannotRun("Usage: npm run backup -- FILE.age < backup.key");
  const keys = await givenKeys(process.stdin);
  const [sealer, signer] = [await sealerFor(keys), await signerFor(keys)];
  const client = await connect(givenDatabaseUrl());
  try {
    const counts = { tables: 0, rows: 0 };
    const bytes = await seal(snapshot(client, counts), file, sealer, signer);
    console.log(
      `${file}: ${counts.rows} rows of ${counts.tables} tables, ${bytes} bytes, signed with ${signer.kid}`,
    );
    return 0;
  } catch (error) {
    throw databaseFault("No backup was made", error);
  } finally {
    await client.end();
  }
});

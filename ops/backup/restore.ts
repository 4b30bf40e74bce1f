/** `npm run restore -- FILE`: brings a backup back into the empty, migrated database of `DATABASE_URL`. */
import { parseArgs } from "node:util";
import { CannotRun, runCommand } from "../command.ts";
import { givenDatabaseUrl } from "../database/address.ts";
import { connect, databaseFault } from "../database/connect.ts";
import { readLines } from "./format.ts";
import { givenKey, openerFor } from "./key.ts";
import { load } from "./load.ts";
import { unseal } from "./sealed.ts";

await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new CannotRun("Usage: npm run restore -- FILE.age < KEY");
  const key = openerFor(await givenKey(process.stdin));
  const client = await connect(givenDatabaseUrl());
  try {
    const { tables, rows } = await load(client, readLines(unseal(file, key)));
    console.log(`restored ${rows} rows of ${tables} tables`);
    return 0;
  } catch (error) {
    throw databaseFault("Nothing was restored", error);
  } finally {
    await client.end();
  }
});

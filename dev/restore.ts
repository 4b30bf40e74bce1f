/** `npm run restore -- FILE`: brings a backup back into the empty, migrated database of `DATABASE_URL`. */
import { parseArgs } from "node:util";
import { connect, databaseFault } from "./backup/connect.ts";
import { readLines } from "./backup/format.ts";
import { givenKey, openerFor } from "./backup/key.ts";
import { load } from "./backup/load.ts";
import { unseal } from "./backup/sealed.ts";
import { CannotRun, runCommand } from "./command.ts";

await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new CannotRun("Usage: npm run restore -- FILE.age < KEY");
  const key = openerFor(await givenKey(process.stdin));
  const client = await connect(process.env["DATABASE_URL"]);
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

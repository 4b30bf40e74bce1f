/** `npm run db:migrate`: brings the database that `DATABASE_URL` names up to date with `migrations/`. */
import { CannotRun, runCommand } from "../command.ts";
import { migrate } from "./migrations.ts";
import { openLocalDatabase } from "./open.ts";

await runCommand(async () => {
  const databaseUrl = process.env["DATABASE_URL"];
  if (!databaseUrl) {
    throw new CannotRun(
      "DATABASE_URL is not set: it names the database to migrate, postgres://user:password@host/name.",
    );
  }
  const database = await openLocalDatabase(databaseUrl, "");
  try {
    const outcome = await migrate(database);
    for (const tag of outcome.applied) console.log(`applied ${tag}`);
    if (!outcome.ok) throw new CannotRun(outcome.reason);
    if (outcome.applied.length === 0) console.log("nothing to apply: the database is up to date");
    return 0;
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    const message = error instanceof Error ? error.message : String(error);
    // The driver quotes an address it cannot read, password and all.
    throw new CannotRun(`Could not migrate: ${message.replaceAll(databaseUrl, "DATABASE_URL")}`);
  } finally {
    await database.close();
  }
});

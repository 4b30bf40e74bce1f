/** `npm run db:migrate`: brings the database that `DATABASE_URL` names up to date with `migrations/`. */
import { runCommand } from "../command.ts";
import { givenDatabaseUrl } from "./address.ts";
import { migratePostgres } from "./migrations.ts";

await runCommand(async () => {
  const applied = await migratePostgres(givenDatabaseUrl());
  for (const tag of applied) console.log(`applied ${tag}`);
  if (applied.length === 0) console.log("nothing to apply: the database is up to date");
  return 0;
});

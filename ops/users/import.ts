/** `npm run users:import -- FILE`: brings users of another system along, with the hashes of their passwords. */
import { readFile } from "node:fs/promises";
import { styleText } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { findUsernames, importUsers } from "../../src/storage/users.ts";
import { CannotRun, runCommand } from "../command.ts";
import { givenDatabaseUrl } from "../database/address.ts";
import { withGivenDatabase } from "../database/open.ts";
import { parseUsers } from "./csv.ts";
import { OPERATOR } from "./operator.ts";

const USAGE = `Usage: npm run users:import -- FILE

FILE is CSV with the header username,role,hash. A hash is bcrypt ($2a$, $2b$) or argon2id (a PHC string, in quotation
marks, since it holds commas). All users are added to the database of DATABASE_URL, or none. Each keeps their
password; at the next login it is hashed anew, as PASSWORD_HASH says.`;

const PROBLEMS_SHOWN_MAX = 50;

await runCommand(async () => {
  const [file, ...others] = process.argv.slice(2);
  if (file === undefined || others.length > 0) throw new CannotRun(USAGE);
  givenDatabaseUrl(); // before the file is judged
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CannotRun(`${file} cannot be read: ${error.code}.`);
  });
  const parsed = parseUsers(text);
  if (!parsed.ok) throw refusal(parsed.problems);

  const { users } = parsed;
  await withGivenDatabase(async (db) => {
    const usernames = users.map(({ username }) => username);
    const taken = new Set(await findUsernames(db, usernames));
    const clashes = users.filter(({ username }) => taken.has(username));
    if (clashes.length > 0) {
      throw refusal(clashes.map(({ line }) => `line ${line}: there is a user of this name already`));
    }
    const rows = users.map((user) => ({ ...user, id: uuidv7() }));
    const imported = await importUsers(db, rows, OPERATOR);
    if (!imported.ok) {
      throw new CannotRun("Somebody added one of these users meanwhile. Nothing was imported: try again.");
    }
  });
  console.log(`Imported ${styleText("bold", String(users.length))} users.`);
  return 0;
});

function refusal(problems: readonly string[]): CannotRun {
  const more = problems.length - PROBLEMS_SHOWN_MAX;
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).concat(more > 0 ? [`and ${more} more`] : []);
  return new CannotRun(`Nothing was imported:\n  ${shown.join("\n  ")}`);
}

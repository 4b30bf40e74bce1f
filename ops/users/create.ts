/** `npm run users:create -- --username x --role admin`: adds a user to the database that `DATABASE_URL` names. */
import { parseArgs, styleText } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { type PasswordProblem, passwordProblem } from "../../src/auth/password-policy.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import { isRole, ROLES, type Role } from "../../src/auth/roles.ts";
import { prepareUsername, USERNAME_PROBLEMS } from "../../src/auth/usernames.ts";
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from "../../src/limits.ts";
import { createUser } from "../../src/storage/users.ts";
import { CannotRun, runCommand } from "../command.ts";
import { givenDatabaseUrl } from "../database/address.ts";
import { withGivenDatabase } from "../database/open.ts";
import { OPERATOR, randomPassword, SCHEME } from "./operator.ts";
import { readPassword } from "./read-password.ts";

const USAGE = `Usage: npm run users:create -- --username NAME [--role ${ROLES.join("|")}]
The password is asked for, or read from standard input; an empty one means a random one, printed once.`;

const PROBLEMS: Record<PasswordProblem, string> = {
  too_short: `has fewer than ${PASSWORD_CHARS_MIN} characters`,
  too_long: `has more than ${PASSWORD_CHARS_MAX} characters`,
  not_text: "holds NUL or a lone surrogate",
  is_username: "is the username",
  too_common: "is among the commonest",
  context_words: "is little more than the username or the product's name",
};

await runCommand(async () => {
  const { username, role } = readArguments();
  givenDatabaseUrl(); // before a password is asked for

  const given = await readPassword(`Password for ${username} (empty for a random one): `);
  const problem = given === "" ? undefined : passwordProblem(given, username, SCHEME);
  if (problem !== undefined) throw new CannotRun(`The password ${PROBLEMS[problem]}.`);
  const password = given || randomPassword();
  const passwordHash = await hashPassword(password, SCHEME);

  const user = { id: uuidv7(), username, role, passwordHash };
  const created = await withGivenDatabase((db) =>
    createUser(db, user, OPERATOR).catch((error: unknown) => {
      throw new CannotRun(`The database refused: ${reasonOf(error)} Is it migrated (npm run db:migrate)?`);
    }),
  );
  if (!created.ok) throw new CannotRun(`There is a user ${username} already.`);
  console.log(`Created ${role} ${styleText("bold", username)}.`);
  if (given === "") console.log(`Password, shown only now: ${styleText("bold", password)}`);
  return 0;
});

/** @throws CannotRun for arguments that cannot be used */
function readArguments(): { username: string; role: Role } {
  let given: { username?: string; role: string };
  try {
    const options = { username: { type: "string" }, role: { type: "string", default: "user" } } as const;
    given = parseArgs({ options }).values;
  } catch (error) {
    throw new CannotRun(`${(error as Error).message}\n${USAGE}`);
  }
  const { username, role } = given;
  if (username === undefined) throw new CannotRun(`--username is missing.\n${USAGE}`);
  const prepared = prepareUsername(username);
  if (!prepared.ok) throw new CannotRun(`The username ${USERNAME_PROBLEMS[prepared.problem]}.`);
  if (!isRole(role)) throw new CannotRun(`--role is one of ${ROLES.join(", ")}.`);
  return { username: prepared.username, role };
}

/** The SQLSTATE, never the message: that could hold the connection string or the values. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const { code } = cause as { code?: unknown };
  return typeof code === "string" ? `SQLSTATE ${code}.` : "it did not answer.";
}
